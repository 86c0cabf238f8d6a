"""Which remembered posts are worth comparing with a new one: looked up, never searched through.

A post is filed under the squares (a quarter of a degree) of its place, under its place names and under its weightiest
words, each with the three days in which it was published. Of a square or word that is much spoken of only the latest
posts are looked at, so the cost of a post does not grow with the number of open incidents.
"""

from bisect import insort
from collections.abc import Hashable, Mapping
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.correlate.traits import TRAITS, Row, taken

Slots = NDArray[np.intp]

PERIOD: Final = 72 * 3600.0
CELL: Final = 0.25
WORDS: Final = 12
LATEST: Final = 48
"""How many posts of one square, place name or toll and period are looked at."""
LATEST_OF_WORD: Final = 8
"""How many posts of one word and period."""


class Neighbourhood:
    """The traits of remembered posts, by place and words."""

    def __init__(self) -> None:
        self._pool = np.zeros(1024, TRAITS)
        self._slot: dict[str, int] = {}
        self._order: list[tuple[float, str]] = [_FIRST] * 1024
        """Publication and id of each slot's post: what "latest" means, whichever came first (law 3, and restarts)."""
        self._free = list(range(1023, -1, -1))
        self._under: dict[Hashable, dict[int, list[int]]] = {}
        """Key → period → slots in their order, the latest last."""

    def __len__(self) -> int:
        return len(self._slot)

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._slot

    def traits(self, post_id: str) -> Row:
        """The traits of a remembered post."""
        slot = self._slot[post_id]
        return self._pool[slot : slot + 1]

    def add(self, post_id: str, traits: Row) -> None:
        """File a post, in place of its earlier revision."""
        self.discard(post_id)
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._pool[slot] = traits[0]
        self._slot[post_id] = slot
        order = self._order
        order[slot] = here = (float(traits["published"][0]), post_id)
        period = _period(traits)
        for key in _filed_under(traits):
            slots = self._under.setdefault(key, {}).setdefault(period, [])
            if not slots or order[slots[-1]] <= here:
                slots.append(slot)
            else:
                insort(slots, slot, key=order.__getitem__)

    def _grow(self) -> None:
        size = len(self._pool)
        self._pool = np.concatenate([self._pool, np.zeros(size, TRAITS)])
        self._order += [_FIRST] * size
        self._free = list(range(2 * size - 1, size - 1, -1))

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        slot = self._slot.pop(post_id, None)
        if slot is None:
            return
        traits = self._pool[slot : slot + 1]
        period = _period(traits)
        for key in _filed_under(traits):
            periods = self._under[key]
            periods[period].remove(slot)
            if not periods[period]:
                del periods[period]
                if not periods:
                    del self._under[key]
        self._order[slot] = _FIRST
        self._free.append(slot)

    def of(self, traits: Row, most: int, besides: str) -> tuple[list[str], Row]:
        """The posts to compare with and their traits, those with the most in common first; never `besides` itself."""
        found: list[int] = []
        period = _period(traits)
        for keys, latest in ((_around(traits), LATEST), (_keys(traits), LATEST), (_words(traits), LATEST_OF_WORD)):
            for key in keys:
                for near, slots in self._under.get(key, _NOTHING).items():
                    if -1 <= near - period <= 1:
                        found += slots[-latest:]
        if not found:
            return [], self._pool[:0]
        slots_found = self._most_found(np.array(found, np.intp), float(traits["published"][0]), most)
        own = self._slot.get(besides)
        if own is not None:
            slots_found = slots_found[slots_found != own]
        return [self._order[slot][1] for slot in slots_found.tolist()], taken(self._pool, slots_found)

    def _most_found(self, found: Slots, published: float, most: int) -> Slots:
        """The slots found most often, each once and in order; of equals those published nearest."""
        found.sort()
        first = np.concatenate([_TRUE, found[1:] != found[:-1]]).nonzero()[0]
        slots = found[first]
        if len(slots) <= most:
            return slots
        counts = np.concatenate([first[1:], [len(found)]]) - first
        apart = np.abs(self._pool["published"][slots] - published)
        chosen = np.lexsort((apart, -counts))
        last = chosen[most - 1]
        # Of those that are equal to the last one, the order of posts decides, not that of slots.
        equal = ((counts == counts[last]) & (apart == apart[last])).nonzero()[0]
        if len(equal) > 1:
            rest = {int(at) for at in equal}
            sure = [at for at in chosen[:most].tolist() if at not in rest]
            by_order = sorted(rest, key=lambda at: self._order[int(slots[at])])
            return np.sort(slots[np.array([*sure, *by_order[: most - len(sure)]], np.intp)])
        return np.sort(slots[chosen[:most]])


_FIRST: Final = (-inf, "")
_TRUE: Final = np.array([True])
_NOTHING: Final[Mapping[int, list[int]]] = {}


def _period(traits: Row) -> int:
    return int(traits["published"][0] // PERIOD)


def _words(traits: Row) -> list[int]:
    words: list[int] = traits["words"][0, :WORDS].tolist()
    return [-word for word in words if word]


def _keys(traits: Row) -> list[Hashable]:
    """Place names, a toll in a governorate, and who did it."""
    names: list[int] = traits["names"][0].tolist()
    keys: list[Hashable] = [name for name in names if name]
    admin, killed, wounded = int(traits["admin1"][0]), int(traits["killed"][0]), int(traits["wounded"][0])
    if admin and (killed > 0 or wounded > 0):
        keys.append((admin, killed, wounded))  # reports in two languages share no word, but a toll in a governorate
    named = int(traits["claimants"][0] if traits["claim"][0] else traits["attackers"][0])
    return keys + [("by", bit) for bit in range(64) if named >> bit & 1] if named else keys


def _filed_under(traits: Row) -> list[Hashable]:
    square = _square(traits)
    return [*_keys(traits), *_words(traits), *(() if square is None else (square,))]


def _around(traits: Row) -> list[Hashable]:
    """The square of the place and those around it."""
    square = _square(traits)
    if square is None:
        return []
    north, east = square
    return [(north + n, east + e) for n in (-1, 0, 1) for e in (-1, 0, 1)]


def _square(traits: Row) -> tuple[int, int] | None:
    lat, lon = float(traits["lat"][0]), float(traits["lon"][0])
    return None if lat != lat or lon != lon else (int(lat // CELL), int(lon // CELL))
