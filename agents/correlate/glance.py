"""Which of many posts can join a new one at all: an upper bound of their points, from a few plain numbers.

Most posts that are found by place or words tell of another place or another day, and nothing else that they have in
common could make up for it. What decides that lies in a table, a row of 56 bytes a post, so that hopeless posts are
passed over without being fetched from all over memory. `same` looks closely at the rest; what it would join is never
passed over here.
"""

from collections.abc import Iterable
from math import cos, nan, radians
from struct import Struct
from typing import Final

from agents.correlate import points
from agents.correlate.ground import AT_ONE_KM, CLOSE_KM, LONG_WAY_KM
from agents.correlate.same import DAY, NEARLY_A_DAY
from agents.correlate.scene import Scene
from agents.correlate.squares import DEGREE_KM
from agents.correlate.traits import Traits

_ROW: Final = Struct("=6dq")
"""Where, from when to when, killed and wounded, and what the flags say."""
_NAME_BITS: Final = 48
_ODD: Final = 1 << _NAME_BITS
"""What it says together with another cannot be bounded by place and time: claims, posts without coordinates."""
_LANGUAGE: Final = _NAME_BITS + 1
_LANGUAGES: Final = 1 << 63 - _LANGUAGE
"""More than there are: what a source says of its language may be anything."""
_ANY_LANGUAGE: Final = -1 << _LANGUAGE
_APART: Final = tuple(((km / DEGREE_KM) ** 2, most) for km, most in (
    (AT_ONE_KM, points.GIVEN + points.SAME_COORDINATES + points.MOST_BY_WORDS),
    (CLOSE_KM, points.GIVEN + points.NEAR_PLACE + points.MOST_BY_WORDS_ELSEWHERE),
    (LONG_WAY_KM, points.GIVEN + points.OTHER_PLACE + points.MOST_BY_WORDS_ELSEWHERE),
    (360 * DEGREE_KM, points.GIVEN + points.OTHER_PLACE + points.LONG_WAY_OFF + points.MOST_BY_WORDS_ELSEWHERE),
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
        least = join - points.NOISE
        self._missing = [(within, least - most) for within, most in _APART]
        """What time and tolls must give of places up to so far apart."""
        self._rows = bytearray()
        self._languages: dict[str, int] = {}

    def put(self, slot: int, post: Traits) -> None:
        """Write a post's row; slots are taken into use in order."""
        at, scene = slot * _ROW.size, post.scene
        if at >= len(self._rows):
            self._rows.extend(bytes(at + _ROW.size - len(self._rows)))
        flags = _called(scene) | self._language(post) | (_ODD if is_odd(post) else 0)
        _ROW.pack_into(self._rows, at, scene.lat, scene.lon, *_times(post), post.killed, post.wounded, flags)

    def _language(self, post: Traits) -> int:
        return self._languages.setdefault(post.language, len(self._languages) % _LANGUAGES) << _LANGUAGE

    def hopeful(self, post: Traits, slots: Iterable[int]) -> list[int]:
        """Those of the slots whose posts may join this one."""
        if is_odd(post):
            return list(slots)
        language, telling = self._language(post), _ANY_LANGUAGE | _ODD | _called(post.scene)
        my_lat, my_lon, shrunk = post.scene.lat, post.scene.lon, _shrinking(post.scene.lat)
        begins, ends = _times(post)
        tolls = [(toll, points.same_toll(toll)) if toll >= 0 else (nan, 0.0) for toll in (post.killed, post.wounded)]
        (my_killed, as_killed), (my_wounded, as_wounded) = tolls
        most = _ONE_TIME + as_killed + as_wounded
        hopeful, rows, read, size = [], self._rows, _ROW.unpack_from, _ROW.size
        (one, at_one), (close, at_close), (far, at_far), (_, beyond) = self._missing
        for slot in slots:
            lat, lon, first, last, killed, wounded, flags = read(rows, slot * size)
            if (flags ^ language) & telling:
                hopeful.append(slot)
                continue
            north, east = lat - my_lat, (lon - my_lon) * shrunk
            apart = north * north + east * east
            missing = beyond if apart > far else at_far if apart > close else at_close if apart > one else at_one
            if missing > most:
                continue
            if missing > 0:
                if first <= ends and last >= begins:
                    missing -= _ONE_TIME
                if killed == my_killed:
                    missing -= as_killed
                if wounded == my_wounded:
                    missing -= as_wounded
            if missing <= 0:
                hopeful.append(slot)
        return hopeful


def is_odd(post: Traits) -> bool:
    """Whether place and time alone never speak against it: a claim, a look back, a post without coordinates."""
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
