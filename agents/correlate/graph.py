"""Which posts tell of one incident, given how alike every two of them are.

The answer depends on the set of posts only, not on the order in which they came (law 3):

* Every post hangs on the earlier one (by publication) that it is most like, if it is like enough (`join`). So a post
  joins one incident and never glues two together.
* Two posts that are alike beyond doubt (`merge`) belong together whatever else they hang on: that is how two
  incidents are found to be one.
* A leaf (a claim, a roundup, a background piece) hangs on what it is most like, earlier or later, and nothing hangs
  on it: it may speak of several incidents and must not connect them. Only its own copies do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

Key = tuple[float, str]
"""Publication (seconds) and post id: the order of posts."""


class Node(NamedTuple):
    """One post as far as joining is concerned."""

    key: Key
    leaf: bool
    links: Mapping[str, float]
    """Post id → likeness, for posts that were known when this one came."""


COPY = 100.0
"""Likeness of a copy: above every score of content."""


def components(nodes: Mapping[str, Node], *, join: float, merge: float) -> list[list[str]]:
    """The posts grouped into incidents; groups and members in order of publication."""
    linked = symmetric(nodes)
    head = {post: post for post in nodes}

    def find(post: str) -> str:
        while head[post] != post:
            head[post] = head[head[post]]
            post = head[post]
        return post

    def union(one: str, other: str) -> None:
        one, other = sorted((find(one), find(other)), key=lambda post: nodes[post].key)
        head[other] = one

    for post, node in nodes.items():
        for other in _bonds(node, linked[post], nodes, join, merge):
            union(post, other)
    groups: dict[str, list[str]] = {}
    for post in sorted(nodes, key=lambda post: nodes[post].key):
        groups.setdefault(find(post), []).append(post)
    return list(groups.values())


def symmetric(nodes: Mapping[str, Node]) -> dict[str, dict[str, float]]:
    """Links seen from both ends; a link to a post that is not among the nodes is left out."""
    linked: dict[str, dict[str, float]] = {post: {} for post in nodes}
    for post, node in nodes.items():
        for other, score in node.links.items():
            if other in nodes:
                linked[post][other] = linked[other][post] = score
    return linked


def _bonds(
    node: Node, links: Mapping[str, float], nodes: Mapping[str, Node], join: float, merge: float
) -> Iterable[str]:
    """The posts that this one certainly shares an incident with."""
    if node.leaf:
        copies = [other for other, score in links.items() if score >= COPY and nodes[other].leaf]
        firm = {other: score for other, score in links.items() if score >= join and not nodes[other].leaf}
        return copies + _most_like(firm, nodes)
    firm = {other: score for other, score in links.items() if score >= join and not nodes[other].leaf}
    earlier = {other: score for other, score in firm.items() if nodes[other].key < node.key}
    return [other for other, score in firm.items() if score >= merge] + _most_like(earlier, nodes)


def _most_like(links: Mapping[str, float], nodes: Mapping[str, Node]) -> list[str]:
    best = min(links, key=lambda other: (-links[other], nodes[other].key), default=None)
    return [] if best is None else [best]


def originals(
    posts: Sequence[str], links: Callable[[str], Mapping[str, float]], order: Callable[[str], Key]
) -> dict[str, str]:
    """Post id of every copy among the posts → post id of the earliest post of its group of copies."""
    head = {post: post for post in posts}

    def find(post: str) -> str:
        while head[post] != post:
            post = head[post]
        return post

    for post in posts:
        for other, score in links(post).items():
            if score >= COPY and other in head:
                one, two = sorted((find(post), find(other)), key=order)
                head[two] = one
    return {post: find(post) for post in posts if find(post) != post}
