"""A post that tells of several incidents: the figures of the others are none of the one that its sighting is about.

Roundups tell of one place after the other. The nearest place behind a figure (else before it) within its sentence is
where its victims were; where that is far from the sighting's place, the figure is another incident's.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from agents.classify.places.gazetteer import km
from agents.classify.text import Reading, fold
from schemas.kinds import Accuracy, PlaceRole
from schemas.records import Place, Toll

_FAR_KM: Final = 25.0
_NEAR_KM: Final = 12.0
"""A loose place ("near", "countryside of") reaches this far beyond its radius."""
_WIDE: Final = frozenset({Accuracy.COUNTRY, Accuracy.REGION, Accuracy.GOVERNORATE})
_EXACT: Final = frozenset({
    Accuracy.EXACT, Accuracy.NEARBY_LANDMARK, Accuracy.STREET, Accuracy.NEIGHBOURHOOD, Accuracy.VILLAGE, Accuracy.TOWN,
    Accuracy.CITY,
})  # fmt: skip
"""Places that are known well enough to tell two incidents apart."""


def of_one_place(reading: Reading, tolls: Sequence[Toll], places: Sequence[Place], main: Place | None) -> list[Toll]:
    """The ledger rows without those of incidents in other places; sub-counts go with their totals.

    Args:
        reading: the report's tokens.
        tolls: the rows, in the order in which `of_which` counts them.
        places: the places that the report names.
        main: where the sighting's incident happened.
    """
    if main is None or main.accuracy in _WIDE or len(places) < 2 or len(tolls) < 2:
        return list(tolls)
    told = [p for p in places if p.role is not PlaceRole.CONTEXT and p.evidence is not None and p.accuracy in _EXACT]
    stretches = _stretches(reading, tolls)
    away = [_elsewhere(reading, toll, stretches, told, main) for toll in tolls]
    if not any(away) or all(away):
        return list(tolls)
    kept = [
        i for i, toll in enumerate(tolls) if not away[i] and not (toll.of_which is not None and away[toll.of_which])
    ]
    index = {old: new for new, old in enumerate(kept)}
    return [
        replace(tolls[i], of_which=index[of_which]) if (of_which := tolls[i].of_which) is not None else tolls[i]
        for i in kept
    ]


class _Stretch(NamedTuple):
    """A sentence: where it is in the original, and where in the report's text."""

    begin: int
    stop: int
    start: int
    end: int


def _stretches(reading: Reading, tolls: Sequence[Toll]) -> list[_Stretch]:
    """The sentences from the first figure to the last."""
    starts = [toll.evidence.start for toll in tolls if toll.evidence is not None]
    found = []
    for first, end in reading.sentences:
        start, stop = reading.starts[first], reading.ends[end - 1]
        original = reading.report.to_original(start, stop)
        if any(original[0] <= at < original[1] for at in starts):
            found.append(_Stretch(*original, start, stop))
    return found


def _elsewhere(reading: Reading, toll: Toll, stretches: Sequence[_Stretch], told: Sequence[Place], main: Place) -> bool:
    at = toll.evidence.start if toll.evidence is not None else -1
    here = next((s for s in stretches if s.begin <= at < s.stop), None)
    if here is None:
        return False
    spots = [
        (p.evidence.start, p) for p in told if p.evidence is not None and here.begin <= p.evidence.start < here.stop
    ]
    again = fold(reading.report.text[here.start : here.end]).find(fold(main.name))
    if again >= 0:
        spots.append((reading.report.to_original(here.start + again, here.start + again + 1)[0], main))
    if not spots:
        return False
    behind = [spot for spot in spots if spot[0] >= at]
    if not behind and again >= 0:
        return False
    where = min(behind, key=lambda s: s[0]) if behind else max(spots, key=lambda s: s[0])
    return _apart(where[1], main)


def _apart(one: Place, other: Place) -> bool:
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        reach = sum((p.radius_m or 0) / 1000 for p in (one, other) if p.accuracy is Accuracy.NEAR)
        return km(one.lat, one.lon, other.lat, other.lon) > max(_FAR_KM, reach + _NEAR_KM)
    return False
