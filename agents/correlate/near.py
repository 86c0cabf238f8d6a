"""Which remembered posts are worth comparing with a new one: looked up, never searched through.

A post is filed under the square of its place, under its place names and under its weightiest words. Two places that
are neither close nor of one name (`ground`) are joined only where time and a toll speak for them as well as words: so
a post is filed under its toll in its district, and a word is looked up in the part of the world where its place lies.
Of what is much spoken of only the posts published next before and after a post are looked at, so that its cost does
not grow with the number of open incidents. Of those that can join it at all (`glance`) the ones with the most in common
are compared.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping
from typing import Final

from agents.correlate import squares
from agents.correlate.filing import Clock, Drawers, discard, find, put
from agents.correlate.glance import Glances, is_odd
from agents.correlate.ground import CLOSE_KM, LONG_WAY_KM
from agents.correlate.traits import Traits

WORDS: Final = 12
NEXT: Final = 48
"""How many posts of one square, place name or toll are looked at, before a post and after it."""
NEXT_BY_WORD: Final = 8
"""How many posts of one word and part of the world."""
SPREAD: Final = 64
"""A word spoken in more parts of the world does not say where a post without a place belongs."""


class Neighbourhood:
    """The traits of remembered posts, by place and words.

    Posts are filed as numbers (slots): most of what is found is passed over, and not fetched from memory for that.

    Args:
        join: points from which posts are joined; what cannot reach them is passed over.
    """

    def __init__(self, join: float) -> None:
        self._glances = Glances(join)
        self._clock = Clock()
        self._called: Drawers = {}
        """By names, by a toll in a governorate and by who did it."""
        self._squares: Drawers = {}
        self._tolls: dict[int, Drawers] = {}
        """Figure → district → posts."""
        self._words: dict[int, Drawers] = {}
        """Word → part of the world → posts."""
        self._slot: dict[str, int] = {}
        self._free: list[int] = []
        self._posts: list[Traits | None] = []

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
            self._posts[slot] = post
        else:
            slot = len(self._posts)
            self._posts.append(post)
        self._slot[post.key[1]] = slot
        self._glances.put(slot, post)
        self._clock.put(slot, post.key)
        for drawers, key in self._drawers(post):
            put(drawers, key, slot, self._clock)
        part, words = _part(post), self._words
        for word in post.words[:WORDS]:
            parts = words.get(word)
            if parts is None:
                parts = words[word] = {}
            put(parts, part, slot, self._clock)

    def _drawers(self, post: Traits) -> list[tuple[Drawers, Hashable]]:
        """All that a post is filed under but for its words."""
        called, tolls, square = self._called, self._tolls, post.scene.square
        filed: list[tuple[Drawers, Hashable]] = [(called, key) for key in _keys(post)]
        if square:
            district = squares.block(square, squares.DISTRICT)
            filed.append((self._squares, square))
            filed += [(tolls.setdefault(toll, {}), district) for toll in _tolls(post)]
        return filed

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        slot = self._slot.pop(post_id, None)
        if slot is None:
            return
        post, part = self._at(slot), _part(self._at(slot))
        for drawers, key in self._drawers(post):
            discard(drawers, key, slot, self._clock)
        for word in post.words[:WORDS]:
            parts = self._words[word]
            discard(parts, part, slot, self._clock)
            if not parts:
                del self._words[word]
        self._posts[slot] = None
        self._free.append(slot)

    def of(self, post: Traits, most: int) -> list[Traits]:
        """The posts to compare with, those with the most in common; never the post itself or an earlier revision."""
        found = self._found(post, most)
        every = set(found)
        every.discard(self._slot.get(post.key[1], -1))
        worth = self._glances.hopeful(post, every)
        if len(worth) > most:
            counted = Counter(found)
            counts = {slot: counted[slot] for slot in worth}
            return [self._at(slot) for slot in self._most_found(counts, post.published, most)]
        return [self._at(slot) for slot in worth]

    def _found(self, post: Traits, most: int) -> list[int]:
        """What is filed under what this post is filed under; found in several ways, it stands there so often."""
        called, square = self._called, post.scene.square
        held = [called[key] for key in _keys(post) if key in called]
        if square:
            at_squares = self._squares
            held += [at_squares[near] for near in squares.around(square, CLOSE_KM) if near in at_squares]
            tolls = [districts for toll in _tolls(post) if (districts := self._tolls.get(toll))]
            if tolls:
                around = squares.around(square, LONG_WAY_KM, squares.DISTRICT)
                held += [districts[near] for districts in tolls for near in around if near in districts]
        found = find(held, post.published, NEXT, self._clock)
        return found + self._by_words(post, crowded=len(found) >= min(most, NEXT))

    def _by_words(self, post: Traits, *, crowded: bool) -> list[int]:
        """What has a word in common: of what lies near only where that is too much to be found and compared whole."""
        clock, published, words = self._clock, post.published, self._words
        of_words = [parts for word in post.words[:WORDS] if (parts := words.get(word)) is not None]
        if not is_odd(post):
            near = squares.around(post.scene.square, CLOSE_KM, squares.PART) if crowded else ()
            reach = (_NOWHERE, *near)
            return find(
                [parts[at] for parts in of_words for at in reach if at in parts], published, NEXT_BY_WORD, clock
            )
        telling = [parts for parts in of_words if len(parts) <= SPREAD]
        found = [find(parts.values(), published, NEXT_BY_WORD, clock) for parts in telling]
        return [slot for slots in found for slot in clock.nearest(slots, published, 2 * NEXT_BY_WORD)]

    def _most_found(self, counts: Mapping[int, int], published: float, most: int) -> Collection[int]:
        """Those found most often, at most so many; of equals those published nearest."""
        at, order = self._clock.published, self._clock.order
        ranked = sorted(counts, key=lambda slot: (-counts[slot], abs(at[slot] - published), order[slot]))
        return ranked[:most]


_NOWHERE: Final = 0
"""Where posts lie whose place speaks neither for nor against them."""


def _part(post: Traits) -> int:
    return _NOWHERE if is_odd(post) else squares.block(post.scene.square, squares.PART)


def _keys(post: Traits) -> list[Hashable]:
    """Place names, a toll in a governorate, and who did it."""
    keys: list[Hashable] = [*post.scene.called]
    admin, killed, wounded = post.scene.admin1, post.killed, post.wounded
    if admin and (killed > 0 or wounded > 0):
        keys.append((admin, killed, wounded))  # reports in two languages share no word, but a toll in a governorate
    named = post.claimants if post.claim else post.attackers
    return keys + [("by", bit) for bit in range(64) if named >> bit & 1] if named else keys


def _tolls(post: Traits) -> list[int]:
    """The figures that two posts may have in common: those of killed, and those of wounded below 0."""
    return [*((post.killed,) if post.killed >= 0 else ()), *((~post.wounded,) if post.wounded >= 0 else ())]
