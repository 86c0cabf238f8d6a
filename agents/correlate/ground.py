"""What the places of two posts say for or against their telling of one incident."""

from math import cos, hypot, radians
from typing import Final

from agents.correlate import points
from agents.correlate.places import RANK
from agents.correlate.scene import VILLAGE, Scene
from agents.correlate.squares import DEGREE_KM
from agents.correlate.traits import Traits
from schemas.kinds import Accuracy

Ground = tuple[float, bool, bool]
"""Points, whether they name two places of which neither tells the other's, and whether they share ground."""

LONG_WAY_KM: Final = 30.0
CLOSE_KM: Final = 3.0
AT_ONE_KM: Final = 0.1
_ONE_NAME_KM: Final = 30.0
"""Places of one name that are farther apart are two places."""
_QUARTER: Final = RANK[Accuracy.NEIGHBOURHOOD]


def ground(new: Traits, other: Traits) -> Ground:
    """Compare where two posts tell of."""
    mine, theirs = new.scene, other.scene
    foreign = new.language != other.language
    worth = points.SEVERAL_PLACES[mine.spots] + points.SEVERAL_PLACES[theirs.spots]
    if mine.fine and theirs.fine:
        more, elsewhere, shared = _named(new, other, foreign)
        return worth + more, elsewhere, shared
    shared = bool(mine.admin1) and mine.admin1 == theirs.admin1 and not foreign
    if shared:
        worth += points.SAME_GOVERNORATE
    if _contradict(mine, theirs):
        worth += points.OTHER_GOVERNORATE
    elif is_unknown(mine, theirs):
        first, second = (theirs, mine) if other.published < new.published else (mine, theirs)
        worth += points.PLACE_UNKNOWN
        if second.fine and not first.fine:
            worth += points.BEFORE_ANY_PLACE
    return worth, False, shared


def is_unknown(mine: Scene, theirs: Scene) -> bool:
    """Whether one of two posts tells no place to speak of, and nothing contradicts the other's."""
    return not (
        (mine.fine and theirs.fine)
        or (mine.admin1 and theirs.admin1)
        or (mine.country and theirs.country and mine.country != theirs.country)
    )


def _contradict(mine: Scene, theirs: Scene) -> bool:
    """Whether two governorates or countries are told."""
    return bool(
        (mine.admin1 and theirs.admin1 and mine.admin1 != theirs.admin1)
        or (mine.country and theirs.country and mine.country != theirs.country)
    )


def _named(new: Traits, other: Traits, foreign: bool) -> Ground:
    """Both posts name a place: the same one, one of several, or others."""
    mine, theirs = new.scene, other.scene
    km = kilometres(mine, theirs) if mine.at and theirs.at else None
    if (km is None or km <= _ONE_NAME_KM) and _is_one_name(mine, theirs, foreign, listed=km is not None):
        village = mine.rank <= VILLAGE or theirs.rank <= VILLAGE
        return points.SAME_PLACE + (points.SAME_VILLAGE if village else 0.0) + _rare(new, other), False, True
    beside, around = _told_beside(mine.names, theirs.names)
    one_town = mine.town != 0 and mine.town == theirs.town
    if one_town and mine.inside != theirs.inside and (beside or not around):
        follows = other.follows if other.published < new.published else new.follows
        worth = points.QUARTER_OF_TOWN + (points.QUARTER_AFTER_FOLLOW_UP if follows else 0.0)
        return worth + _rare(new, other), False, True
    if beside:
        close = km is not None and km <= CLOSE_KM
        return (points.TOLD_BY_OTHER if close else points.TOLD_BY_OTHER_FAR) + _rare(new, other), False, close
    if around:
        return points.ANOTHER_IN_COMMON, False, True
    if one_town and mine.rank == theirs.rank == _QUARTER:  # both lie at the town's centre, for want of better
        if foreign:  # two names of one town's quarters in two languages prove little
            return points.ANOTHER_QUARTER_OTHER_LANGUAGE + _rare(new, other), True, False
        return points.ANOTHER_QUARTER, True, False
    return _apart(km)


def _apart(km: float | None) -> Ground:
    """Neither post tells the other's place: what their distance says."""
    if km is None:
        return points.OTHER_NAME, True, False
    if km <= AT_ONE_KM:
        return points.SAME_COORDINATES, False, True
    if km <= CLOSE_KM:
        return points.NEAR_PLACE, True, True
    return points.OTHER_PLACE + (points.LONG_WAY_OFF if km > LONG_WAY_KM else 0.0), True, False


def _is_one_name(mine: Scene, theirs: Scene, foreign: bool, *, listed: bool) -> bool:
    """Whether the main places have one name, or one that is spelled in two ways where no list helps."""
    if mine.names[0] == theirs.names[0]:
        return True
    if mine.bones != theirs.bones:
        return False
    one_town = mine.town != 0 and mine.town == theirs.town
    return not listed or (foreign and one_town and mine.rank == theirs.rank == _QUARTER)


def _told_beside(mine: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[bool, bool]:
    """Whether one post's main place is among the other's further places, and whether further places are shared."""
    if len(mine) == 1 and len(theirs) == 1:
        return False, False
    beside = mine[0] in theirs[1:] or theirs[0] in mine[1:]
    return beside, not beside and not set(mine[1:]).isdisjoint(theirs[1:])


def _rare(new: Traits, other: Traits) -> float:
    return points.SAME_RARE_KIND if new.rare & other.rare else 0.0


def kilometres(mine: Scene, theirs: Scene) -> float:
    """Distance on a plane, good to a few per cent below 100 km; both must have coordinates."""
    north = (theirs.lat - mine.lat) * DEGREE_KM
    east = (theirs.lon - mine.lon) * DEGREE_KM * cos(radians((mine.lat + theirs.lat) / 2))
    return hypot(north, east)
