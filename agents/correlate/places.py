"""Where an incident happened, by what its posts say; and how far two posts' places are apart."""

import math
from collections.abc import Sequence
from typing import Final

from schemas.kinds import Accuracy, PlaceRole
from schemas.records import Place, Sighting

_STANDS_IN: Final = "source's country"
RANK: Final = {accuracy: rank for rank, accuracy in enumerate(Accuracy)}
"""0 is the most exact."""
_NEAR_KM: Final = 15.0
"""A finer place within this distance of the place that most voices name refines it; a farther one contradicts it."""


def event_places(sighting: Sighting) -> list[Place]:
    """The places where the post says it happened, the main one first; context places are left out."""
    main = [sighting.place] if sighting.place is not None and is_told(sighting.place) else []
    return main + [p for p in sighting.places if is_told(p) and p not in main]


def is_told(place: Place) -> bool:
    """Whether the post itself says that it happened there; a source's country only stands in for a place."""
    return place.role is not PlaceRole.CONTEXT and place.method != _STANDS_IN


def distance_km(one: Place, other: Place) -> float | None:
    """Great-circle distance; None where one has no coordinates."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    return kilometres(one.lat, one.lon, other.lat, other.lon)


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance on a sphere of 6,371 km."""
    a, b, c, d = map(math.radians, (lat, lon, other_lat, other_lon))
    inner = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742 * math.asin(min(1.0, math.sqrt(inner)))


def key(place: Place) -> str:
    """What counts as the same name."""
    return place.pcode or f"{place.admin1 or ''}|{(place.name_en or place.name_ar or place.name).lower()}"


def settled(members: Sequence[Sighting]) -> Place | None:
    """The incident's place: the one most voices name, refined by the finest place that lies within it or near it."""
    named = [s.place for s in members if s.place is not None and s.place.role is not PlaceRole.CONTEXT]
    if not named or all(place is named[0] or place == named[0] for place in named):
        return named[0] if named else None
    votes: dict[str, int] = {}
    for place in named:
        if RANK[place.accuracy] < RANK[Accuracy.SUBDISTRICT]:
            votes[key(place)] = votes.get(key(place), 0) + 1
    if not votes:
        return min(named, key=lambda p: (RANK[p.accuracy], key(p)))
    leading = min(votes, key=lambda k: (-votes[k], k))
    lead = min((p for p in named if key(p) == leading), key=lambda p: (RANK[p.accuracy], p.lat is None, p.name))
    finer = [p for p in named if _refines(p, lead)]
    return min(finer, key=lambda p: (RANK[p.accuracy], -votes.get(key(p), 0), key(p)), default=lead)


def _refines(place: Place, lead: Place) -> bool:
    if RANK[place.accuracy] >= RANK[lead.accuracy]:
        return False
    apart = distance_km(place, lead)
    if apart is not None:
        return apart <= _NEAR_KM
    return place.admin1 is not None and place.admin1 == lead.admin1 and place.admin2 in (None, lead.admin2)
