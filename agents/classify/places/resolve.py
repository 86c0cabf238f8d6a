"""Which of the places of one name is meant, or that none is.

Every candidate gets points, each for a reason that can be said in words: how large it is, whether it is what the text
calls it, whether its country or governorate is named too, how far it lies from other places of the text, where the
source sits. A name that is also an ordinary word counts only with a sign that a place is meant.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log10
from typing import NamedTuple

from agents.classify.places import fold
from agents.classify.places.draft import FOCUS
from agents.classify.places.draft import SETTLED as SETTLEMENTS
from agents.classify.places.gazetteer import Entry, Kind, distance_km
from agents.classify.places.mention import Mention

FITTING = {
    Kind.VILLAGE: SETTLEMENTS | {Kind.SUBDISTRICT},
    Kind.TOWN: SETTLEMENTS | {Kind.SUBDISTRICT},
    Kind.CITY: frozenset({Kind.CITY, Kind.TOWN}),
    Kind.NEIGHBOURHOOD: frozenset({Kind.NEIGHBOURHOOD, Kind.VILLAGE}),
    Kind.DISTRICT: frozenset({Kind.DISTRICT, Kind.SUBDISTRICT, Kind.AREA, Kind.NEIGHBOURHOOD}) | SETTLEMENTS,
    Kind.SUBDISTRICT: frozenset({Kind.SUBDISTRICT}),
    Kind.GOVERNORATE: frozenset({Kind.GOVERNORATE}),
    Kind.CAMP: frozenset({Kind.CAMP}),
    Kind.SITE: frozenset({Kind.SITE, Kind.NEIGHBOURHOOD}) | SETTLEMENTS,
    Kind.AREA: frozenset({Kind.AREA}),
}
"""Which kinds of entry a type word in the text agrees with."""

_PRIOR = {Kind.COUNTRY: 8.0, Kind.REGION: 6.0, Kind.GOVERNORATE: 6.0, Kind.DISTRICT: 2.6, Kind.SUBDISTRICT: 2.3}
REGION = frozenset(
    {
        "SY",
        "IQ",
        "LB",
        "JO",
        "PS",
        "IL",
        "TR",
        "IR",
        "SA",
        "YE",
        "OM",
        "AE",
        "QA",
        "BH",
        "KW",
        "EG",
        "SD",
        "LY",
        "TN",
        "DZ",
        "MA",
    }
)
LARGE, FAR_LARGE = 100_000, 1_000_000
"""A city of so many people is believed in a text that speaks of another country; outside the region it takes more."""
NAMED_BY_PATTERN = frozenset({Kind.VILLAGE, Kind.TOWN, Kind.CITY, Kind.NEIGHBOURHOOD, Kind.CAMP, Kind.AREA})
"""Type words after which a name that the gazetteer does not believe is a place all the same."""
MOST_MENTIONS = 120
"""Names beyond this many in one text are not looked at: comparing all with all costs their square."""
REACH_KM, DIRECTION_KM = 45.0, 110.0
"""How far a village may lie from the town whose countryside it is said to be in, or east of which."""
CLOSE_KM, SAME_AREA_KM = 30.0, 80.0
_FAR_DEGREES = 0.75
"""Degrees of latitude; two places further apart than that are more than `SAME_AREA_KM` apart (a degree is 111 km)."""
_SOON = 2
"""A place named so many mentions behind another one says more of it ("Binnish, Idlib")."""


class Resolved(NamedTuple):
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
    mentions = mentions[:MOST_MENTIONS]
    anchors = _anchors(mentions, country)
    found = []
    for number, mention in enumerate(mentions):
        if not mention.entries:
            found.append(Resolved(mention, None))
            continue
        around = anchors.around(mention)
        scored = [(_points(entry, mention, number, around, country), entry) for entry in mention.entries]
        if len(scored) > 1:
            scored.sort(key=lambda s: (-s[0][0], s[1].ref))
        (_, support), best = scored[0]
        if _believed(best, mention, support, around, country):
            others = tuple(e for _, e in scored[1:4] if distance_km(e, best) > CLOSE_KM)
            found.append(Resolved(mention, best, others, support))
        elif (mention.misspelt or mention.within or mention.name[0] > "\u05ff") and _announced(mention):
            found.append(Resolved(mention, None))
    return _alike(_consistent(found))


class _Anchor(NamedTuple):
    """A place that needs no help to be understood, and the numbers of the mentions that name it."""

    entry: Entry
    numbers: tuple[int, ...]


class _Anchors:
    """All anchors of a text."""

    def __init__(self, found: Iterable[tuple[int, Entry]]) -> None:
        """Group the mentions that name one place."""
        entries: dict[tuple[int, int], Entry] = {}
        numbers: dict[tuple[int, int], list[int]] = {}
        for number, entry in found:
            entries.setdefault(entry.ref, entry)
            numbers.setdefault(entry.ref, []).append(number)
        self.by_ref = {ref: _Anchor(entry, tuple(numbers[ref])) for ref, entry in entries.items()}
        self.by_country = Counter(entry.country for entry in entries.values())
        self._near: dict[tuple[int, int], list[tuple[_Anchor, float]]] = {}

    def around(self, mention: Mention) -> "_Around":
        """The anchors beside those that the mention itself may mean."""
        return _Around(self, frozenset(entry.ref for entry in mention.entries if entry.ref in self.by_ref))

    def near(self, entry: Entry) -> list[tuple[_Anchor, float]]:
        """The anchors that say something for a place, and how much; worked out once for each place of a text."""
        known = self._near.get(entry.ref)
        if known is None:
            country, lat = entry.country, 1000.0 if entry.lat is None else entry.lat
            known = self._near[entry.ref] = []
            for anchor in self.by_ref.values():
                other = anchor.entry
                if other.country != country and (other.lat is None or abs(lat - other.lat) > _FAR_DEGREES):
                    continue  # most of them, and told at a glance
                if nearness := _nearness(entry, other):
                    known.append((anchor, nearness))
        return known


class _Around(NamedTuple):
    """The anchors that speak for or against what one mention may mean."""

    anchors: _Anchors
    own: frozenset[tuple[int, int]]
    """Those that the mention itself may mean: they say nothing."""

    def some(self) -> bool:
        """Whether there are any."""
        return len(self.anchors.by_ref) > len(self.own)

    def in_country(self, country: str) -> int:
        """How many of them lie in a country."""
        own = sum(self.anchors.by_ref[ref].entry.country == country for ref in self.own)
        return self.anchors.by_country[country] - own

    def support(self, entry: Entry, number: int) -> float:
        """The points that the places named near by give a candidate of mention `number`."""
        points = 0.0
        for (anchor, numbers), nearness in self.anchors.near(entry):
            if anchor.ref not in self.own:
                soon = sum(0 < at - number <= _SOON for at in numbers)
                points += nearness * (len(numbers) + 0.5 * soon)
        return points


def _announced(mention: Mention) -> bool:
    return mention.cue in NAMED_BY_PATTERN or (mention.cue is Kind.DISTRICT and mention.hashtag)


def _consistent(found: list[Resolved]) -> list[Resolved]:
    """Forget places that contradict what the text says they lie in.

    `قرية مريمين بريف عفرين` (Maryamin in the countryside of Afrin) is not the Maryamin near Idlib.
    """
    kept = list(found)
    for number, (one, around) in enumerate(pairwise(found)):
        if one.entry is None or around.entry is None or not contains(around.mention) or not follows(one, around):
            continue
        same = one.mention.sentence == around.mention.sentence
        if one.entry.kind <= Kind.GOVERNORATE or around.entry.kind is Kind.COUNTRY or not same:
            continue
        reach = REACH_KM if around.mention.countryside or around.mention.near else DIRECTION_KM
        if not _within(one.entry, around.entry, reach):
            fitting = [entry for entry in one.others if _within(entry, around.entry, reach)]
            chosen = fitting[0] if fitting else None
            kept[number] = Resolved(one.mention, chosen, support=one.support + 5.0 if chosen else 0.0)
    return kept


def _alike(found: list[Resolved]) -> list[Resolved]:
    """Let one name mean one settlement throughout a text: the one for which the rest of the text speaks most."""
    names = [fold.key(one.mention.name) if _settled(one) else "" for one in found]
    best: dict[str, Resolved] = {}
    for name, one in zip(names, found, strict=True):
        if name:
            best[name] = max(best.get(name, one), one, key=lambda r: r.support)
    kept = []
    for name, one in zip(names, found, strict=True):
        other = best.get(name, one)
        differs = other.entry is not one.entry and other.entry != one.entry
        kept.append(one._replace(entry=other.entry, others=other.others) if differs else one)
    return kept


def _settled(one: Resolved) -> bool:
    return one.entry is not None and one.entry.kind >= Kind.CITY


def follows(one: Resolved, around: Resolved) -> bool:
    """Tell whether one place is named right behind another one, so that it may say where that one lies."""
    return 0 <= around.mention.begin - one.mention.last - 1 <= around.mention.linked


def contains(mention: Mention) -> bool:
    """Tell whether a place is named as the wider place around the one named before it."""
    return mention.countryside or mention.locative or mention.near or bool(mention.direction) or mention.cue is not None


def _within(entry: Entry, unit: Entry, reach: float) -> bool:
    if unit.kind is Kind.GOVERNORATE or (unit.kind is Kind.CITY and unit.name_en == unit.admin1):
        return entry.country == unit.country and entry.admin1 in {unit.name_en, ""}
    return distance_km(entry, unit) <= (max(reach, unit.radius_m / 1000) if unit.kind is Kind.REGION else reach)


def _prior(entry: Entry) -> float:
    if entry.kind in _PRIOR:
        return _PRIOR[entry.kind]
    if entry.kind in SETTLEMENTS:
        return max({Kind.CITY: 4.0, Kind.TOWN: 3.0}.get(entry.kind, 1.0), log10(entry.population + 10))
    return 2.0 if entry.kind in {Kind.SITE, Kind.CAMP} else 0.5


def _anchors(mentions: Sequence[Mention], country: str | None) -> _Anchors:
    """Return places that need no help to be understood: one candidate, all in one area, or a far larger one."""
    found = []
    for number, mention in enumerate(mentions):
        if mention.misspelt or not mention.entries:
            continue
        if (best := _anchor(mention.entries, country)) is not None:
            found.append((number, best))
    return _Anchors(found)


def _anchor(entries: Sequence[Entry], country: str | None) -> Entry | None:
    """Return the one of these places of one name that is meant whatever else a text names, if there is one."""
    at_home = country or FOCUS
    plain = [
        entry
        for entry in entries
        if not (entry.common or entry.weak)
        and (entry.kind < Kind.CITY or entry.country in at_home or entry.population >= LARGE)
    ]
    if len(plain) < 2:
        return plain[0] if plain else None

    def weight(entry: Entry) -> float:
        here = entry.country == country if country else entry.country in FOCUS
        return _prior(entry) + (2.5 if here else 0.0)

    weights = [weight(entry) for entry in plain]
    heaviest, _, best = max(zip(weights, (e.ref for e in plain), plain, strict=True), key=lambda w: w[:2])
    area = (best.country, best.admin1 or best.name_en)
    rivals = (entry for entry, weighs in zip(plain, weights, strict=True) if weighs + 2 >= heaviest)
    if any((e.country, e.admin1 or e.name_en) != area and distance_km(e, best) > CLOSE_KM for e in rivals):
        return None
    return best


def _points(entry: Entry, mention: Mention, number: int, around: _Around, country: str | None) -> tuple[float, float]:
    """Return a candidate's points, and the part of them that other places of the text give."""
    known = country is not None or around.some()
    points = _prior(entry) + (0.5 if known else 2.5) * (entry.country in FOCUS) - 1.0 * entry.weak
    if mention.cue is not None:
        unsure = mention.cue is Kind.CITY and entry.kind is Kind.VILLAGE
        points += 4.0 if entry.kind in FITTING[mention.cue] else 0.0 if unsure else -4.0
    elif entry.kind is Kind.GOVERNORATE:
        points += 4.0 if mention.countryside or mention.direction else 0.0
    elif entry.kind in SETTLEMENTS and not mention.countryside and not mention.direction:
        unit = any(e.kind is Kind.GOVERNORATE and e.country == entry.country for e in mention.entries)
        points += -2.5 if unit and (mention.hashtag or mention.lead) else 1.5 if mention.locative else 0.5
    points += 3.0 * (entry.country == country) + 1.5 * min(around.in_country(entry.country), 2)
    support = around.support(entry, number)
    return points + min(support, 12.0), support


def _nearness(entry: Entry, other: Entry) -> float:
    """Return what naming one place, not a whole country, says for another one."""
    if other.ref == entry.ref or other.kind is Kind.COUNTRY:
        return 0.0
    unit = other.name_en if other.kind is Kind.GOVERNORATE else other.admin1
    if other.country == entry.country and unit and unit in {entry.admin1, entry.name_en}:
        return 4.0 if distance_km(entry, other) <= CLOSE_KM else 3.0
    if entry.lat is None or other.lat is None or abs(entry.lat - other.lat) > _FAR_DEGREES:
        return 0.0
    far = distance_km(entry, other)
    return 3.0 if far <= CLOSE_KM else 1.0 if far <= SAME_AREA_KM else 0.0


def _believed(entry: Entry, mention: Mention, support: float, around: _Around, country: str | None) -> bool:
    if mention.misspelt:
        return support >= 3.0
    sign = (
        mention.locative
        or mention.hashtag
        or mention.lead
        or mention.near
        or mention.countryside
        or bool(mention.direction)
    )
    if mention.uncased and (entry.common or not sign or (entry.kind > Kind.GOVERNORATE and entry.population < 500_000)):
        return False
    if mention.partial and not (entry.kind <= Kind.GOVERNORATE or entry.population >= 1_000_000):
        return False
    if entry.kind is Kind.COUNTRY:
        return sign or mention.origin or not entry.common
    fits = mention.cue is not None and entry.kind in FITTING[mention.cue]
    here = entry.country == country or around.in_country(entry.country) > 0
    large = entry.kind is Kind.GOVERNORATE or entry.population >= (LARGE if entry.country in REGION else FAR_LARGE)
    elsewhere = not here and (country is not None or around.some())
    known = not entry.common and (large or (entry.country in FOCUS and country is None))
    if elsewhere and not known:
        return False
    if entry.kind in {Kind.SITE, Kind.CAMP} and " " in mention.name:
        return True
    if entry.kind is Kind.CITY and fits and (entry.country in FOCUS or large):
        return True
    if entry.kind is Kind.NEIGHBOURHOOD and mention.cue is Kind.SITE:
        return support >= 3.0 and len({e.admin1 for e in mention.entries if e.kind is Kind.NEIGHBOURHOOD}) == 1
    if entry.kind is Kind.NEIGHBOURHOOD:
        named = " " in mention.name and sign and here and (fits or not entry.common)
        return named or ((fits or (mention.hashtag and not entry.common)) and support > 0)
    if all(e.common for e in mention.entries):
        if entry.weak:
            return fits and support > 0
        struck = mention.hashtag and mention.locative and here and entry.kind is Kind.CITY  # `#مجزرة_الباب`
        return struck or (fits and (support > 0 or here)) or (sign and support >= 3.0)
    if entry.weak:
        return fits or (sign and support > 0)
    if not large and entry.country not in FOCUS and entry.country != country and support <= 0:
        return fits or (sign and (here or entry.population >= 5_000))
    if entry.kind is Kind.VILLAGE and entry.population < 5_000:
        arabic = mention.name[0] > "\u05ff"
        return fits or support > 0 or (sign and (here or arabic))
    return True
