"""Which event types a report tells of, how surely, and whether they happened.

A sentence's tags meet the lexicon's event rules; each rule that is met adds its weight to its event type, more in the
title and the first sentences, little in sentences that speak of the past, of what might be, or of games and films.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Final, NamedTuple

from agents.classify.lexicon import EventRule
from agents.classify.matching import Hit
from agents.classify.text import Reading
from schemas.kinds import EventType, Modality

_DAMPING: Final = {
    "flag_historical": 0.25,
    "flag_anniversary": 0.2,
    "flag_hypothetical": 0.35,
    "flag_negated": 0.3,
    "flag_drill": 0.15,
    "flag_figurative": 0.1,
    "flag_future": 0.6,
}
_TITLE, _LEAD, _REST = 2.0, 1.5, 1.0
_SIDE_EVENT: Final = 0.18
"""Share of the main type's score from which another type is named as well."""
_FOILABLE: Final = frozenset({"attack", "explosion", "suicide", "ied", "assassinate", "target", "airstrike", "escape"})
VIOLENT: Final = frozenset({
    "attack", "storm", "shooting", "clash", "ambush", "explosion", "ied", "suicide", "grenade", "bombard", "airstrike",
    "chemical", "assassinate", "execute", "abduct", "kill", "wound", "massacre", "arrest", "raid", "target",
})  # fmt: skip


class Evidence(NamedTuple):
    """An event rule met in a sentence: which, how strongly, and the tokens that met it."""

    rule: str
    type: EventType
    weight: float
    sentence: int
    first: int
    last: int


class Scene(NamedTuple):
    """What a sentence holds."""

    tags: frozenset[str]
    flags: frozenset[str]
    hits: tuple[Hit, ...]
    at: Mapping[int, Sequence[Hit]]
    """The hits by the token at which they begin."""


def scenes(reading: Reading, hits: Sequence[Hit]) -> list[Scene]:
    """The tags and context flags of every sentence; a year before publication makes a sentence historical."""
    found: list[dict[int, list[Hit]]] = [{} for _ in reading.sentences]
    for at, group in groupby(hits, _FIRST):
        found[reading.sentence_of[at]][at] = list(group)
    dated = _YEAR.search(reading.folded) is not None
    scenes_ = []
    for (first, end), told in zip(reading.sentences, found, strict=True):
        here = tuple(chain.from_iterable(told.values()))
        tags = {hit.tag for hit in here}
        if dated and _past_year(reading, first, end):
            tags.add("flag_historical")
        flags = frozenset(tag for tag in tags if tag.startswith("flag_"))
        scenes_.append(Scene(frozenset(tags), flags, here, told))
    return scenes_


_FIRST: Final = attrgetter("first")
_YEAR: Final = re.compile(r"\d{4}")


def _past_year(reading: Reading, first: int, end: int) -> bool:
    this = reading.report.published_at.year
    return any(len(f) == 4 and f.isdecimal() and 1900 <= int(f) < this for f in reading.forms[first:end])


class Rulebook:
    """Event rules filed under the tags that can open them, so that a sentence meets only those that concern it."""

    def __init__(self, rules: Sequence[EventRule]) -> None:
        """Take the rules in the lexicon's order."""
        self._rules = tuple(rules)
        by_tag: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            for tag in rule.all[0]:
                by_tag[tag].append(number)
        self._by_tag = dict(by_tag)

    def asks_for(self, tag: str) -> bool:
        """Whether some rule needs a tag."""
        return any(tag in choice for rule in self._rules for choice in rule.all)

    def met(self, tags: frozenset[str]) -> list[EventRule]:
        """The rules that these tags meet, in the lexicon's order."""
        numbers = {number for tag in tags if tag in self._by_tag for number in self._by_tag[tag]}
        opened = [self._rules[number] for number in sorted(numbers)]
        return [r for r in opened if not any(map(tags.isdisjoint, r.all)) and tags.isdisjoint(r.none)]


def weigh(reading: Reading, scenes_: Sequence[Scene], rules: Rulebook) -> list[Evidence]:
    """Every event rule that some sentence meets, with its weight there."""
    title_end = reading.title_tokens
    found = []
    for index, scene in enumerate(scenes_):
        if not scene.tags:
            continue
        first = reading.sentences[index][0]
        place = _TITLE if first < title_end else _LEAD if index < 3 else _REST
        for flag in scene.flags:
            place *= _DAMPING.get(flag, 1.0)
        for rule in rules.met(scene.tags):
            trigger = next(hit for hit in scene.hits if hit.tag in rule.all[0])
            found.append(Evidence(rule.name, rule.type, rule.weight * place, index, trigger.first, trigger.last))
    return found


def ranked(evidence: Sequence[Evidence]) -> list[EventType]:
    """Event types, the main one first; types with little beside the main one are left out.

    A type's score is its strongest sentence and a third of the others: saying a thing often makes it little truer.
    """
    by_type: dict[EventType, list[float]] = defaultdict(list)
    for e in evidence:
        by_type[e.type].append(e.weight)
    scores = {t: max(w) + (min(sum(w) - max(w), 2 * max(w))) / 3 for t, w in by_type.items()}
    order = sorted(scores, key=lambda t: (-scores[t], t.value))
    return [t for t in order if scores[t] >= _SIDE_EVENT * scores[order[0]]] if order else []


def modality(scenes_: Sequence[Scene], evidence: Sequence[Evidence]) -> Modality:
    """Whether the main event happened, judged in the sentences that tell of it."""
    foiled = any("foil" in s.tags and s.tags & _FOILABLE and not s.flags & {"flag_historical"} for s in scenes_)
    if foiled:
        return Modality.FOILED
    if not evidence:
        return Modality.ACTUAL
    telling = [scenes_[i] for i in dict.fromkeys(e.sentence for e in sorted(evidence, key=lambda e: -e.weight))]
    best = telling[0]
    for flag, kind in (
        ("flag_anniversary", Modality.HISTORICAL),
        ("flag_historical", Modality.HISTORICAL),
        ("flag_hypothetical", Modality.HYPOTHETICAL),
        ("flag_negated", Modality.NEGATED),
        ("flag_drill", Modality.HYPOTHETICAL),
        ("flag_future", Modality.FUTURE),
    ):
        if flag in best.flags and not any(s.tags & VIOLENT and flag not in s.flags for s in telling):
            return kind
    if "flag_attempted" in best.tags and best.tags & (_FOILABLE | {"abduct"}) and "kill" not in best.tags:
        return Modality.ATTEMPTED
    return Modality.ACTUAL
