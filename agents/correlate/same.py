"""Do two posts tell of one incident? An explained score: points for what they have in common.

A wrong merge hides an attack, a missed one repeats an alert. The first is worse: doubt keeps posts apart.

The points are those of a logistic regression on pairs of posts of real incidents (docs/decisions/0041), rounded, so
that a sum of 0 means "as likely as not"; features that a regression on a few hundred incidents
cannot judge (claims, attackers, tolls) were given theirs by hand. `Rules.join` and `Rules.merge` are compared with
the sum.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.correlate.places import RANK
from agents.correlate.rules import Rules
from agents.correlate.traits import Row, code
from schemas.kinds import Accuracy

Column = NDArray[np.float64] | NDArray[np.bool_]

HOUR: Final = 3600.0
NEVER: Final = -1000.0

POINTS: Final = {
    "given": -3.5,
    "words": 6.3,  # times the square root of the weighted cosine
    "words again": -2.0,  # times the cosine
    "other language": 0.9,  # words cannot speak
    "other language, other type": -1.0,
    "same source": -0.6,  # times the square root: an outlet's own turns of phrase
    "same place": 0.9,
    "same quarter or village": 1.2,
    "main place told by the other": 1.5,
    "main place told by the other, far": -1.0,
    "another place in common": 0.3,
    "same coordinates": 1.0,
    "quarter of the same town": 0.7,
    "quarter told after a follow-up": -2.5,  # which names none: it may follow up on an attack on another quarter
    "same rare kind there": 2.0,  # one town seldom sees two attacks on prisons, even where it is not told first
    "near place": -0.7,  # up to 3 km
    "another quarter": -3.5,
    "another quarter, other language": -2.0,  # outlets abroad name the next quarter, or spell it beyond recognition
    "other place": -3.0,
    "a form filled in": -6.0,  # nearly the same words, but for the place
    "a long way off": -8.0,  # two towns whose places are known: no likeness of words makes them one
    "other name": -2.0,
    "other name, other governorate": -2.0,
    "same governorate": 1.3,
    "other governorate": -1.4,
    "place unknown": -0.8,
    "words of a post without place": 4.0,
    "told before any place": -1.0,
    "one sums up or looks back": -1.4,
    "several places": -0.2,  # for each doubling
    "same day": 1.9,
    "times apart": -1.5,
    "other event time": -0.5,
    "times contradict": -1.5,
    "another one": -3.5,
    "overlapping time": 0.8,
    "another deed": -3.5,
    "other victims": -3.5,
    "attackers differ": -0.7,
    "same toll": 1.0,
    "toll far off": -0.5,
    "other language, same attackers": 0.5,
    "claimant named": 3.0,
    "claim without a place in common": -2.5,
    "claimed, nobody named": 0.8,
    "claimant not named": -4.0,
}


_SHARED: Final = (
    "same place", "main place told by the other", "another place in common", "quarter of the same town",
    "same coordinates", "near place", "same governorate",
)  # fmt: skip


def features(new: Row, others: Row) -> dict[str, Column]:
    """What a post has in common with each of several others; features that apply to none of them are left out."""
    cosine = _cosine(new, others)
    root = np.sqrt(cosine)
    foreign: NDArray[np.bool_] = others["language"] != new["language"]
    found: dict[str, Column] = {
        "given": _ALL,
        "words": root,
        "words again": cosine,
        "same source": root * (others["source"] == new["source"]),
    }
    if foreign.any():
        found["other language"] = foreign
        shared = (others["kinds"] & new["kinds"]) != 0
        found["other language, other type"] = foreign & ~shared & (others["family"] != new["family"])
    where = _place(new, others, foreign)
    found |= where
    one_form = cosine >= _ONE_FORM
    if one_form.any() and any(name in where for name in _ELSEWHERE):
        found["a form filled in"] = _apart(where) & one_form
    if "place unknown" in where:
        found["words of a post without place"] = root * where["place unknown"]
    return (
        found
        | _unlike(new, others)
        | _leaves(new, others, where)
        | _time(new, others)
        | _actors(new, others)
        | _tolls(new, others)
    )


def _unlike(new: Row, others: Row) -> dict[str, Column]:
    """Other victims, or another way of attacking, where both posts say; a village seldom sees two attacks a day."""
    city = np.maximum(others["rank"], new["rank"]) >= _CITY
    found: dict[str, Column] = {}
    if new["victims"][0]:
        found["other victims"] = city & (others["victims"] != 0) & ((others["victims"] & new["victims"]) == 0)
    if new["deeds"][0] and new["language"][0] != _ARABIC:
        alien = (others["deeds"] != 0) & ((others["deeds"] & new["deeds"]) == 0)
        found["another deed"] = city & alien & (others["language"] == new["language"])
    return found


_ELSEWHERE: Final = (
    "another quarter",
    "another quarter, other language",
    "other place",
    "near place",
    "other name",
    "other name, other governorate",
)
_ONE_FORM: Final = 0.6
_ALL: Final = np.ones(1)


def elsewhere(new: Row, other: Row) -> bool:
    """Whether two posts name two places, and neither names the other's: then they are no copies either."""
    if all(new[column][0].tolist() == other[column][0].tolist() for column in ("lat", "lon", "names")):
        return False  # one place, as with most copies: not worth looking at closely
    return bool(np.any(_apart(_place(new, other, other["language"] != new["language"]))))


def another_time(new: Row, other: Row, span: float) -> bool:
    """Whether two posts tell of two times: both name one, and they do not meet, or `span` seconds lie between them.

    A short text is a form that is filled in anew every day; then it is no copy of yesterday's.
    """
    gap = max(new["start"][0], other["start"][0]) - min(new["end"][0], other["end"][0])
    apart = abs(float(new["published"][0]) - float(other["published"][0]))
    return bool((new["dated"][0] and other["dated"][0] and gap > HOUR) or apart > span)


def _apart(where: dict[str, Column]) -> NDArray[np.bool_]:
    """Which of the others name another place."""
    told = [where[name] > 0 for name in _ELSEWHERE if name in where]
    return np.logical_or.reduce(told) if told else np.zeros(1, bool)


def _leaves(new: Row, others: Row, where: dict[str, Column]) -> dict[str, Column]:
    """What speaks against joining a claim, a roundup or a piece of background."""
    leaf, leaves = bool(new["leaf"][0]), others["leaf"]
    if not leaf and not leaves.any():
        return {}
    claim, claims = bool(new["claim"][0]), others["claim"]
    apart = ~np.logical_or.reduce(
        [where[name] > 0 for name in _SHARED if name in where] or [np.zeros(len(others), bool)]
    )
    return {
        "one sums up or looks back": (leaf and not claim) | (leaves & ~claims),
        "claim without a place in common": apart & (claim ^ claims),
    }


def score(new: Row, others: Row, rules: Rules) -> Column:
    """Points for each of the others; far below zero where two posts must not be compared."""
    found = features(new, others)
    columns = np.empty((len(found), len(others)))
    for place, column in enumerate(found.values()):
        columns[place] = column
    total: Column = np.array([POINTS[name] for name in found]) @ columns
    window, apart = rules.join_window.total_seconds(), np.abs(others["published"] - new["published"])
    never = apart > window
    if rules.claim_window != rules.join_window:
        claims = others["claim"] | new["claim"]
        never = apart > np.where(claims, rules.claim_window.total_seconds(), window)
    total[never | (others["test"] != new["test"])] = NEVER
    return total


def _cosine(new: Row, others: Row) -> Column:
    """Cosine of the weighted words."""
    known = new["words"][0] != 0
    order = np.argsort(new["words"][0][known])
    codes, weights = new["words"][0][known][order], new["weights"][0][known][order]
    if not len(codes):
        return np.zeros(len(others))
    at = np.minimum(np.searchsorted(codes, others["words"]), len(codes) - 1)
    hit = codes[at] == others["words"]
    cosine: Column = (weights[at] * others["weights"] * hit).sum(axis=1, dtype=np.float64)
    return cosine


def _place(new: Row, others: Row, foreign_language: NDArray[np.bool_]) -> dict[str, Column]:
    both: NDArray[np.bool_] = others["fine"] & new["fine"]
    admins = others["admin1"]
    told_admin = (admins != 0) & (new["admin1"] != 0)
    same_admin = told_admin & (admins == new["admin1"])
    found: dict[str, Column] = {"several places": _DOUBLINGS[others["spots"]] + _DOUBLINGS[new["spots"][0]]}
    if both.any():
        found |= _named_places(new, others, both, same_admin, told_admin, foreign_language)
    by_admin = ~both
    if by_admin.any():
        countries = others["country"]
        foreign = (countries != new["country"]) & (countries != 0) & (new["country"] != 0)
        placeless = by_admin & ~told_admin & ~foreign
        found["same governorate"] = by_admin & same_admin & ~foreign_language
        found["other governorate"] = by_admin & ((told_admin & ~same_admin) | foreign)
        found["place unknown"] = placeless
        earlier = others["published"] < new["published"]
        found["told before any place"] = placeless & np.where(
            earlier, new["fine"] & ~others["fine"], others["fine"] & ~new["fine"]
        )
    return found


def _named_places(
    new: Row,
    others: Row,
    both: NDArray[np.bool_],
    same_admin: NDArray[np.bool_],
    told_admin: NDArray[np.bool_],
    foreign_language: NDArray[np.bool_],
) -> dict[str, Column]:
    """Where both posts name a place (`both`): the same one, one of several, or others."""
    listed = others["at"] & new["at"]
    km = np.where(listed, _kilometres(new, others), np.nan)
    close, far = km <= _CLOSE_KM, km > _CLOSE_KM
    mine, theirs = new["names"][0], others["names"]
    spelled_alike = ~listed & (others["bones"] == new["bones"])
    if new["rank"][0] == _QUARTER and new["town"][0] and foreign_language.any():
        in_town = (others["rank"] == _QUARTER) & (others["town"] == new["town"])
        spelled_alike |= in_town & foreign_language & (others["bones"] == new["bones"])
    same = both & ((theirs[:, 0] == mine[0]) | spelled_alike) & ~(km > _ONE_NAME_KM)
    rest = both & ~same
    beside, around = _told_beside(mine, theirs)
    beside, around = rest & beside, rest & around & ~beside
    rest &= ~(beside | around)
    found: dict[str, Column] = {
        "same place": same,
        "same quarter or village": same & (np.minimum(others["rank"], new["rank"]) <= _VILLAGE),
    }
    quarter = another = _NONE
    if new["town"][0]:
        quarter = (beside | rest) & (others["town"] == new["town"]) & (others["inside"] != new["inside"])
        found["quarter of the same town"] = quarter
        earlier = others["published"] < new["published"]
        found["quarter told after a follow-up"] = quarter & np.where(earlier, others["follows"], new["follows"])
        beside, rest = beside & ~quarter, rest & ~quarter
        if new["rank"][0] == _QUARTER:
            another = rest & (others["town"] == new["town"]) & (others["rank"] == _QUARTER)
            found["another quarter"] = another & ~foreign_language
            if foreign_language.any():
                found["another quarter, other language"] = another & foreign_language
            rest &= ~another  # both lie at the town's centre, for want of better
    if new["rare"][0]:
        abroad = another & foreign_language  # two names of one town's quarters in two languages prove little
        found["same rare kind there"] = (same | quarter | abroad | beside) & ((others["rare"] & new["rare"]) != 0)
    unlisted = rest & ~listed
    return found | {
        "main place told by the other": beside & close,
        "main place told by the other, far": beside & ~close,
        "another place in common": around,
        "same coordinates": rest & (km <= _AT_ONE_KM),
        "near place": rest & close & (km > _AT_ONE_KM),
        "other place": rest & far,
        "a long way off": rest & (km > _LONG_WAY_KM),
        "other name": unlisted & (same_admin | ~told_admin),
        "other name, other governorate": unlisted & told_admin & ~same_admin,
    }


_NONE: Final = np.False_
_CLOSE_KM: Final = 3.0
_AT_ONE_KM: Final = 0.1
_LONG_WAY_KM: Final = 30.0
_ONE_NAME_KM: Final = 30.0
"""Places of one name that are farther apart are two places."""


def _told_beside(mine: NDArray[np.uint32], theirs: NDArray[np.uint32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether one post's main place is among the other's further places, and whether further places are shared."""
    further = theirs[:, 1:]
    told: NDArray[np.bool_] = (further == mine[0]).any(axis=1)
    shared = np.zeros(len(theirs), bool)
    for name in mine[1:].tolist():
        if name:
            told |= theirs[:, 0] == name
            shared |= (further == name).any(axis=1)
    return told, shared


_VILLAGE: Final = 4
_QUARTER: Final = RANK[Accuracy.NEIGHBOURHOOD]
_CITY: Final = RANK[Accuracy.CITY]
_ARABIC: Final = code("ar")
"""Words of other languages are in no list of common ones and all weigh the same: they tell two attacks less apart."""
_DOUBLINGS: Final = np.log2(np.minimum(np.maximum(np.arange(256), 1), 5).astype(float))


def _kilometres(new: Row, others: Row) -> Column:
    """Distance on a plane, good to a few per cent below 100 km; not a number where a place has no coordinates."""
    north = (others["lat"] - new["lat"]) * 111.2
    east = (others["lon"] - new["lon"]) * 111.2 * np.cos(np.radians((new["lat"] + others["lat"]).astype(float) / 2))
    apart: Column = np.hypot(north, east).astype(float)
    return apart


def _time(new: Row, others: Row) -> dict[str, Column]:
    published = others["published"]
    between = np.abs(published - new["published"])
    gap = np.maximum(others["start"], new["start"]) - np.minimum(others["end"], new["end"])
    day = np.floor(published / (24 * HOUR)) == np.floor(new["published"][0] / (24 * HOUR))
    met, far = gap < 0, gap > 12 * HOUR
    found: dict[str, Column] = {
        "same day": day | (between <= 8 * HOUR) | (met & (others["dated"] | new["dated"])),
        "overlapping time": met,
        "other event time": far,
    }
    if new["dated"][0]:
        dated = others["dated"]
        found["times apart"] = dated & (gap >= HOUR) & ~far
        found["times contradict"] = dated & far
    if new["another"][0] or others["another"].any():
        later = np.where(published > new["published"], others["another"], new["another"])
        found["another one"] = later & (between > 6 * HOUR)
    return found


def _actors(new: Row, others: Row) -> dict[str, Column]:
    mine, theirs = new["attackers"], others["attackers"]
    claims = bool(new["claim"][0]) or bool(others["claim"].any())
    if not claims and not mine[0]:
        return {}
    shared = (theirs & mine) != 0
    differ = (theirs != 0) & (mine != 0) & ~shared
    agreed = shared & (others["language"] != new["language"])
    if not claims:
        return {"attackers differ": differ, "other language, same attackers": agreed}
    one_claims = new["claim"] ^ others["claim"]
    claimants = np.where(new["claim"], new["claimants"], others["claimants"])
    named = np.where(new["claim"], theirs, mine)
    agree = one_claims & ((claimants & named) != 0)
    return {
        "attackers differ": (differ & ~one_claims),
        "other language, same attackers": agreed,
        "claimed, nobody named": one_claims & (named == 0),
        "claimant named": agree,
        "claimant not named": (one_claims & (named != 0) & ~agree),
    }


def _tolls(new: Row, others: Row) -> dict[str, Column]:
    same = np.zeros(len(others))
    off = np.zeros(len(others))
    for kind in ("killed", "wounded"):
        mine, theirs = int(new[kind][0]), others[kind]
        if mine >= 0:
            same += (theirs == mine) * min(0.3 + 0.1 * mine, 1.5)
            off += (theirs >= 0) & ((theirs > 3 * mine + 3) | (mine > 3 * theirs + 3))
    return {"same toll": same, "toll far off": off}
