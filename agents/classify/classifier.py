"""Report → Sighting: the one door of this stage.

A first look (`Matcher.find`) tells whether anything in a report speaks of security at all; only then are figures,
actors, claims and places read.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from agents.classify import actors, claims, events, measures, times
from agents.classify.decision import decide
from agents.classify.languages import LANGUAGES
from agents.classify.lexicon import Lexicon, load
from agents.classify.matching import Matcher
from agents.classify.text import Reading, read
from schemas.kinds import DocRole, EventType, Modality, SourceRole
from schemas.records import Claim, Reason, Report, Sighting
from schemas.taxonomy import CODING

_FALLBACK: Final = "en"
_SHIPPED: Final = ("ar", "en")


class Classifier:
    """Tells of every report whether it speaks of a security incident, and what it says; immutable and thread-safe."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        """Take one lexicon for each language; other languages are read with the English one."""
        self._lexicons = dict(lexicons)
        self._matchers = {
            code: Matcher(
                LANGUAGES[code],
                [(words, term.tag, term.exact) for term in lexicon.terms for words in term.words]
                + list(actors.phrases(code)),
            )
            for code, lexicon in lexicons.items()
        }

    @classmethod
    def default(cls, gazetteer: Path | None = None) -> "Classifier":  # noqa: ARG003
        """The classifier with everything that ships with marqab.

        Args:
            gazetteer: a store made by `marqab gazetteer import`; without it the built-in one.
        """
        return cls({code: load(code) for code in _SHIPPED})

    def classify(self, report: Report) -> Sighting:
        """What the report says of an incident; `relevant` tells whether it says anything of one. Never raises."""
        language = report.language if report.language in self._lexicons else _FALLBACK
        lexicon = self._lexicons[language]
        reading = read(report)
        hits = self._matchers[language].find(reading)
        scenes = events.scenes(reading, hits)
        evidence = events.weigh(reading, scenes, lexicon.rules)
        types = events.ranked(evidence)
        modality = events.modality(scenes, evidence)
        verdict = decide(reading, scenes, evidence, modality)
        mentions = actors.mentions(reading, hits)
        told = claims.claims(reading, scenes, mentions, ()) if evidence else []
        main = types[0] if types else None
        coding = CODING[main] if main else None
        return Sighting(
            post_id=report.post_id,
            revision=report.revision,
            source=report.source,
            native_id=report.native_id,
            url=report.url,
            title=_title(report),
            text=_own_text(reading),
            language=report.language,
            relevant=verdict.relevant,
            score=verdict.score,
            doc_role=_doc_role(report, scenes, told, modality, relevant=verdict.relevant),
            modality=modality,
            event_type=main,
            event_types=types,
            acled_event_type=coding.acled_event_type or None if coding else None,
            acled_sub_event_type=coding.acled_sub_event_type or None if coding else None,
            time=times.event_time(reading, hits, frozenset(e.sentence for e in evidence)),
            actors=actors.summary(reading, mentions) if evidence else [],
            claims=told,
            measures=measures.measures(reading, scenes, mentions),
            origins=[report.source.id],
            tags=_tags(types, modality),
            reasons=_reasons(reading, evidence, verdict.reasons),
            hiding=report.hiding,
            lexicon_version=lexicon.version,
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


def _tags(types: Sequence[EventType], modality: Modality) -> list[str]:
    tags = []
    if EventType.PRISON_ATTACK in types:
        tags.append("prison_attack")
        if modality == Modality.FOILED:
            tags.append("jailbreak_attempt:foiled")
    return tags


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
