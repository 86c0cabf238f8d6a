"""Where a point lies, as numbers to file posts under: squares of a sixteenth of a degree, and blocks of them."""

from math import cos, floor, radians
from typing import Final

DEGREE_KM: Final = 111.2
DISTRICT: Final = 4
"""Squares from south to north of a district: a quarter of a degree, 28 km."""
PART: Final = 16
"""And of a part of the world: a degree."""
_SIDE: Final = 0.0625
_NORTH: Final = 1 << 13
_POLAR: Final = 0.1
"""Nearer to a pole than six degrees nobody is told of."""
_ROUNDING: Final = 1.000001


def square(lat: float, lon: float) -> int:
    """The square of a point, a number of 25 bits; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


def block(of: int, size: int) -> int:
    """The block in which a square lies, so many squares wide and high."""
    row, column = _from(of)
    return _at(row // size, column // size)


def around(lat: float, lon: float, km: float, size: int = 1) -> list[int]:
    """All blocks that come so near to a point, and perhaps some beside them; both coordinates must be numbers."""
    north = km / DEGREE_KM * _ROUNDING
    east = north / max(cos(radians(min(90.0, abs(lat) + north))), _POLAR)
    side = _SIDE * size
    rows = range(floor((lat - north) / side), floor((lat + north) / side) + 1)
    columns = range(floor((lon - east) / side), floor((lon + east) / side) + 1)
    return [_at(row, column) for row in rows for column in columns]


def _at(row: int, column: int) -> int:
    return (row + 2048) * _NORTH + column + 4096


def _from(square: int) -> tuple[int, int]:
    return square // _NORTH - 2048, square % _NORTH - 4096
