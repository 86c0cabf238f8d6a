"""Which of many posts can join a new one at all: an upper bound of their points, worked out for all of them at once.

Most posts that are found by place or words tell of another place or another day, and nothing else that they have in
common could make up for it. What decides that lies in a table, a row of 64 bytes a post, so that hopeless posts are
passed over without being fetched from all over memory. `same` looks closely at the rest; what it would join is never
passed over here.
"""

from math import cos, nan, radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.correlate import points
from agents.correlate.ground import AT_ONE_KM, CLOSE_KM, DEGREE_KM, LONG_WAY_KM
from agents.correlate.same import DAY, NEARLY_A_DAY
from agents.correlate.scene import Scene
from agents.correlate.traits import Traits

Slots = NDArray[np.uint32]

_COLUMNS: Final = 8
_NAME_BITS: Final = 48
_ODD: Final = 1 << _NAME_BITS
"""What it says together with another cannot be bounded by place and time: claims, posts without coordinates."""
_LANGUAGE: Final = _NAME_BITS + 1
_ANY_LANGUAGE: Final = -1 << _LANGUAGE
_APART: Final = tuple(((km / DEGREE_KM) ** 2, most) for km, most in (
    (AT_ONE_KM, points.GIVEN + points.SAME_COORDINATES + points.MOST_BY_WORDS),
    (CLOSE_KM, points.GIVEN + points.NEAR_PLACE + points.MOST_BY_WORDS_ELSEWHERE),
    (LONG_WAY_KM, points.GIVEN + points.OTHER_PLACE + points.MOST_BY_WORDS_ELSEWHERE),
    (180 * DEGREE_KM, points.GIVEN + points.OTHER_PLACE + points.LONG_WAY_OFF + points.MOST_BY_WORDS_ELSEWHERE),
))  # fmt: skip
"""The most that places of two names up to so far apart (degrees of latitude, squared) and all words can come to."""
_MARGIN: Final = 1.0
"""Degrees: what lies farther north or south is farther than any distance but the last."""
_ONE_TIME: Final = points.SAME_DAY + points.OVERLAPPING_TIME


class Glances:
    """The table, by slot.

    Args:
        join: points from which posts are joined.
    """

    def __init__(self, join: float) -> None:
        self._least = join - points.NOISE
        self._rows: NDArray[np.float64] = np.zeros((1024, _COLUMNS))
        self._flags = self._rows.view(np.int64)[:, -1]
        self._languages: dict[str, int] = {}

    def put(self, slot: int, post: Traits) -> None:
        """Write a post's row; slots are taken into use in order."""
        if slot >= len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._flags = self._rows.view(np.int64)[:, -1]
        scene = post.scene
        self._rows[slot] = (scene.lat, scene.lon, *_times(post), post.killed, post.wounded, 0.0, nan)
        odd = _ODD if _is_odd(post) else 0
        self._flags[slot] = _called(scene) | odd | self._language(post)

    def _language(self, post: Traits) -> int:
        return self._languages.setdefault(post.language, len(self._languages)) << _LANGUAGE

    def hopeful(self, post: Traits, slots: Slots) -> Slots:
        """Those of the slots whose posts may join this one; the same slot may stand there several times."""
        if _is_odd(post):
            return slots
        rows = self._rows.take(slots, axis=0)
        flags = rows.view(np.int64)[:, -1]
        lat, lon, first, last, killed, wounded, _, _ = rows.T
        kept: NDArray[np.bool_] = (flags ^ self._language(post)) & (_ANY_LANGUAGE | _ODD | _called(post.scene)) != 0
        begins, ends = _times(post)
        worth, most_worth = ((first <= ends) & (last >= begins)) * _ONE_TIME, _ONE_TIME
        for mine, theirs in ((post.killed, killed), (post.wounded, wounded)):
            if mine >= 0:
                same = points.same_toll(mine)
                worth += (theirs == mine) * same
                most_worth += same
        north = lat - post.scene.lat
        east = (lon - post.scene.lon) * _shrinking(post.scene.lat)
        apart = north * north + east * east
        for within, most in _APART:
            missing = self._least - most
            if missing <= 0:
                kept |= apart <= within
            elif missing <= most_worth:
                kept |= (apart <= within) & (worth >= missing)
        hopeful: Slots = slots[kept]
        return hopeful


def _is_odd(post: Traits) -> bool:
    return post.claim or post.refers or not post.scene.at


def _called(scene: Scene) -> int:
    """One bit a name; scenes that share a name share a bit."""
    bits = 0
    for name in scene.called:
        bits |= 1 << name % _NAME_BITS
    return bits


def _times(post: Traits) -> tuple[float, float]:
    """A time from and to: two posts that are of one day, or tell of one time, have times that meet."""
    day, published = post.published // DAY * DAY, post.published
    return (
        min(post.start, day, published - NEARLY_A_DAY / 2),
        max(post.end, day + DAY, published + NEARLY_A_DAY / 2),
    )


def _shrinking(lat: float) -> float:
    """How much shorter than a degree of latitude one of longitude is at least, up to some distance north or south."""
    return cos(radians(min(90.0, abs(lat) + _MARGIN)))
