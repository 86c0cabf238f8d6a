"""Where a post tells of: the places that can tell incidents apart, and how exactly they are known."""

from collections.abc import Iterator, Sequence
from math import nan
from typing import Final

import msgspec

from agents.correlate import places, squares
from agents.correlate.names import bones_code, place_code, sounds_code
from schemas.kinds import Accuracy
from schemas.records import Place

NAMES: Final = 6
"""Place names kept of a post."""
COARSE: Final = places.RANK[Accuracy.SUBDISTRICT]
"""From this rank on a place does not tell one incident from another."""
VILLAGE: Final = places.RANK[Accuracy.VILLAGE]
INSIDE: Final = frozenset({Accuracy.EXACT, Accuracy.NEARBY_LANDMARK, Accuracy.STREET, Accuracy.NEIGHBOURHOOD})
"""A quarter or site of a town."""


class Scene(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is known of where; names are codes (`names`), 0 for none."""

    fine: bool
    """A place is known by name below the subdistrict."""
    at: bool
    """The main fine place has coordinates of its own."""
    lat: float
    lon: float
    """Of the main fine place; not a number where unknown."""
    square: int
    """Where that lies (`squares`), 0 where unknown."""
    rank: int
    """Of the main place's accuracy, 0 the most exact."""
    names: tuple[int, ...]
    """Of the fine places, the main one first."""
    bones: int
    """The main name's consonants, for names spelled in several ways or scripts."""
    town: int
    """The town that the main place is or lies in."""
    inside: bool
    """The main place is a quarter or site of that town."""
    admin1: str
    country: str
    spots: int
    """How many fine places are told of."""
    called: tuple[int, ...]
    """The names, with the town's."""


def _without(rank: int, admin1: str, country: str) -> Scene:
    """A scene without any fine place."""
    return Scene(False, False, nan, nan, 0, rank, (), 0, 0, False, admin1, country, 0, ())


_NOWHERE: Final = _without(255, "", "")


def scene(told: Sequence[Place]) -> Scene:
    """Where a post tells of.

    Args:
        told: the places where it says that it happened (`places.event_places`).
    """
    if not told:
        return _NOWHERE
    places_told = fine(told)
    main = places_told[0] if places_told else told[0]
    admin1 = main.admin1 or next((p.admin1 for p in told if p.admin1), None) or ""
    if not places_told:
        return _without(places.RANK[main.accuracy], admin1, main.country or "")
    unlisted, inside = _is_unlisted(main), main.accuracy in INSIDE
    lat, lon = (nan, nan) if main.lat is None or main.lon is None else (main.lat, main.lon)
    square = squares.square(lat, lon)
    names = tuple(dict.fromkeys([place_code(_one_name(p)) for p in places_told]))[:255]
    kept = names[:NAMES]
    town = _town(main, told) if inside else names[0]
    return Scene(
        True,
        square != 0 and not unlisted,
        lat,
        lon,
        square,
        VILLAGE if unlisted else places.RANK[main.accuracy],
        kept,
        _bones(main),
        town,
        inside,
        admin1,
        main.country or "",
        len(names),
        kept if town in (0, *kept) else (*kept, town),
    )


_TOWNS: Final = frozenset({Accuracy.TOWN, Accuracy.CITY, Accuracy.VILLAGE})
_WITHIN_KM: Final = 15.0
_QUARTER_KM: Final = 3.0


def fine(told: Sequence[Place]) -> list[Place]:
    """Places that can tell incidents apart, and not what they are told to lie in."""
    return [place for place in told if _is_fine(place)] if len(told) == 1 else list(_fine(told))


def _fine(told: Sequence[Place]) -> Iterator[Place]:
    quarters = [p for p in told if p.accuracy in INSIDE]
    named = [p for p in told if _is_fine(p)]
    exact = [p for p in named if not _is_countryside(p)]
    for place in exact or named:
        if (
            quarters
            and place.accuracy in _TOWNS
            and any((places.distance_km(place, q) or 0.0) < _QUARTER_KM for q in quarters)
        ):
            continue
        yield place


def _is_fine(place: Place) -> bool:
    return places.RANK[place.accuracy] < COARSE or _is_unlisted(place)


def _town(main: Place, told: Sequence[Place]) -> int:
    """The code of the name of the town that is told beside a quarter or site of it; 0 where none is."""
    around = (p for p in told if p.accuracy in _TOWNS and (places.distance_km(p, main) or 0.0) <= _WITHIN_KM)
    town = next(around, None)
    return place_code(_one_name(town)) if town is not None else 0


def _is_countryside(place: Place) -> bool:
    """Whether only the surroundings of a town are told, بريف إدلب (in the countryside of Idlib)."""
    return place.accuracy is Accuracy.NEAR and not _is_unlisted(place) and (place.radius_m or 0) >= _COUNTRYSIDE_M


_COUNTRYSIDE_M: Final = 15_000


def _bones(place: Place) -> int:
    """What is left of a name however it was spelled; of a quarter's by its sound, since two scripts tell of it."""
    if place.accuracy is Accuracy.NEIGHBOURHOOD and place.site is None and place.name_en:
        return sounds_code(place.name_en)
    return bones_code(_one_name(place))


def _one_name(place: Place) -> str:
    """One name in whatever language and spelling a listed place was told; a site has none but its own."""
    if place.accuracy in INSIDE and place.site is not None:
        return place.name
    if place.neighbourhood and place.name_ar is None:
        return place.neighbourhood  # without "district of"
    return place.name_ar or place.name


def _is_unlisted(place: Place) -> bool:
    """Whether it is a settlement that no list knows: it has a name, and at most the coordinates of a place around.

    Names in Latin letters are left out: they cannot be compared with the Arabic ones.
    """
    if place.method != _BY_PATTERN or place.accuracy in INSIDE:
        return False
    return "\u0600" <= place.name[:1] <= "\u06ff"


_BY_PATTERN: Final = "pattern"
