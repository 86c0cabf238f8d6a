"""Which remembered posts are worth comparing with a new one: looked up, never searched through.

A post is filed under the squares (a quarter of a degree) of its place, under its place names and under its weightiest
words, each with the three days in which it was published. Of a square or word that is much spoken of only the latest
posts are looked at, so the cost of a post does not grow with the number of open incidents. Of those that can join it at
all (`glance`) the ones with the most in common are compared.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import Final, TypeAlias

import numpy as np

from agents.correlate import squares
from agents.correlate.glance import Glances
from agents.correlate.graph import Key
from agents.correlate.traits import Traits

Slots: TypeAlias = "array[int]"
"""An array of numbers of posts."""

PERIOD: Final = 72 * 3600.0
WORDS: Final = 12
LATEST: Final = 48
"""How many posts of one square, place name or toll and period are looked at."""
LATEST_OF_WORD: Final = 8
"""How many posts of one word and period."""


class Neighbourhood:
    """The traits of remembered posts, by place and words.

    Posts are filed as numbers (slots): most of what is found is passed over, and not fetched from memory for that.

    Args:
        join: points from which posts are joined; what cannot reach them is passed over.
    """

    def __init__(self, join: float) -> None:
        self._glances = Glances(join)
        self._slot: dict[str, int] = {}
        self._free: list[int] = []
        self._posts: list[Traits | None] = []
        self._published = array("d")
        self._under: dict[Hashable, dict[int, Slots]] = {}
        """Key → period → slots in the order of their posts, the latest last."""

    def __len__(self) -> int:
        return len(self._slot)

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._slot

    def traits(self, post_id: str) -> Traits:
        """The traits of a remembered post."""
        return self._at(self._slot[post_id])

    def _at(self, slot: int) -> Traits:
        post = self._posts[slot]
        if post is None:
            raise LookupError(f"slot {slot} is free")
        return post

    def add(self, post: Traits) -> None:
        """File a post, in place of its earlier revision."""
        self.discard(post.key[1])
        if self._free:
            slot = self._free.pop()
            self._posts[slot], self._published[slot] = post, post.published
        else:
            slot = len(self._posts)
            self._posts.append(post)
            self._published.append(post.published)
        self._glances.put(slot, post)
        self._slot[post.key[1]] = slot
        period, under = int(post.published // PERIOD), self._under
        for key in _filed_under(post):
            periods = under.get(key)
            if periods is None:
                under[key] = {period: array("I", (slot,))}
                continue
            slots = periods.get(period)
            if slots is None:
                periods[period] = array("I", (slot,))
            else:
                slots.insert(self._place(slots, post.key), slot)

    def _place(self, slots: Slots, key: Key) -> int:
        """Where a post belongs among those filed already."""
        published = self._published
        if published[slots[-1]] < key[0]:
            return len(slots)
        place = bisect_right(slots, key[0], key=published.__getitem__)
        while place and published[slots[place - 1]] == key[0] and self._at(slots[place - 1]).key > key:
            place -= 1
        return place

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        slot = self._slot.pop(post_id, None)
        if slot is None:
            return
        post = self._at(slot)
        period = int(post.published // PERIOD)
        for key in _filed_under(post):
            periods = self._under[key]
            slots = periods[period]
            del slots[self._place(slots, post.key) - 1]
            if not slots:
                del periods[period]
                if not periods:
                    del self._under[key]
        self._posts[slot] = None
        self._free.append(slot)

    def of(self, post: Traits, most: int) -> list[Traits]:
        """The posts to compare with, those with the most in common; never the post itself or an earlier revision."""
        found = self._glances.hopeful(post, np.frombuffer(self._found(post), np.uint32)).tolist()
        worth = set(found)
        worth.discard(self._slot.get(post.key[1], -1))
        if len(worth) > most:
            counted = Counter(found)
            worth = self._most_found(worth, {slot: counted[slot] for slot in worth}, post.published, most)
        return [self._at(slot) for slot in worth]

    def _found(self, post: Traits) -> Slots:
        """What is filed under what this post is filed under; found in several ways, it stands there so often."""
        found = array("I")
        filed, period = self._under.get, int(post.published // PERIOD)
        first, last = period - 1, period + 1
        for keys, latest in ((_around(post), LATEST), (_keys(post), LATEST), (_words(post), LATEST_OF_WORD)):
            for key in keys:
                periods = filed(key)
                if periods is not None:
                    for near, slots in periods.items():
                        if first <= near <= last:
                            found += slots if len(slots) <= latest else slots[-latest:]
        return found

    def _most_found(self, worth: Collection[int], counts: Mapping[int, int], published: float, most: int) -> set[int]:
        """Of those worth comparing the ones among the `most` found most often; of equals those published nearest.

        Args:
            worth: some of the slots found.
            counts: of every slot found, under how many keys.
            published: when the new post was published.
            most: how many of all are compared.
        """
        room, by_count = most, sorted(Counter(counts.values()).items())
        last, number = by_count.pop()
        while number < room:
            room -= number
            last, number = by_count.pop()
        equal = {slot for slot in worth if counts[slot] == last}
        sure = {slot for slot in worth if counts[slot] > last}
        if not equal:
            return sure
        times = self._published
        apart = sorted([abs(times[slot] - published) for slot, count in counts.items() if count == last])
        limit = apart[room - 1]
        if number == room or apart[room] > limit:
            return sure | {slot for slot in equal if abs(times[slot] - published) <= limit}
        ranked = sorted((abs(times[s] - published), self._at(s).key, s) for s, count in counts.items() if count == last)
        return sure | equal.intersection(slot for _, _, slot in ranked[:room])


_SQUARES: Final = 1 << 40
"""Squares are filed under numbers above all codes of names, words below 0."""


def _words(post: Traits) -> list[int]:
    return [-word for word in post.words[:WORDS] if word]


def _keys(post: Traits) -> list[Hashable]:
    """Place names, a toll in a governorate, and who did it."""
    keys: list[Hashable] = [*post.scene.names]
    admin, killed, wounded = post.scene.admin1, post.killed, post.wounded
    if admin and (killed > 0 or wounded > 0):
        keys.append((admin, killed, wounded))  # reports in two languages share no word, but a toll in a governorate
    named = post.claimants if post.claim else post.attackers
    return keys + [("by", bit) for bit in range(64) if named >> bit & 1] if named else keys


def _filed_under(post: Traits) -> list[Hashable]:
    square = post.scene.square
    return [*_keys(post), *_words(post), *((_SQUARES + square,) if square else ())]


def _around(post: Traits) -> list[int]:
    """The square of the place and those around it."""
    return squares.around(_SQUARES + post.scene.square) if post.scene.square else []
