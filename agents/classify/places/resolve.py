"""Which of the places of one name is meant, or that none is.

Every candidate gets points, each for a reason that can be said in words: how large it is, whether it is what the text
calls it, whether its country or governorate is named too, how far it lies from other places of the text, where the
source sits. A name that is also an ordinary word counts only with a sign that a place is meant.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from agents.classify.places.gazetteer import Entry, Kind, distance_km
from agents.classify.places.mentions import Mention

SETTLEMENTS = frozenset({Kind.CITY, Kind.TOWN, Kind.VILLAGE})
FITTING = {
    Kind.VILLAGE: SETTLEMENTS | {Kind.SUBDISTRICT},
    Kind.TOWN: SETTLEMENTS | {Kind.SUBDISTRICT},
    Kind.CITY: frozenset({Kind.CITY, Kind.TOWN}),
    Kind.NEIGHBOURHOOD: frozenset({Kind.NEIGHBOURHOOD}),
    Kind.DISTRICT: frozenset({Kind.DISTRICT, Kind.SUBDISTRICT, Kind.AREA, Kind.NEIGHBOURHOOD}) | SETTLEMENTS,
    Kind.SUBDISTRICT: frozenset({Kind.SUBDISTRICT}),
    Kind.GOVERNORATE: frozenset({Kind.GOVERNORATE}),
    Kind.CAMP: frozenset({Kind.CAMP}),
    Kind.SITE: frozenset({Kind.SITE, Kind.NEIGHBOURHOOD}) | SETTLEMENTS,
    Kind.AREA: frozenset({Kind.AREA}),
}
"""Which kinds of entry a type word in the text agrees with."""

_PRIOR = {Kind.COUNTRY: 8.0, Kind.REGION: 6.0, Kind.GOVERNORATE: 6.0, Kind.DISTRICT: 2.6, Kind.SUBDISTRICT: 2.3}
FOCUS = frozenset({"SY", "IQ"})
"""Countries whose villages are believed without further sign: those of which the project watches most sources."""
CLOSE_KM, SAME_AREA_KM = 30.0, 80.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """A mention with the place that it means (None: known by its pattern only) and the other places of that name."""

    mention: Mention
    entry: Entry | None
    others: tuple[Entry, ...] = ()
    support: float = 0.0


def resolve(mentions: Sequence[Mention], country: str | None) -> list[Resolved]:
    """Decide for every mention which place it means; mentions that mean none are left out, the order stays.

    Args:
        mentions: what `mentions.scan` found in one text.
        country: the source's country, as evidence.
    """
    anchors = _anchors(mentions)
    votes = Counter({anchor.country: 0 for _, anchor in anchors})
    for anchor in {anchor.ref: anchor for _, anchor in anchors}.values():
        votes[anchor.country] += 1
    found = []
    for number, mention in enumerate(mentions):
        if not mention.entries:
            found.append(Resolved(mention, None))
            continue
        scored = sorted(
            ((_points(e, mention, number, anchors, votes, country), e) for e in mention.entries),
            key=lambda s: (-s[0][0], s[1].ref),
        )
        (_, support), best = scored[0]
        if _believed(best, mention, support, votes, country):
            found.append(
                Resolved(mention, best, tuple(e for _, e in scored[1:4] if distance_km(e, best) > CLOSE_KM), support)
            )
        elif mention.name[0] > "\u05ff" and mention.cue in {Kind.VILLAGE, Kind.TOWN, Kind.NEIGHBOURHOOD, Kind.CAMP}:
            found.append(Resolved(mention, None))
    return found


def _prior(entry: Entry) -> float:
    if entry.kind in _PRIOR:
        return _PRIOR[entry.kind]
    if entry.kind in SETTLEMENTS:
        return max({Kind.CITY: 4.0, Kind.TOWN: 3.0}.get(entry.kind, 1.0), log10(entry.population + 10))
    return 2.0 if entry.kind in {Kind.SITE, Kind.CAMP} else 0.5


def _anchors(mentions: Sequence[Mention]) -> list[tuple[int, Entry]]:
    """Return places that need no help to be understood: one candidate, all in one area, or a far larger one."""
    found = []
    for number, mention in enumerate(mentions):
        plain = [entry for entry in mention.entries if not (entry.common or entry.weak)]
        if not plain:
            continue
        best = max(plain, key=lambda e: (_prior(e), e.ref))
        rivals = [e for e in plain if (e.country, e.admin1 or e.name_en) != (best.country, best.admin1 or best.name_en)]
        if all(_prior(rival) + 2 < _prior(best) for rival in rivals):
            found.append((number, best))
    return found


def _points(
    entry: Entry,
    mention: Mention,
    number: int,
    anchors: list[tuple[int, Entry]],
    votes: Counter[str],
    country: str | None,
) -> tuple[float, float]:
    """Return a candidate's points, and the part of them that other places of the text give."""
    points = _prior(entry) + 0.5 * (entry.country in FOCUS) - 1.0 * entry.weak
    if mention.cue is not None:
        unsure = mention.cue is Kind.CITY and entry.kind is Kind.VILLAGE
        points += 4.0 if entry.kind in FITTING[mention.cue] else 0.0 if unsure else -4.0
    elif entry.kind is Kind.GOVERNORATE:
        points += 2.0 if mention.countryside or mention.direction else 0.0
    elif entry.kind in SETTLEMENTS and not mention.countryside and not mention.direction:
        points += 1.5 if mention.locative else 0.5
    points += 3.0 * (entry.country == country) + 1.5 * min(votes[entry.country], 2)
    support = sum(_nearness(entry, other, number, at) for at, other in anchors if at != number)
    return points + min(support, 12.0), support


def _nearness(entry: Entry, other: Entry, number: int, at: int) -> float:
    if other.ref == entry.ref or other.kind is Kind.COUNTRY:
        return 0.0
    closer = 1.5 if 0 < at - number <= 2 else 1.0
    unit = other.name_en if other.kind is Kind.GOVERNORATE else other.admin1
    if other.country == entry.country and unit and unit in {entry.admin1, entry.name_en}:
        return closer * (4.0 if distance_km(entry, other) <= CLOSE_KM else 3.0)
    far = distance_km(entry, other)
    return closer * (3.0 if far <= CLOSE_KM else 1.0 if far <= SAME_AREA_KM else 0.0)


def _believed(entry: Entry, mention: Mention, support: float, votes: Counter[str], country: str | None) -> bool:
    if entry.kind is Kind.COUNTRY:
        return True
    fits = mention.cue is not None and entry.kind in FITTING[mention.cue]
    here = entry.country == country or votes[entry.country] > 0
    sign = mention.locative or mention.hashtag or mention.near or mention.countryside or bool(mention.direction)
    if entry.kind is Kind.NEIGHBOURHOOD:
        return (fits or (mention.hashtag and not entry.common)) and support > 0
    if all(e.common for e in mention.entries):
        return (fits and (support > 0 or here)) or (sign and support >= 3.0)
    if entry.weak:
        return fits or (sign and support > 0)
    if entry.kind is Kind.VILLAGE and entry.population < 5_000:
        arabic = mention.name[0] > "\u05ff"
        return fits or support > 0 or (sign and (here or (arabic and entry.country in FOCUS)))
    return True
