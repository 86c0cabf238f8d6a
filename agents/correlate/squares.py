"""Squares of a quarter of a degree and parts of a degree, as numbers to file posts under."""

from math import cos, floor, radians
from typing import Final

DEGREE_KM: Final = 111.2
_SIDE: Final = 0.25
_POLAR: Final = 0.1
"""Nearer to a pole than six degrees nobody is told of."""
_EAST: Final = 1
_NORTH: Final = 1 << 12


def square(lat: float, lon: float) -> int:
    """The square of a point, a number of 24 bits; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


def around(of: int) -> list[int]:
    """A square and the eight around it."""
    return [of + north + east for north in (-_NORTH, 0, _NORTH) for east in (-_EAST, 0, _EAST)]


def part(lat: float, lon: float) -> int:
    """The part of the world, a degree wide and high, in which a point lies: a number above 0, below 2 to the 17th."""
    return (floor(lat) + 91) * 360 + floor(lon) % 360


def parts_around(lat: float, lon: float, km: float) -> list[int]:
    """All parts that come so near to a point, and perhaps some beside them."""
    north = km / DEGREE_KM
    east = north / max(cos(radians(min(90.0, abs(lat) + north))), _POLAR)
    rows = range(floor(lat - north), floor(lat + north) + 1)
    columns = range(floor(lon - east), floor(lon + east) + 1)
    return [(row + 91) * 360 + column % 360 for row in rows for column in columns]


def _at(row: int, column: int) -> int:
    return (row + 1024) * _NORTH + (column + 2048) * _EAST
