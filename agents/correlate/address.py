"""Where a post is filed and looked up: its squares, names, tolls and words, and what a glance at others takes.

All of it follows from the post's traits; it is worked out once, used to find others and then to file the post, and not
kept.
"""

from collections.abc import Hashable
from math import cos, radians
from typing import Final

import msgspec

from agents.correlate import squares
from agents.correlate.ground import CLOSE_KM, LONG_WAY_KM
from agents.correlate.same import DAY, NEARLY_A_DAY
from agents.correlate.scene import Scene
from agents.correlate.traits import Traits

WORDS: Final = 12
"""Of a text's weightiest words so many are filed."""
NAME_BITS: Final = 48
_MARGIN: Final = 1.0
"""Degrees: what lies farther north or south is farther than any distance that counts."""


class Address(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One post, ready to be filed and to look for others."""

    post: Traits
    odd: bool
    """Place and time alone never speak against it: a claim, a look back, a post without coordinates."""
    keys: list[Hashable]
    """Place names, a toll in a governorate, and who did it."""
    words: list[int]
    part: int
    """The part of the world in which its words are filed; 0 where its place speaks neither for nor against it."""
    close: list[int]
    """Squares that come close to its place; where that is unknown, they and the next two are empty."""
    figures: list[int]
    """Those that two posts may have in common: of killed, and of wounded below 0."""
    districts: list[int]
    """Where posts with the same figures are looked for; its own first."""
    names: int
    """One bit a name; scenes that share a name share a bit."""
    begins: float
    ends: float
    """Two posts that are of one day, or tell of one time, have times that meet."""
    shrunk: float
    """How much shorter than a degree of latitude one of longitude is at least, up to some distance north or south."""


def address(post: Traits) -> Address:
    """Where a post with these traits is filed."""
    scene = post.scene
    square, published = scene.square, post.published
    odd = post.claim or post.refers or not scene.at
    figures = _figures(post) if square else []
    day = published // DAY * DAY
    return Address(
        post,
        odd,
        _keys(post),
        post.words[:WORDS].tolist(),
        0 if odd else squares.block(square, squares.PART),
        squares.around(scene.lat, scene.lon, CLOSE_KM) if square else [],
        figures,
        _districts(scene) if figures else [],
        _bits(scene),
        min(post.start, day, published - NEARLY_A_DAY / 2),
        max(post.end, day + DAY, published + NEARLY_A_DAY / 2),
        cos(radians(min(90.0, abs(scene.lat) + _MARGIN))),
    )


def _districts(scene: Scene) -> list[int]:
    own = squares.block(scene.square, squares.DISTRICT)
    around = squares.around(scene.lat, scene.lon, LONG_WAY_KM, squares.DISTRICT)
    return [own, *(other for other in around if other != own)]


def _keys(post: Traits) -> list[Hashable]:
    keys: list[Hashable] = [*post.scene.called]
    admin, killed, wounded = post.scene.admin1, post.killed, post.wounded
    if admin and (killed > 0 or wounded > 0):
        keys.append((admin, killed, wounded))  # reports in two languages share no word, but a toll in a governorate
    named = post.claimants if post.claim else post.attackers
    return keys + [("by", bit) for bit in range(64) if named >> bit & 1] if named else keys


def _figures(post: Traits) -> list[int]:
    return [*((post.killed,) if post.killed >= 0 else ()), *((~post.wounded,) if post.wounded >= 0 else ())]


def _bits(scene: Scene) -> int:
    bits = 0
    for name in scene.called:
        bits |= 1 << name % NAME_BITS
    return bits
