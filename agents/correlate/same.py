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

from agents.correlate.rules import Rules
from agents.correlate.traits import Row

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
    "main place told by the other, far": -0.5,
    "another place in common": 0.3,
    "same coordinates": 1.0,
    "quarter of the same town": 0.7,
    "same rare kind there": 2.0,  # one town seldom sees two attacks on prisons
    "near place": -0.7,  # up to 3 km
    "other place": -1.8,
    "other name": -2.0,
    "other name, other governorate": -2.0,
    "same governorate": 1.3,
    "other governorate": -1.4,
    "place unknown": 0.0,
    "one place unknown": -0.5,
    "words of a post without place": 3.0,
    "one sums up or looks back": -1.0,
    "several places": -0.2,  # for each doubling
    "same day": 1.9,
    "times apart": -0.5,
    "other event time": -0.5,
    "times contradict": -1.5,
    "another one": -3.5,
    "overlapping time": 0.8,
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
    """What a post has in common with each of several others, 0 where a feature does not apply."""
    cosine = _cosine(new, others)
    root = np.sqrt(cosine)
    foreign: NDArray[np.bool_] = others["language"] != new["language"]
    where = _place(new, others, foreign)
    apart = ~np.logical_or.reduce([where[name] > 0 for name in _SHARED])
    same_source = others["source"] == new["source"]
    return {
        "given": np.ones(len(others)),
        "words": root,
        "words again": cosine,
        "same source": root * same_source,
        "other language": foreign,
        "other language, other type": foreign & (others["family"] != new["family"]),
        **where,
        "words of a post without place": root * (where["place unknown"] > 0),
        "one sums up or looks back": (new["leaf"] & ~new["claim"]) | (others["leaf"] & ~others["claim"]),
        "claim without a place in common": apart & (new["claim"] ^ others["claim"]),
        **_time(new, others),
        **_actors(new, others),
        **_tolls(new, others),
    }


def score(new: Row, others: Row, rules: Rules) -> Column:
    """Points for each of the others; far below zero where two posts must not be compared."""
    found = features(new, others)
    columns = np.empty((len(found), len(others)))
    for place, column in enumerate(found.values()):
        columns[place] = column
    total = np.array([POINTS[name] for name in found]) @ columns
    claims = others["claim"] | new["claim"]
    window = np.where(claims, rules.claim_window.total_seconds(), rules.join_window.total_seconds())
    apart = np.abs(others["published"] - new["published"]) > window
    return np.where(apart | (others["test"] != new["test"]), NEVER, total)


def explain(new: Row, other: Row) -> dict[str, float]:
    """The points between two posts by feature, those that count for nothing left out."""
    told = {name: round(float(POINTS[name] * column[0]), 2) for name, column in features(new, other).items()}
    return {name: points for name, points in told.items() if points}


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
    both = new["fine"] & others["fine"]
    listed = new["at"] & others["at"]
    km = np.where(listed, _kilometres(new, others), np.nan)
    close, far = km <= 3.0, km > 3.0
    mine, theirs = new["names"][0], others["names"]
    spelled_alike = ~listed & (others["bones"] == new["bones"])
    same = both & ((theirs[:, 0] == mine[0]) | spelled_alike) & ~(km > 30.0)
    told = _told_beside(mine, theirs)
    shared = np.zeros(len(others), bool)
    for name in mine[1:][mine[1:] != 0]:
        shared |= (theirs[:, 1:] == name).any(axis=1)
    beside = both & ~same & told
    around = both & ~same & ~told & shared
    rest = both & ~same & ~beside & ~around
    quarter = (
        (beside | rest) & (others["inside"] != new["inside"]) & (others["town"] == new["town"]) & (new["town"] != 0)
    )
    beside, rest = beside & ~quarter, rest & ~quarter
    at_one = rest & (km <= 0.1)
    near = rest & (km > 0.1) & close
    other = rest & far
    unlisted = rest & np.isnan(km)
    rare = (same | quarter | (beside & close)) & ((others["rare"] & new["rare"]) != 0)
    by_admin = ~both
    told_admin = (new["admin1"] != 0) & (others["admin1"] != 0)
    same_admin = told_admin & (others["admin1"] == new["admin1"])
    foreign = (new["country"] != 0) & (others["country"] != 0) & (others["country"] != new["country"])
    small = same & (np.minimum(new["rank"], others["rank"]) <= _VILLAGE)
    spots = _DOUBLINGS[new["spots"]] + _DOUBLINGS[others["spots"]]
    placeless = by_admin & ~told_admin & ~foreign
    return {
        "same place": same,
        "same quarter or village": small,
        "main place told by the other": beside & close,
        "main place told by the other, far": beside & ~close,
        "another place in common": around,
        "same coordinates": at_one,
        "quarter of the same town": quarter,
        "same rare kind there": rare,
        "near place": near,
        "other place": other,
        "other name": unlisted & (same_admin | ~told_admin),
        "other name, other governorate": unlisted & told_admin & ~same_admin,
        "same governorate": by_admin & same_admin & ~foreign_language,
        "other governorate": by_admin & ((told_admin & ~same_admin) | foreign),
        "place unknown": placeless,
        "one place unknown": placeless & (new["fine"] | others["fine"]),
        "several places": spots,
    }


def _told_beside(mine: NDArray[np.uint32], theirs: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether the main place of one post is among the further places of the other."""
    told: NDArray[np.bool_] = (theirs[:, 1:] == mine[0]).any(axis=1)
    for name in mine[1:][mine[1:] != 0]:
        told |= theirs[:, 0] == name
    return told


_VILLAGE: Final = 4
_DOUBLINGS: Final = np.log2(np.minimum(np.maximum(np.arange(256), 1), 5).astype(float))


def _kilometres(new: Row, others: Row) -> Column:
    """Distance on a plane, good to a few per cent below 100 km; not a number where a place has no coordinates."""
    north = (others["lat"] - new["lat"]) * 111.2
    east = (others["lon"] - new["lon"]) * 111.2 * np.cos(np.radians((new["lat"] + others["lat"]).astype(float) / 2))
    apart: Column = np.hypot(north, east).astype(float)
    return apart


def _time(new: Row, others: Row) -> dict[str, Column]:
    gap = np.maximum(new["start"], others["start"]) - np.minimum(new["end"], others["end"])
    day = np.floor(others["published"] / (24 * HOUR)) == np.floor(new["published"] / (24 * HOUR))
    later = np.where(others["published"] > new["published"], others["another"], new["another"])
    soon = np.abs(others["published"] - new["published"]) <= 8 * HOUR
    dated = new["dated"] & others["dated"]
    return {
        "same day": (day | soon),
        "another one": later & (np.abs(others["published"] - new["published"]) > 6 * HOUR),
        "overlapping time": (gap < 0),
        "times apart": ((gap >= 0) & (gap <= 12 * HOUR) & dated),
        "other event time": (gap > 12 * HOUR),
        "times contradict": ((gap > 12 * HOUR) & dated),
    }


def _actors(new: Row, others: Row) -> dict[str, Column]:
    known = (new["attackers"] != 0) & (others["attackers"] != 0)
    shared = (new["attackers"] & others["attackers"]) != 0
    differ = known & ~shared
    agreed = shared & (others["language"] != new["language"])
    if not new["claim"][0] and not others["claim"].any():
        return {"attackers differ": differ, "other language, same attackers": agreed}
    one_claims = new["claim"] ^ others["claim"]
    claimants = np.where(new["claim"], new["claimants"], others["claimants"])
    named = np.where(new["claim"], others["attackers"], new["attackers"])
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
