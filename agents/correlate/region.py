"""Which posts and incidents a new post can have a say in, and how they are joined with it.

Usually a post is the latest of its neighbourhood and can only join what is there (`_latest`). A post that was
published before others that we know already, an edit or a leaf may change what those others hang on; then all
incidents within reach are joined anew, and the reach grows as long as the change can be felt beyond it (`_anew`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from agents.correlate import rows
from agents.correlate.bonds import Bonds
from agents.correlate.graph import Key, Node, Ties, group, members
from agents.correlate.memory import Memory

WIDEST: Final = 4000
"""Posts that are joined anew at most; beyond, what lies outside keeps its place."""


class Region(NamedTuple):
    """The incidents touched, and the groups that their posts and the new one form."""

    before: tuple[rows.Entry, ...]
    groups: tuple[tuple[str, ...], ...]
    born: tuple[float, ...]
    """Of each group: publication of its first post, leaves aside."""


def region(memory: Memory, post_id: str, node: Node, ties: Ties) -> Region:
    """What becomes of a new post and the incidents around it."""
    if not node.links and not node.leaf and post_id not in memory.posts and post_id not in memory.incidents_of:
        return Region((), ((post_id,),), (node.key[0],))  # like nothing, nothing is like it
    touched = _holding(memory, (post_id, *node.links))
    before = [memory.entries[incident] for incident in sorted(touched)]
    simple = (
        not node.leaf
        and post_id not in memory.posts
        and len({p for e in before for p in e.posts}) == sum(len(e.posts) for e in before)
    )
    latest = all(_is_before(memory, other, node.key) for other in (*node.links, *(entry.posts[-1] for entry in before)))
    if simple and latest and not _bonded(memory, memory.bonds, touched):
        return _latest(memory, post_id, node, before, ties)
    return _anew(memory, touched, ties, memory.bonds, (post_id, node))


def rebound(memory: Memory, incidents: Iterable[str], ties: Ties, bonds: Bonds) -> Region:
    """What becomes of these incidents, and of all that they touch, under other bonds."""
    return _anew(memory, _holding(memory, (p for i in incidents for p in memory.entries[i].posts)), ties, bonds, None)


def _is_before(memory: Memory, other: str, key: Key) -> bool:
    known = memory.posts.get(other)
    return known is not None and not known.leaf and known.key < key and other in memory.incidents_of


def _holding(memory: Memory, posts: Iterable[str]) -> set[str]:
    """Incidents that hold any of the posts; two of them where a crash left a post in both."""
    direct = {incident for post in posts for incident in memory.incidents_of.get(post, ())}
    shared = (post for incident in direct for post in memory.entries[incident].posts)
    return direct | {incident for post in shared for incident in memory.incidents_of.get(post, ())}


def _bonded(memory: Memory, bonds: Bonds, touched: Iterable[str]) -> set[str]:
    """Incidents of posts of which people spoke together with posts of these."""
    if not bonds.named:
        return set()
    company = bonds.company(post for incident in touched for post in memory.entries[incident].posts)
    return {incident for post in company for incident in memory.incidents_of.get(post, ())}


def _latest(memory: Memory, post_id: str, node: Node, before: Sequence[rows.Entry], ties: Ties) -> Region:
    """The latest post of all that it is like: nothing else can change."""
    by_id = {entry.incident_id: entry for entry in before}
    tied: dict[str, tuple[float, str]] = {}
    for other, score in node.links.items():
        entry = by_id[memory.incident_of(other) or ""]
        if ties.hold(score, node.when - entry.born):
            tied[other] = score, entry.incident_id
    best = min(tied, key=lambda other: (-tied[other][0], memory.posts[other].key), default=None)
    joined = {tied[best][1]} if best is not None else set()
    joined |= {incident for score, incident in tied.values() if score >= ties.merge}
    entries = [by_id[incident] for incident in sorted(joined)]
    together = sorted({post for entry in entries for post in entry.posts}, key=lambda p: memory.posts[p].key)
    born = min((entry.born for entry in entries), default=node.key[0])
    return Region(tuple(entries), ((*together, post_id),), (born,))


New = tuple[str, Node] | None
"""The post that is not stored yet, where there is one."""


def _anew(memory: Memory, touched: set[str], ties: Ties, bonds: Bonds, new: New) -> Region:
    while True:
        touched = touched | _bonded(memory, bonds, touched)
        nodes = _nodes(memory, touched, new)
        groups = group(nodes, ties, bonds)
        more = set() if len(nodes) > WIDEST else _beyond(memory, nodes, {p: groups.born_of(p) for p in nodes}, ties)
        if more <= touched:
            break
        touched = touched | more
    before = tuple(memory.entries[incident] for incident in sorted(touched))
    held = {post for entry in before for post in entry.posts} | ({new[0]} if new else set())
    found = [tuple(posts) for posts in members(nodes, groups) if not held.isdisjoint(posts)]
    return Region(before, tuple(found), tuple(_born(nodes, posts) for posts in found))


def _born(nodes: Mapping[str, Node], posts: Sequence[str]) -> float:
    return next((nodes[post].key[0] for post in posts if not nodes[post].leaf), nodes[posts[0]].key[0])


def _nodes(memory: Memory, touched: set[str], new: New) -> dict[str, Node]:
    """The posts of the incidents, the new post, and claims that wait within reach of any of them."""
    post_id, node = new or (None, None)
    posts = {p: None for incident in sorted(touched) for p in memory.entries[incident].posts if p in memory.posts}
    posts.pop(post_id or "", None)
    nodes = {post: memory.node(post) for post in posts}
    linked = {*(node.links if node else ())}.union(*(n.links for n in nodes.values()))
    waiting = [o for o in linked if o not in memory.incidents_of and o in memory.posts and o != post_id]
    nodes.update({post: memory.node(post) for post in sorted(waiting) if post not in nodes})
    if post_id is None or node is None:
        return nodes
    for other, known in nodes.items():
        if post_id in known.links or other in node.links:  # what an edit said before counts no more
            others = {o: score for o, score in known.links.items() if o != post_id}
            if other in node.links:
                others[post_id] = node.links[other]
            nodes[other] = Node(known.key, known.leaf, others, known.when)
    nodes[post_id] = node
    return nodes


def _beyond(memory: Memory, nodes: Mapping[str, Node], born: Mapping[str, float], ties: Ties) -> set[str]:
    """Incidents outside that feel the change: a tie to them begins to hold or ceases to."""
    felt: set[str] = set()
    for post, node in nodes.items():
        if node.links.keys() <= nodes.keys():
            continue
        inside = [s for o, s in node.links.items() if o in nodes and _ties(nodes[o], node, s, born[o], ties)]
        strongest = max(inside, default=ties.join)
        own = memory.incidents_of.get(post, ())
        was = min((memory.entries[i].born for i in own), default=born[post])
        in_parts = _in_parts(memory, own)
        for other, score in node.links.items():
            if other in nodes or other not in memory.posts:
                continue
            known = memory.posts[other]
            holders = memory.incidents_of.get(other, ())
            if known.leaf:
                continue
            if node.leaf:
                felt.update(holders if score > strongest else ())
            elif known.key > node.key:
                age_then, age_now = known.when - was, known.when - born[post]
                if in_parts or ties.hold(score, age_then) != ties.hold(score, age_now):
                    felt.update(holders)
            elif score >= min(strongest, ties.merge):
                outside = min((memory.entries[i].born for i in holders), default=known.key[0])
                if _in_parts(memory, holders) or ties.hold(score, node.when - outside):
                    felt.update(holders)
    return felt


def _in_parts(memory: Memory, incidents: Iterable[str]) -> bool:
    """Whether people had a hand in any of them, so that its posts may have ages of their own."""
    named = memory.bonds.named
    return bool(named) and any(not named.isdisjoint(memory.entries[i].posts) for i in incidents)


def _ties(other: Node, node: Node, score: float, born: float, ties: Ties) -> bool:
    if node.leaf:
        return not other.leaf
    return not other.leaf and other.key < node.key and ties.hold(score, node.when - born)
