"""Which remembered posts are worth comparing with a new one: looked up, never searched through.

A post is filed under the squares (a quarter of a degree) of its place, under its place names and under its weightiest
words, each with the three days in which it was published. Of a square or word that is much spoken of only the latest
posts are looked at, so the cost of a post does not grow with the number of open incidents. Of those that are found the
ones with the most in common are compared; those of places a long way off are passed over, whatever else they share.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Final

from agents.correlate import points, squares
from agents.correlate.ground import LONG_WAY_KM
from agents.correlate.scene import Scene
from agents.correlate.traits import Traits

PERIOD: Final = 72 * 3600.0
WORDS: Final = 12
LATEST: Final = 48
"""How many posts of one square, place name or toll and period are looked at."""
LATEST_OF_WORD: Final = 8
"""How many posts of one word and period."""


class Neighbourhood:
    """The traits of remembered posts, by place and words.

    Args:
        join: points from which posts are joined; what cannot reach them is passed over.
    """

    def __init__(self, join: float) -> None:
        self._pass_far = join > points.MOST_WHEN_FAR
        self._of: dict[str, Traits] = {}
        self._under: dict[Hashable, dict[int, list[Traits]]] = {}
        """Key → period → posts in their order, the latest last."""

    def __len__(self) -> int:
        return len(self._of)

    def __contains__(self, post_id: object) -> bool:
        return post_id in self._of

    def traits(self, post_id: str) -> Traits:
        """The traits of a remembered post."""
        return self._of[post_id]

    def add(self, post: Traits) -> None:
        """File a post, in place of its earlier revision."""
        self.discard(post.key[1])
        self._of[post.key[1]] = post
        period, under = int(post.published // PERIOD), self._under
        for key in _filed_under(post):
            periods = under.get(key)
            if periods is None:
                under[key] = {period: [post]}
                continue
            posts = periods.get(period)
            if posts is None:
                periods[period] = [post]
            elif posts[-1].key <= post.key:
                posts.append(post)
            else:
                insort(posts, post, key=_ORDER)

    def discard(self, post_id: str) -> None:
        """Take a post out; one that is not there is no error."""
        post = self._of.pop(post_id, None)
        if post is None:
            return
        period = int(post.published // PERIOD)
        for key in _filed_under(post):
            periods = self._under[key]
            posts = periods[period]
            del posts[bisect_left(posts, post.key, key=_ORDER)]
            if not posts:
                del periods[period]
                if not periods:
                    del self._under[key]

    def of(self, post: Traits, most: int) -> list[Traits]:
        """The posts to compare with, those with the most in common; never the post itself or an earlier revision."""
        found: list[Traits] = []
        under, period = self._under, int(post.published // PERIOD)
        for keys, latest in ((_around(post), LATEST), (_keys(post), LATEST), (_words(post), LATEST_OF_WORD)):
            for key in keys:
                for near, posts in under.get(key, _NOTHING).items():
                    if -1 <= near - period <= 1:
                        found += posts[-latest:]
        each = worth = set(found)
        if self._pass_far and post.scene.at:
            worth = _not_far(post.scene, each)
        earlier = self._of.get(post.key[1])
        if earlier is not None:
            worth = worth - {earlier}
        if len(each) <= most or not worth:
            return list(worth)
        return _most_found(worth, Counter(found), post.published, most)


_ORDER: Final = attrgetter("key")
_NOTHING: Final[Mapping[int, list[Traits]]] = {}


def _most_found(worth: Collection[Traits], counts: Mapping[Traits, int], published: float, most: int) -> list[Traits]:
    """Of those worth comparing the ones that are among the `most` found most often; of equals those published nearest.

    Args:
        worth: some of the posts found.
        counts: of every post found, under how many keys.
        published: when the new post was published.
        most: how many of all are compared.
    """
    room, by_count = most, sorted(Counter(counts.values()).items())
    last, number = by_count.pop()
    while number < room:
        room -= number
        last, number = by_count.pop()
    sure = [other for other in worth if counts[other] > last]
    equal = [other for other in worth if counts[other] == last]
    if not equal:
        return sure
    apart = sorted([(abs(o.published - published), o.key) for o, count in counts.items() if count == last])[:room]
    return sure + [other for other in equal if (abs(other.published - published), other.key) <= apart[-1]]


def _not_far(scene: Scene, found: Iterable[Traits]) -> set[Traits]:
    """Those that do not name a place a long way off, or have a name in common all the same."""
    close, called = squares.within(scene.lat, scene.lon, LONG_WAY_KM), set(scene.called)
    return {o for o in found if o.scene.own_square in close or not called.isdisjoint(o.scene.called)}


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
    return [*_keys(post), *_words(post), *((square,) if square else ())]


def _around(post: Traits) -> list[int]:
    """The square of the place and those around it."""
    return squares.around(post.scene.square) if post.scene.square else []
