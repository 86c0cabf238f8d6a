"""Report → Sighting: the one door of this stage.

A first look (`Matcher.find`) tells whether anything in a report speaks of security at all; only then are figures,
actors, claims and places read.
"""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from agents.classify import actors, claims, events, features, measures, times
from agents.classify.decision import Verdict, decide, decide_by_rules
from agents.classify.facts import Facts
from agents.classify.languages import LANGUAGES
from agents.classify.lexicon import Lexicon, load
from agents.classify.matching import Hit, Matcher
from agents.classify.model import Observed, Scorer, shipped
from agents.classify.origins import Origins
from agents.classify.places import Gazetteer, find_places, main_place
from agents.classify.quantities import Counter, Quantity, quantities
from agents.classify.scope import of_one_place
from agents.classify.text import Reading, read
from agents.classify.tolls import Ledger
from schemas.kinds import DocRole, EventType, FactKind, Modality, SourceRole, TollKind
from schemas.records import Claim, Fact, Reason, Report, Sighting, Toll
from schemas.taxonomy import CODING

SECURITY: Final = frozenset({
    *events.VIOLENT, "injury_scene", "militant", "force", "protest", "riot", "mob", "curfew", "emergency", "road_close",
    "lockdown", "alert", "reinforce", "escape", "release", "exchange", "ceasefire", "base", "loot", "handover",
    "control", "regain", "foil", "defuse", "weapon", "intercept",
    "artillery", "aircraft", "sexual", "group_change", "civilian", "mass_grave",
})  # fmt: skip
"""Tags of which one at least must stand in a report before anything further is read from it."""
_HOPELESS: Final = 0.02
"""Below it a report is not read further: figures and places of a recipe help nobody."""
_FALLBACK: Final = "en"
_SHIPPED: Final = ("ar", "en", "tr")
_SNOWBALL: Final = {"ar": "arabic", "en": "english", "tr": "turkish"}


class _Rules:
    """Everything that one language needs, made once."""

    def __init__(self, lexicon: Lexicon, scorer: Scorer | None) -> None:
        self.scorer = scorer
        language = LANGUAGES[lexicon.language]
        counter = Counter(lexicon, language)
        terms = [(words, term.tag, term.exact) for term in lexicon.terms for words in term.words]
        self.lexicon = lexicon
        self.rulebook = events.Rulebook(lexicon.rules)
        names = list(actors.phrases(lexicon.language))
        if self.rulebook.asks_for(actors.ARMED):
            names += actors.armed(lexicon.language)
        self.matcher = Matcher(language, terms + counter.phrases() + names)
        self._stems = features.Stems(language, _SNOWBALL[lexicon.language])
        self.ledger = Ledger(counter, verb_last=lexicon.language != "ar")
        self.facts = Facts(counter)
        self._counter = counter

    def counted(self, reading: Reading, scenes: Sequence[events.Scene], index: int) -> Mapping[int, Quantity]:
        """What sentence `index` counts, by token."""
        return quantities(self._counter, reading, *reading.sentences[index], scenes[index].at)

    def observe(
        self,
        reading: Reading,
        scenes: Sequence[events.Scene],
        evidence: Sequence[events.Evidence],
        modality: Modality,
    ) -> Observed:
        """The decision's features."""
        found = dict(features.rules(reading, scenes, evidence, modality))
        return Observed(features.genre(reading, scenes), *features.words(self._stems, reading), found)


class Classifier:
    """Tells of every report whether it speaks of a security incident, and what it says; immutable and thread-safe."""

    def __init__(
        self, lexicons: Mapping[str, Lexicon], gazetteer: Gazetteer, scorers: Mapping[str, Scorer | None]
    ) -> None:
        """Take one lexicon for each language (others are read with the English one), the places known, and models.

        Args:
            lexicons: by language code; English must be there.
            gazetteer: places by name.
            scorers: by language code; a language without one is decided by its rules.
        """
        self._rules = {code: _Rules(lexicon, scorers.get(code)) for code, lexicon in lexicons.items()}
        self._gazetteer = gazetteer

    @classmethod
    def default(cls, gazetteer: Path | None = None, scorers: Mapping[str, Scorer] | None = None) -> "Classifier":
        """The classifier with everything that ships with marqab.

        Args:
            gazetteer: a store made by `marqab gazetteer import`; without it the built-in one.
            scorers: models in place of the shipped ones, by language code (see `agents.classify.plugins`).
        """
        lexicons = {code: load(code) for code in _SHIPPED}
        models = {code: shipped(code) for code in _SHIPPED} | dict(scorers or {})
        return cls(lexicons, Gazetteer.default(gazetteer), models)

    def classify(self, report: Report) -> Sighting:
        """What the report says of an incident; `relevant` tells whether it says anything of one. Never raises."""
        rules = self._rules.get(report.language, self._rules[_FALLBACK])
        reading = read(report)
        hits = rules.matcher.find(reading)
        scenes = events.scenes(reading, hits)
        evidence = events.weigh(reading, scenes, rules.rulebook)
        modality = events.modality(scenes, evidence)
        bare = _bare(report, reading, rules.lexicon.version)
        if all(SECURITY.isdisjoint(scene.tags) for scene in scenes):
            return bare
        verdict = self._decide(rules, reading, scenes, evidence, modality)
        modality = verdict.modality
        if not verdict.relevant and verdict.score < _HOPELESS:
            return structs.replace(bare, score=verdict.score, modality=modality, model_version=verdict.model_version)
        types = events.ranked(evidence) or ([EventType.OTHER] if verdict.relevant else [])
        if not types:
            return structs.replace(bare, score=verdict.score, model_version=verdict.model_version)
        told = self._extract(rules, reading, hits, scenes, evidence)
        coding = CODING[types[0]]
        return structs.replace(
            bare,
            **told,
            relevant=verdict.relevant,
            score=verdict.score,
            doc_role=_doc_role(report, scenes, told["claims"], modality, relevant=verdict.relevant),
            modality=modality,
            model_version=verdict.model_version,
            event_type=types[0],
            event_types=types,
            acled_event_type=coding.acled_event_type or None,
            acled_sub_event_type=coding.acled_sub_event_type or None,
            tags=_tags(types, scenes, modality) + _targets(told["facts"]),
            reasons=_reasons(reading, evidence, verdict.reasons),
        )

    def _decide(
        self,
        rules: _Rules,
        reading: Reading,
        scenes: Sequence[events.Scene],
        evidence: Sequence[events.Evidence],
        modality: Modality,
    ) -> Verdict:
        if rules.scorer is None:
            return decide_by_rules(scenes, evidence, modality, reading.report.hiding)
        observed = rules.observe(reading, scenes, evidence, modality)
        return decide(rules.scorer, observed, reading, scenes, evidence, modality)

    def concerns(self, report: Report) -> bool:
        """The prefilter alone: whether anything in the report could be about security."""
        rules = self._rules.get(report.language, self._rules[_FALLBACK])
        return any(hit.tag in SECURITY for hit in rules.matcher.find(read(report)))

    def observe(self, report: Report) -> Observed:
        """What the decision looks at in a report; training sees the same."""
        rules = self._rules.get(report.language, self._rules[_FALLBACK])
        reading = read(report)
        scenes = events.scenes(reading, rules.matcher.find(reading))
        evidence = events.weigh(reading, scenes, rules.rulebook)
        return rules.observe(reading, scenes, evidence, events.modality(scenes, evidence))

    def _extract(
        self,
        rules: _Rules,
        reading: Reading,
        hits: Sequence[Hit],
        scenes: Sequence[events.Scene],
        evidence: Sequence[events.Evidence],
    ) -> dict[str, Any]:
        """Every value that the report states, by the sighting's field."""
        mentions = actors.mentions(reading, scenes)
        origins = Origins(reading, mentions)
        counted = cache(partial(rules.counted, reading, scenes))
        tolls = rules.ledger.rows(reading, scenes, mentions, origins.said_by, counted, _main_sentence(evidence))
        near = sorted({reading.span(e.first, e.last) for e in evidence})
        places = find_places(reading.report, self._gazetteer, near)
        main = main_place(places, reading.report)
        tolls = of_one_place(reading, tolls, places, main)
        return {
            "place": main,
            "places": places,
            "time": times.event_time(reading, hits, frozenset(e.sentence for e in evidence)),
            "actors": actors.summary(reading, mentions, _harmed(tolls)),
            "tolls": tolls,
            "claims": claims.claims(reading, scenes, mentions, tolls),
            "measures": measures.measures(reading, scenes, mentions, places),
            "facts": rules.facts.of(reading, scenes, mentions, origins.said_by, counted),
            "origins": origins.all(),
        }


def _bare(report: Report, reading: Reading, lexicon_version: str) -> Sighting:
    """What is known of every report, whether it tells of an incident or not."""
    return Sighting(
        post_id=report.post_id,
        revision=report.revision,
        source=report.source,
        native_id=report.native_id,
        url=report.url,
        title=_title(report),
        text=_own_text(reading),
        language=report.language,
        relevant=False,
        score=0.0,
        doc_role=DocRole.UNRELATED,
        modality=Modality.ACTUAL,
        time=times.event_time(reading, (), frozenset()),
        origins=[report.source.id],
        hiding=report.hiding,
        lexicon_version=lexicon_version,
        published_at=report.published_at,
        edited_at=report.edited_at,
        fetched_at=report.fetched_at,
        deleted=report.deleted,
        forwarded_from=report.forwarded_from,
        grouped_id=report.grouped_id,
        backfill=report.backfill,
        test=report.test,
    )


def _title(report: Report) -> str | None:
    if not report.title_length or report.source.role == SourceRole.CLAIMS:
        return None
    return report.text[: report.title_length]


def _own_text(reading: Reading) -> str:
    """The report's text without boilerplate."""
    text, kept, last = reading.report.text, [], 0
    for start, end in sorted(reading.report.boilerplate):
        kept.append(text[last : max(start, last)])
        last = max(end, last)
    return "".join([*kept, text[last:]]).strip()


def _doc_role(
    report: Report, scenes: Sequence[events.Scene], told: Sequence[Claim], modality: Modality, *, relevant: bool
) -> DocRole:
    tags = frozenset().union(*(s.tags for s in scenes)) if scenes else frozenset()
    if not relevant:
        return DocRole.BACKGROUND if modality == Modality.HISTORICAL else DocRole.UNRELATED
    if report.source.role == SourceRole.CLAIMS and told:
        return DocRole.CLAIM
    if report.source.role == SourceRole.OFFICIAL:
        return DocRole.OFFICIAL_STATEMENT
    return DocRole.UPDATE if "update" in tags else DocRole.NEW_INCIDENT


def _main_sentence(evidence: Sequence[events.Evidence]) -> int:
    return max(evidence, key=lambda e: (e.weight, -e.sentence)).sentence if evidence else 0


_BLAST: Final = frozenset({"grenade", "suicide", "ied", "explosion"})


def _tags(types: Sequence[EventType], scenes: Sequence[events.Scene], modality: Modality) -> list[str]:
    """Words for what a type alone does not say."""
    told = [s for s in scenes if not s.flags & {"flag_historical", "flag_anniversary"}]
    tags = []
    if EventType.PRISON_ATTACK in types:
        tags.append("prison_attack")
        if modality == Modality.FOILED:
            tags.append("jailbreak_attempt:foiled")
    if any(s.tags & _BLAST and s.tags & {"shooting", "storm"} and s.tags & {"attack", "storm"} for s in told):
        tags.append("complex_attack")
    if any("flag_roundup" in s.flags for s in scenes):
        tags.append("roundup")
    return tags


def _targets(told: Sequence[Fact]) -> list[str]:
    """`target:market` and the like: what was attacked, for severity."""
    return list(dict.fromkeys(f"target:{fact.value}" for fact in told if fact.kind is FactKind.TARGET))


def _harmed(tolls: Sequence[Toll]) -> frozenset[str]:
    kinds = {TollKind.KILLED, TollKind.WOUNDED, TollKind.ABDUCTED}
    return frozenset(t.actor_id for t in tolls if t.actor_id is not None and t.kind in kinds)


_MOST_REASONS: Final = 12


def _reasons(reading: Reading, evidence: Sequence[events.Evidence], verdict: Sequence[Reason]) -> list[Reason]:
    rules: dict[str, events.Evidence] = {}
    for e in sorted(evidence, key=lambda e: (-e.weight, e.first)):
        rules.setdefault(e.rule, e)
    strongest = list(rules.values())[:_MOST_REASONS]
    return [
        Reason(
            rule=f"event.{e.rule}",
            weight=round(e.weight, 2),
            evidence=reading.report.evidence(*reading.span(e.first, e.last), rule=f"event.{e.rule}"),
        )
        for e in strongest
    ] + list(verdict)
