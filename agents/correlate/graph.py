"""Which posts tell of one incident, given how alike every two of them are.

The answer is worked out in the order of publication and depends on the set of posts only, not on the order in which
they came (law 3):

* A post joins the incident of the earlier post that it is most like, if it is like enough (`join`) and that incident
  began no more than `span` before; twice that where it is clearly like it (`late`). So a post joins one incident,
  glues none together, and a town that is shelled every day does not become one incident without end.
* Incidents with posts that are alike beyond doubt (`merge`) are one, whatever their posts hang on, within `last`.
* A leaf (a claim, a roundup, a background piece) joins what it is most like, earlier or later, and nothing joins it:
  it may speak of several incidents and must not connect them. Only its own copies do.
* What people said about posts (`bonds`) comes first, and nothing joins what they keep apart.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.correlate.bonds import NONE, Bonds

Key = tuple[float, str]
"""Publication (seconds) and post id: the order of posts."""

COPY = 100.0
"""Likeness of a copy: above every score of content."""


class Node(NamedTuple):
    """One post as far as joining is concerned."""

    key: Key
    leaf: bool
    links: Mapping[str, float]
    """Post id → likeness, seen from both ends."""
    when: float
    """The latest moment of which the post can tell, in seconds: its publication, or an earlier day that it names."""


class Ties(NamedTuple):
    """From which likeness, and for how long, posts belong together; durations in seconds."""

    join: float
    late: float
    merge: float
    span: float
    last: float

    def hold(self, score: float, age: float) -> bool:
        """Whether likeness ties a post to an incident that began so long before it."""
        if score >= self.merge:
            return age <= self.last
        return score >= self.join and age <= (2 * self.span if score >= self.late else self.span)


@dataclass
class Groups:
    """Posts joined so far, each to the head of its group.

    What people join is one incident, but keeps the age of each of its parts: a merge must not draw in what was too
    late for the older part, and what comes later for the younger part still finds it.
    """

    head: dict[str, str]
    born: dict[str, float]
    """Publication of the first post of a part, under the part's head."""
    apart: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Post id → posts that must not come into its group."""
    part: dict[str, str] = field(default_factory=dict)
    """The same as `head` without what people joined; the very same where they joined nothing."""
    _kept_apart: dict[str, set[str]] = field(default_factory=dict)
    """Head → posts of its group that must not meet some others."""

    def __post_init__(self) -> None:
        self.part = self.part or self.head
        self._kept_apart = {post: {post} for post in self.apart if post in self.head}

    def find(self, post: str) -> str:
        """The head of the group that a post is in."""
        return _head(self.head, post)

    def may(self, one: str, other: str) -> bool:
        """Whether nobody keeps the groups of these two posts apart."""
        if not self._kept_apart:
            return True
        one, other = self.find(one), self.find(other)
        mine = self._kept_apart.get(one, ())
        return not any(o in self.head and self.find(o) == other for post in mine for o in self.apart[post])

    def union(self, one: str, other: str) -> None:
        """Make two groups one, unless people keep them apart."""
        if not self.may(one, other):
            return
        self.bind(one, other)
        if self.part is not self.head:
            self._link(self.part, one, other)

    def bind(self, one: str, other: str) -> None:
        """Make two groups one that nobody keeps apart, because people say so."""
        gone, stays = self._link(self.head, one, other)
        if gone in self._kept_apart and gone != stays:
            self._kept_apart.setdefault(stays, set()).update(self._kept_apart.pop(gone))

    def born_of(self, post: str) -> float:
        """When the part began that a post is in."""
        return self.born[_head(self.part, post)]

    def _link(self, heads: dict[str, str], one: str, other: str) -> tuple[str, str]:
        """The head that is none any more, and the one that is."""
        one, other = _head(heads, one), _head(heads, other)
        stays, gone = sorted((one, other), key=lambda head: (self.born[head], head))
        heads[gone] = stays
        return gone, stays


def _head(heads: dict[str, str], post: str) -> str:
    while heads[post] != post:
        heads[post] = heads[heads[post]]
        post = heads[post]
    return post


def group(nodes: Mapping[str, Node], ties: Ties, bonds: Bonds = NONE) -> Groups:
    """The posts joined into incidents; a link to a post that is not among the nodes is left out."""
    alone = {post: post for post in nodes}
    born = {post: node.key[0] for post, node in nodes.items()}
    groups = Groups(alone, born, bonds.apart, dict(alone) if bonds.named else alone)
    order = sorted(nodes, key=lambda post: nodes[post].key)
    _bind(order, groups, bonds)
    for post in order:
        if not nodes[post].leaf:
            _join(post, nodes, groups, ties, bonds)
    for leaves in _copied_leaves([post for post in order if post not in bonds.named], nodes):
        _hang(leaves, nodes, groups, ties)
    return groups


def _bind(order: Sequence[str], groups: Groups, bonds: Bonds) -> None:
    """Join what people put together; the latest word first, for it may keep apart what an earlier one joined."""
    for together in reversed(bonds.together):
        heads: list[str] = []
        for post in (p for p in order if p in together):
            home = next((head for head in heads if groups.may(head, post)), None)
            if home is None:
                heads.append(post)
            else:
                groups.bind(home, post)


def _copied_leaves(order: Sequence[str], nodes: Mapping[str, Node]) -> list[list[str]]:
    """Leaves with their own copies, in order of publication."""
    leaves = [post for post in order if nodes[post].leaf]
    head = originals(leaves, lambda post: nodes[post].links, lambda post: nodes[post].key)
    found: dict[str, list[str]] = {}
    for post in leaves:
        found.setdefault(head.get(post, post), []).append(post)
    return list(found.values())


def members(nodes: Mapping[str, Node], groups: Groups) -> list[list[str]]:
    """The groups as lists; groups and members in order of publication."""
    found: dict[str, list[str]] = {}
    for post in sorted(nodes, key=lambda post: nodes[post].key):
        found.setdefault(groups.find(post), []).append(post)
    return list(found.values())


def _join(post: str, nodes: Mapping[str, Node], groups: Groups, ties: Ties, bonds: Bonds) -> None:
    """Join what a post is like, and for a post that people spoke of, what they said.

    One that they placed joins only what it was put together with. One that stayed behind and was most like a post that
    left does not look for another: it would carry its incident along.
    """
    node = nodes[post]

    def open_to(other: str) -> bool:
        if post in bonds.placed:
            return groups.find(other) == groups.find(post)
        return post in bonds.named or groups.may(other, post)

    merged: list[str] = []
    best: tuple[float, Key, str] | None = None
    for other, score in node.links.items():
        known = nodes.get(other)
        if known is None or known.leaf or known.key >= node.key or score < ties.join:
            continue
        rank = (-score, known.key, other)
        beyond_doubt = score >= ties.merge
        if not beyond_doubt and best is not None and rank > best:
            continue
        if ties.hold(score, node.when - groups.born_of(other)) and open_to(other):
            best = rank if best is None or rank < best else best
            if beyond_doubt:
                merged.append(other)
    if best is not None:
        groups.union(best[2], post)
    for other in merged:
        groups.union(other, post)


def _hang(leaves: Sequence[str], nodes: Mapping[str, Node], groups: Groups, ties: Ties) -> None:
    """One leaf and its copies join together what they are most like."""
    tied: dict[str, float] = {}
    for post in leaves:
        for other, score in nodes[post].links.items():
            if other in nodes and not nodes[other].leaf and score >= ties.join:
                tied[other] = max(score, tied.get(other, score))
    for other in (*leaves[1:], *_most_like(tied, nodes)):
        groups.union(leaves[0], other)


def _most_like(links: Mapping[str, float], nodes: Mapping[str, Node]) -> list[str]:
    best = min(links, key=lambda other: (-links[other], nodes[other].key), default=None)
    return [] if best is None else [best]


def originals(
    posts: Iterable[str], links: Callable[[str], Mapping[str, float]], order: Callable[[str], Key]
) -> dict[str, str]:
    """Post id of every copy among the posts → post id of the earliest post of its group of copies."""
    head = {post: post for post in posts}

    def find(post: str) -> str:
        while head[post] != post:
            post = head[post]
        return post

    for post in head:
        for other, score in links(post).items():
            if score >= COPY and other in head:
                one, two = sorted((find(post), find(other)), key=order)
                head[two] = one
    return {post: find(post) for post in head if find(post) != post}
