"""Numbers of posts, filed under keys in the order of publication.

Most keys (a rare word of a district, a village) stand for one post only, so that one post is filed as its bare number.
Of a key that is much spoken of only the posts published next before and after a moment are found.
"""

from array import array
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

from agents.correlate.graph import Key

Slots: TypeAlias = "array[int]"
"""Numbers of posts in the order of their publication, the latest last."""
Drawer: TypeAlias = "int | array[int]"
"""The only number, or all."""
Drawers: TypeAlias = dict[Hashable, Drawer]
"""By what they are filed under."""


class Clock:
    """When the posts were published, by their numbers."""

    def __init__(self) -> None:
        self.order: list[Key] = []
        self.published = array("d")

    def put(self, slot: int, order: Key) -> None:
        """Take a number into use, at most one greater than the greatest before."""
        if slot == len(self.order):
            self.order.append(order)
            self.published.append(order[0])
        else:
            self.order[slot], self.published[slot] = order, order[0]

    def place(self, slots: Slots, slot: int) -> int:
        """Where a number belongs among others: behind itself, where it is one of them."""
        order = self.order[slot]
        place = bisect_right(slots, order[0], key=self.published.__getitem__)
        while place and self.order[slots[place - 1]] > order:
            place -= 1
        return place

    def nearest(self, slots: Sequence[int], published: float, most: int) -> list[int]:
        """Of these numbers so many, those published nearest to a moment, and others no farther from it."""
        if len(slots) <= most:
            return list(slots)
        times = self.published
        apart = [abs(times[slot] - published) for slot in slots]
        limit = sorted(apart)[most - 1]
        return [slot for slot, gap in zip(slots, apart, strict=True) if gap <= limit]


def put(under: Drawers, key: Hashable, slot: int, clock: Clock) -> None:
    """File a number that the clock knows under a key."""
    held, order = under.get(key), clock.order
    if held is None:
        under[key] = slot
    elif isinstance(held, int):
        under[key] = array("I", (held, slot) if order[held] < order[slot] else (slot, held))
    elif order[held[-1]] < order[slot]:  # most posts are the latest
        held.append(slot)
    else:
        held.insert(clock.place(held, slot), slot)


def discard(under: Drawers, key: Hashable, slot: int, clock: Clock) -> None:
    """Take a number out that is filed under a key."""
    held = under[key]
    if isinstance(held, int) or len(held) == 1:
        del under[key]
    else:
        del held[clock.place(held, slot) - 1]


def is_cut(drawers: Iterable[Drawer], most: int) -> bool:
    """Whether `find` may leave something in these drawers."""
    return any(not isinstance(held, int) and len(held) > most for held in drawers)


def find(drawers: Iterable[Drawer], published: float, most: int, clock: Clock) -> list[int]:
    """What lies in some drawers; what lies in several of them is found as often.

    Args:
        drawers: what `put` has filed under some keys.
        published: a moment.
        most: of each drawer at most so many from before the moment, and so many from after it.
        clock: knows all numbers in the drawers.
    """
    found: list[int] = []
    for held in drawers:
        if isinstance(held, int):
            found.append(held)
        elif len(held) <= most:
            found += held
        else:
            place = bisect_right(held, published, key=clock.published.__getitem__)
            found += held[max(0, place - most) : place + most]
    return found
