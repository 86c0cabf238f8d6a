"""Which remembered posts are worth comparing with a new one: looked up, never searched through.

A post is filed under the squares (a quarter of a degree) of its places and under its longest words, each with the
three days in which it was published; so the number of comparisons does not grow with the number of open incidents.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Final

from agents.correlate.traits import COARSE, Spot, Traits

PERIOD: Final = 72 * 3600.0
CELL: Final = 0.25
WORDS: Final = 8


class Neighbourhood:
    """Remembered posts by place and words."""

    def __init__(self) -> None:
        self._under: dict[Hashable, dict[str, None]] = {}
        self._filed: dict[str, tuple[Hashable, ...]] = {}

    def __len__(self) -> int:
        return len(self._filed)

    def add(self, traits: Traits) -> None:
        """File a post, in place of its earlier revision."""
        self.discard(traits.post_id)
        period = int(traits.published // PERIOD)
        keys = tuple((key, period) for key in _filed_under(traits))
        self._filed[traits.post_id] = keys
        for key in keys:
            self._under.setdefault(key, {})[traits.post_id] = None

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        for key in self._filed.pop(post_id, ()):
            under = self._under[key]
            del under[post_id]
            if not under:
                del self._under[key]

    def of(self, traits: Traits, most: int) -> list[str]:
        """The posts to compare with, those with the most in common first."""
        period = int(traits.published // PERIOD)
        found: Counter[str] = Counter()
        for key in _looked_up(traits):
            for near in (period, period - 1, period + 1):
                for post in self._under.get((key, near), ()):
                    found[post] += 1
        found.pop(traits.post_id, None)
        return sorted(found, key=lambda post: (-found[post], post))[:most]


def _filed_under(traits: Traits) -> Iterator[Hashable]:
    yield from dict.fromkeys(_square(spot) for spot in traits.spots)
    yield from _distinctive(traits)


def _looked_up(traits: Traits) -> Iterator[Hashable]:
    squares: dict[tuple[int | str, ...], None] = {}
    for spot in traits.spots:
        square = _square(spot)
        squares[square] = None
        if len(square) == 2 and isinstance(square[0], int) and isinstance(square[1], int):
            for north in (-1, 0, 1):
                for east in (-1, 0, 1):
                    squares[square[0] + north, square[1] + east] = None
    yield from squares
    yield from _distinctive(traits)


def _square(spot: Spot) -> tuple[int | str, ...]:
    if spot.lat is None or spot.lon is None or spot.rank >= COARSE:
        return (spot.name,)
    return int(spot.lat // CELL), int(spot.lon // CELL)


def _distinctive(traits: Traits) -> list[str]:
    return sorted(traits.terms, key=lambda word: (-len(word), word))[:WORDS]
