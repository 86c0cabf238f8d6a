"""Where a point lies, as numbers to file posts under: squares, districts and parts of the world.

A square is a sixteenth of a degree wide and high (7 km from south to north), a district a quarter, a part a degree.
"""

from functools import lru_cache
from math import cos, floor, radians
from typing import Final

DEGREE_KM: Final = 111.2
_SIDE: Final = 0.0625
_IN_DISTRICT: Final = 4
_IN_PART: Final = 16
"""Squares from south to north."""
_NORTH: Final = 1 << 13
_POLAR: Final = 0.1
"""Nearer to a pole than six degrees nobody is told of."""
_KEPT: Final = 8192
"""Surroundings remembered."""


def square(lat: float, lon: float) -> int:
    """The square of a point, a number of 25 bits; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


@lru_cache(maxsize=_KEPT)
def around(of: int) -> tuple[int, ...]:
    """A square, or a district, and the eight around it."""
    return tuple([of + north + east for north in (-_NORTH, 0, _NORTH) for east in (-1, 0, 1)])


def district(of: int) -> int:
    """The district in which a square lies."""
    row, column = _from(of)
    return _at(row // _IN_DISTRICT, column // _IN_DISTRICT)


def part(of: int) -> int:
    """The part of the world in which a square lies."""
    row, column = _from(of)
    return _part(row // _IN_PART, column // _IN_PART)


@lru_cache(maxsize=_KEPT)
def parts_around(of: int, km: float) -> tuple[int, ...]:
    """All parts that come so near to any point of a square, and perhaps some beside them."""
    row, column = _from(of)
    south, west = row * _SIDE, column * _SIDE
    north = km / DEGREE_KM
    east = north / max(cos(radians(min(90.0, abs(south) + _SIDE + north))), _POLAR)
    rows = range(floor(south - north), floor(south + _SIDE + north) + 1)
    columns = range(floor(west - east), floor(west + _SIDE + east) + 1)
    return tuple([_part(row, column) for row in rows for column in columns])


def _part(row: int, column: int) -> int:
    return (row + 91) * 360 + column % 360


def _at(row: int, column: int) -> int:
    return (row + 2048) * _NORTH + column + 4096


def _from(square: int) -> tuple[int, int]:
    return square // _NORTH - 2048, square % _NORTH - 4096
