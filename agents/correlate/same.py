"""Do two posts tell of one incident? An explained score; which error is worse decides its thresholds.

A wrong merge hides an attack, a missed one repeats an alert: the first is worse, so that doubt keeps posts apart.
Each feature is worth points that add up; `Rules.join` and `Rules.merge` are compared with the sum.
"""

import math
from typing import Final

from agents.correlate.places import kilometres
from agents.correlate.rules import Rules
from agents.correlate.traits import COARSE, Spot, Traits
from schemas.kinds import EventType
from schemas.taxonomy import CODING

HOUR: Final = 3600.0
NEVER: Final = float("-inf")


def score(one: Traits, other: Traits, rules: Rules) -> dict[str, float]:
    """Points by feature; empty where the two cannot be compared at all (too far apart in time, test and real)."""
    window = rules.claim_window if one.claim or other.claim else rules.join_window
    if one.test != other.test or abs(one.published - other.published) > window.total_seconds():
        return {}
    points = {"place": _place(one, other), "time": _time(one, other), "type": _type(one, other)}
    points["actors"] = _actors(one, other)
    points["tolls"] = _tolls(one, other)
    if one.language == other.language:
        points["words"] = _words(one, other)
    return points


def _place(one: Traits, other: Traits) -> float:
    if not one.spots or not other.spots:
        return 0.0
    return max(_spots(a, b) for a in one.spots for b in other.spots)


def _spots(one: Spot, other: Spot) -> float:
    fine = one.rank < COARSE and other.rank < COARSE
    if one.name == other.name:
        return 3.0 if fine else 1.0
    if one.country and other.country and one.country != other.country:
        return -6.0
    if not fine:
        return 0.5 if one.admin1 is not None and one.admin1 == other.admin1 else -2.0
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return 0.0 if one.admin1 == other.admin1 else -4.0
    apart = kilometres(one.lat, one.lon, other.lat, other.lon)
    if apart <= 3:
        return 2.5
    if apart <= 10:
        return 1.0
    return -1.0 if apart <= 25 else -6.0


def _time(one: Traits, other: Traits) -> float:
    gap = max(one.start, other.start) - min(one.end, other.end)
    if gap <= 12 * HOUR:
        return 1.0
    if one.dated and other.dated:
        return -6.0
    return 0.0 if gap <= 30 * HOUR else -2.0


def _type(one: Traits, other: Traits) -> float:
    if one.main is None or other.main is None or other.main in one.kinds or one.main in other.kinds:
        return 1.0
    return 0.3 if _family(one.main) == _family(other.main) else -0.5


def _family(kind: EventType) -> str:
    return CODING[kind].acled_event_type


def _actors(one: Traits, other: Traits) -> float:
    if one.claim or other.claim:
        claimants = one.claimants if one.claim else other.claimants
        named = other.attackers if one.claim else one.attackers
        return 0.0 if not named else 2.0 if claimants & named else -4.0
    if not one.attackers or not other.attackers:
        return 0.0
    return 0.7 if one.attackers & other.attackers else -1.0


def _tolls(one: Traits, other: Traits) -> float:
    common = set(one.figures) & set(other.figures)
    return min(2.0, sum(0.6 if figure <= 2 else 1.2 for _, figure in common))


def _words(one: Traits, other: Traits) -> float:
    if not one.terms or not other.terms:
        return 0.0
    common = len(one.terms & other.terms)
    return 6.0 * common / math.sqrt(len(one.terms) * len(other.terms)) - 0.8
