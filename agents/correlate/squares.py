"""Squares of a quarter of a degree, as numbers of 24 bits to file posts under; 0 stands for nowhere."""

from math import floor
from typing import Final

_SIDE: Final = 0.25
_EAST: Final = 1
_NORTH: Final = 1 << 12


def square(lat: float, lon: float) -> int:
    """The square of a point; 0 where a coordinate is not a number."""
    return 0 if lat != lat or lon != lon else _at(floor(lat / _SIDE), floor(lon / _SIDE))


def around(of: int) -> list[int]:
    """A square and the eight around it."""
    return [of + north + east for north in (-_NORTH, 0, _NORTH) for east in (-_EAST, 0, _EAST)]


def _at(row: int, column: int) -> int:
    return (row + 1024) * _NORTH + (column + 2048) * _EAST
