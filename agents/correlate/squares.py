"""Squares of a quarter of a degree and parts of a degree, as numbers to file posts under."""

from functools import lru_cache
from math import cos, floor, radians
from typing import Final

DEGREE_KM: Final = 111.2
_SIDE: Final = 0.25
_IN_PART: Final = 4
"""Squares of a part, from north to south."""
_POLAR: Final = 0.1
"""Nearer to a pole than six degrees nobody is told of."""
_EAST: Final = 1
_NORTH: Final = 1 << 12


def square(lat: float, lon: float) -> int:
    """The square of a point, a number of 24 bits; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


@lru_cache(maxsize=8192)
def around(of: int) -> tuple[int, ...]:
    """A square and the eight around it."""
    return tuple([of + north + east for north in (-_NORTH, 0, _NORTH) for east in (-_EAST, 0, _EAST)])


def part(of: int) -> int:
    """The part of the world, a degree wide and high, in which a square lies: a number above 0."""
    row, column = _from(of)
    return _part(row // _IN_PART, column // _IN_PART)


@lru_cache(maxsize=8192)
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
    return (row + 1024) * _NORTH + (column + 2048) * _EAST


def _from(square: int) -> tuple[int, int]:
    return square // _NORTH - 1024, square % _NORTH - 2048
