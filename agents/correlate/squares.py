"""Where a point lies, as numbers to file posts under: squares of a sixteenth of a degree, and blocks of them."""

from functools import lru_cache
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


def square(lat: float, lon: float) -> int:
    """The square of a point, a number of 25 bits; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


def block(of: int, size: int) -> int:
    """The block in which a square lies, so many squares wide and high."""
    row, column = _from(of)
    return _at(row // size, column // size)


def around(of: int, km: float, size: int = 1) -> list[int]:
    """All blocks that come so near to any point of a square, and perhaps some beside them."""
    row, column = _from(of)
    here = _at(row // size, column // size)
    return [here + away for away in _away(row, column % size, km, size)]


@lru_cache(maxsize=32_768)
def _away(row: int, column: int, km: float, size: int) -> tuple[int, ...]:
    """The same as differences from the square's own block.

    Args:
        row: of the square.
        column: of the square within its block.
        km: how near.
        size: squares of a block, from south to north.
    """
    south, west = row * _SIDE, column * _SIDE
    north = km / DEGREE_KM
    farthest = min(90.0, max(abs(south), abs(south + _SIDE)) + north)
    east = north / max(cos(radians(farthest)), _POLAR)
    side, own = _SIDE * size, row // size
    rows = range(floor((south - north) / side), floor((south + _SIDE + north) / side) + 1)
    columns = range(floor((west - east) / side), floor((west + _SIDE + east) / side) + 1)
    return tuple([(row - own) * _NORTH + column for row in rows for column in columns])


def _at(row: int, column: int) -> int:
    return (row + 2048) * _NORTH + column + 4096


def _from(square: int) -> tuple[int, int]:
    return square // _NORTH - 2048, square % _NORTH - 4096
