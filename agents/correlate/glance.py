"""Which of many posts can join a new one at all: an upper bound of their points, from a few plain numbers.

Most posts that are found by place or words tell of another place or another day, and nothing else that they have in
common could make up for it. What decides that lies in a table, a row of 56 bytes a post, so that hopeless posts are
passed over without being fetched from all over memory. `same` looks closely at the rest; what it would join is never
passed over here.
"""

from collections.abc import Iterable
from math import nan
from struct import Struct
from typing import Final

from agents.correlate import points
from agents.correlate.address import NAME_BITS, Address
from agents.correlate.ground import AT_ONE_KM, CLOSE_KM, LONG_WAY_KM
from agents.correlate.squares import DEGREE_KM
from agents.correlate.traits import Traits

_ROW: Final = Struct("=6dq")
"""Where, from when to when, killed and wounded, and what the flags say."""
_ODD: Final = 1 << NAME_BITS
"""What it says together with another cannot be bounded by place and time: claims, posts without coordinates."""
_LANGUAGE: Final = NAME_BITS + 1
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

    def put(self, slot: int, at: Address) -> None:
        """Write a post's row; slots are taken into use in order."""
        start, post = slot * _ROW.size, at.post
        if start >= len(self._rows):
            self._rows.extend(bytes(start + _ROW.size - len(self._rows)))
        flags = at.names | self._language(post) | (_ODD if at.odd else 0)
        lat, lon = post.scene.lat, post.scene.lon
        _ROW.pack_into(self._rows, start, lat, lon, at.begins, at.ends, post.killed, post.wounded, flags)

    def _language(self, post: Traits) -> int:
        return self._languages.setdefault(post.language, len(self._languages) % _LANGUAGES) << _LANGUAGE

    def hopeful(self, at: Address, slots: Iterable[int]) -> list[int]:
        """Those of the slots whose posts may join this one."""
        if at.odd:
            return list(slots)
        post = at.post
        language, telling = self._language(post), _ANY_LANGUAGE | _ODD | at.names
        my_lat, my_lon, shrunk = post.scene.lat, post.scene.lon, at.shrunk
        begins, ends = at.begins, at.ends
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
