"""Which posts tell of one incident, given how alike every two of them are.

The answer is worked out in the order of publication and depends on the set of posts only, not on the order in which
they came (law 3):

* A post joins the incident of the earlier post that it is most like, if it is like enough (`join`) and that incident
  began no more than `span` before. So a post joins one incident, glues none together, and a town that is shelled every
  day does not become one incident without end.
* Incidents with posts that are alike beyond doubt (`merge`) are one, whatever their posts hang on, within `last`.
* A leaf (a claim, a roundup, a background piece) joins what it is most like, earlier or later, and nothing joins it:
  it may speak of several incidents and must not connect them. Only its own copies do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


class Ties(NamedTuple):
    """From which likeness, and for how long, posts belong together; durations in seconds."""

    join: float
    merge: float
    span: float
    last: float

    def hold(self, score: float, age: float) -> bool:
        """Whether likeness ties a post to an incident that began so long before it."""
        return score >= self.join and age <= (self.last if score >= self.merge else self.span)


@dataclass
class Groups:
    """Posts joined so far; `born` is the publication of the first post of a group, under its head."""

    head: dict[str, str]
    born: dict[str, float]

    def find(self, post: str) -> str:
        """The head of the group that a post is in."""
        head = self.head
        while head[post] != post:
            head[post] = head[head[post]]
            post = head[post]
        return post

    def union(self, one: str, other: str) -> None:
        """Make two groups one."""
        one, other = self.find(one), self.find(other)
        if one != other:
            one, other = sorted((one, other), key=lambda head: (self.born[head], head))
            self.head[other] = one

    def born_of(self, post: str) -> float:
        """When the group of a post began."""
        return self.born[self.find(post)]


def group(nodes: Mapping[str, Node], ties: Ties) -> Groups:
    """The posts joined into incidents; a link to a post that is not among the nodes is left out."""
    groups = Groups({post: post for post in nodes}, {post: node.key[0] for post, node in nodes.items()})
    order = sorted(nodes, key=lambda post: nodes[post].key)
    for post in order:
        if not nodes[post].leaf:
            _join(post, nodes, groups, ties)
    for leaves in _copied_leaves(order, nodes):
        _hang(leaves, nodes, groups, ties)
    return groups


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


def _join(post: str, nodes: Mapping[str, Node], groups: Groups, ties: Ties) -> None:
    node = nodes[post]
    tied = {
        other: score
        for other, score in node.links.items()
        if score >= ties.join
        and other in nodes
        and not nodes[other].leaf
        and nodes[other].key < node.key
        and ties.hold(score, node.key[0] - groups.born_of(other))
    }
    for other in _most_like(tied, nodes):
        groups.union(other, post)
    for other, score in tied.items():
        if score >= ties.merge:
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
