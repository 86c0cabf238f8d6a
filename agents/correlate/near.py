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
from agents.correlate.address import Address, address
from agents.correlate.filing import Clock, Drawer, Drawers, discard, find, is_cut, put
from agents.correlate.glance import Glances
from agents.correlate.ground import CLOSE_KM
from agents.correlate.traits import Traits

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
        """Word → part of the world → posts that lie there."""
        self._nowhere: Drawers = {}
        """Word → posts whose place speaks neither for nor against them."""
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

    def add(self, at: Address) -> None:
        """File a post, in place of its earlier revision."""
        post = at.post
        self.discard(post.key[1])
        if self._free:
            slot = self._free.pop()
            self._posts[slot] = post
        else:
            slot = len(self._posts)
            self._posts.append(post)
        self._slot[post.key[1]] = slot
        self._glances.put(slot, at)
        clock, words, part = self._clock, self._words, at.part
        clock.put(slot, post.key)
        for drawers, key in self._drawers(at):
            put(drawers, key, slot, clock)
        for word in () if at.odd else at.words:
            put(words.setdefault(word, {}), part, slot, clock)

    def _drawers(self, at: Address) -> list[tuple[Drawers, Hashable]]:
        """All that a post is filed under but for its words."""
        called, tolls = self._called, self._tolls
        filed: list[tuple[Drawers, Hashable]] = [(called, key) for key in at.keys]
        if at.odd:
            filed += [(self._nowhere, word) for word in at.words]
        if at.post.scene.square:
            filed.append((self._squares, at.post.scene.square))
            filed += [(tolls.setdefault(figure, {}), at.districts[0]) for figure in at.figures]
        return filed

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        slot = self._slot.pop(post_id, None)
        if slot is None:
            return
        at = address(self._at(slot))
        for drawers, key in self._drawers(at):
            discard(drawers, key, slot, self._clock)
        for word in () if at.odd else at.words:
            parts = self._words[word]
            discard(parts, at.part, slot, self._clock)
            if not parts:
                del self._words[word]
        self._posts[slot] = None
        self._free.append(slot)

    def of(self, at: Address, most: int) -> list[Traits]:
        """The posts to compare with, those with the most in common; never the post itself or an earlier revision."""
        held = self._held(at)
        found = find(held, at.post.published, NEXT, self._clock) + self._by_words(at)
        cut = is_cut(held, NEXT)
        if cut:  # of all that lies near only the next in time have been found
            found += self._near_by_words(at)
        every = set(found)
        every.discard(self._slot.get(at.post.key[1], -1))
        worth = self._glances.hopeful(at, every)
        if len(worth) > most:
            counted = Counter(found if cut else found + self._near_by_words(at))
            counts = {slot: counted[slot] for slot in worth}
            return [self._at(slot) for slot in self._most_found(counts, at.post.published, most)]
        return [self._at(slot) for slot in worth]

    def _held(self, at: Address) -> list[Drawer]:
        """What is filed under the names, squares and tolls that this post is filed under."""
        called, at_squares, by_figure = self._called, self._squares, self._tolls
        held = [called[key] for key in at.keys if key in called]
        held += [at_squares[near] for near in at.close if near in at_squares]
        tolls = [districts for figure in at.figures if (districts := by_figure.get(figure))]
        return held + [districts[near] for districts in tolls for near in at.districts if near in districts]

    def _by_words(self, at: Address) -> list[int]:
        """What has a word in common, and a place that speaks neither for nor against it, or the post has none."""
        clock, published, nowhere = self._clock, at.post.published, self._nowhere
        if not at.odd:
            return find([nowhere[word] for word in at.words if word in nowhere], published, NEXT_BY_WORD, clock)
        telling = [held for word in at.words if len(held := self._everywhere(word)) <= SPREAD]
        found = [find(held, published, NEXT_BY_WORD, clock) for held in telling]
        return [slot for slots in found for slot in clock.nearest(slots, published, 2 * NEXT_BY_WORD)]

    def _near_by_words(self, at: Address) -> list[int]:
        """What has a word in common and lies near."""
        if at.odd:
            return []
        scene, words = at.post.scene, self._words
        around = squares.around(scene.lat, scene.lon, CLOSE_KM, squares.PART)
        near = [(parts, part) for word in at.words if (parts := words.get(word)) for part in around]
        held = [parts[part] for parts, part in near if part in parts]
        return find(held, at.post.published, NEXT_BY_WORD, self._clock)

    def _everywhere(self, word: int) -> list[Drawer]:
        """All that is filed under a word, by part of the world."""
        nowhere = self._nowhere.get(word)
        return [*self._words.get(word, {}).values(), *(() if nowhere is None else (nowhere,))]

    def _most_found(self, counts: Mapping[int, int], published: float, most: int) -> Collection[int]:
        """Those found most often, at most so many; of equals those published nearest."""
        at, order = self._clock.published, self._clock.order
        ranked = sorted(counts, key=lambda slot: (-counts[slot], abs(at[slot] - published), order[slot]))
        return ranked[:most]
