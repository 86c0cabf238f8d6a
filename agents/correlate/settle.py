"""Groups of posts become incidents: who keeps which identity, and what is sent and stored.

An incident's id is made from its founder, the post that opened it here. A group that holds the anchors (first posts) of
several incidents is led by the one whose founder was published first; the others are merged into it and say so. A
group that holds no anchor is a new incident. A revision is counted up only when the incident says something else than
before, so that repeated work changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import msgspec

from agents.correlate import rows
from agents.correlate.claims import is_claim
from agents.correlate.content import Standing, incident
from agents.correlate.fold import Put
from agents.correlate.graph import Key, originals
from agents.correlate.memory import Memory
from agents.correlate.region import Region
from agents.correlate.rules import Rules
from schemas import ids
from schemas.kinds import IncidentState
from schemas.records import Incident, Sighting


@dataclass
class Settled:
    """What follows for incidents and rows.

    Attributes:
        incidents: changed ones, those that were merged away first.
        puts: their rows.
        copies: post id → original, among the posts concerned.
        incident_of: post id → incident, for the posts concerned.
    """

    incidents: list[Incident] = field(default_factory=list)
    puts: list[Put] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    incident_of: dict[str, str] = field(default_factory=dict)


def current(memory: Memory, entry: rows.Entry, rules: Rules) -> Incident:
    """The incident of a row as it stands."""
    posts = [post for post in entry.posts if post in memory.posts]
    return _content(entry, [memory.sighting(post) for post in posts], memory.copied(posts), rules)


def _content(entry: rows.Entry, said: Sequence[Sighting], copies: Mapping[str, str], rules: Rules) -> Incident:
    standing = Standing(
        incident_id=entry.incident_id,
        revision=entry.revision,
        state=entry.state,
        merged_into=entry.merged_into,
        corrections=tuple(entry.corrections),
        muted=entry.muted,
        dismissed=entry.dismissed,
        place=entry.place,
    )
    return incident(said, copies, standing, rules.max_age)


class Settlement:
    """Settles the groups around one new post."""

    def __init__(self, memory: Memory, rules: Rules, post_id: str, post: rows.Post, *, leaf: bool) -> None:
        self._memory, self._rules = memory, rules
        self._post_id, self._post, self._leaf = post_id, post, leaf

    def settle(self, region: Region) -> Settled:
        """Give every group its identity and say what changed."""
        anchored = [(self._anchor(entry), entry) for entry in region.before]
        copies = self._copies(region.groups)
        settled = Settled(copies=copies)
        merged: list[rows.Entry] = []
        standing: list[rows.Entry] = []
        for posts in region.groups:
            if all(is_claim(self._sighting(post)) for post in posts):
                continue
            led = sorted((entry for anchor, entry in anchored if anchor in posts), key=self._seniority)
            lead, *others = led or [self._founded(posts)]
            settled.incident_of.update(dict.fromkeys(posts, lead.incident_id))
            standing.append(self._revised(lead, posts, copies))
            merged += [self._merged(other, lead, copies) for other in others]
        known = {entry.incident_id: entry for entry in region.before}
        changed = [e for e in (*merged, *standing) if e != known.get(e.incident_id) or self._post_id in e.posts]
        settled.incidents = [self._content(entry, copies) for entry in changed]
        settled.puts = _puts(changed, known)
        return settled

    def _anchor(self, entry: rows.Entry) -> str:
        """The post whose group keeps the incident's identity: its first one that is no leaf, for leaves may move."""
        memory = self._memory
        return next((p for p in entry.posts if p in memory.posts and not memory.posts[p].leaf), entry.founder)

    def _founded(self, posts: Sequence[str]) -> rows.Entry:
        """A new incident; a post that left the incident which it had founded founds another one."""
        founder = self._post_id
        if founder not in posts:
            founder = next((post for post in posts if not self._memory.posts[post].leaf), posts[0])
        free = (identity for n in count() if (identity := ids.incident_id(founder, n)) not in self._memory.entries)
        return rows.Entry(incident_id=next(free), founder=founder, posts=[])

    def _sighting(self, post: str) -> Sighting:
        return self._post.sighting if post == self._post_id else self._memory.sighting(post)

    def _copies(self, groups: Sequence[Sequence[str]]) -> dict[str, str]:
        """Copies within each group, the new post's links included."""
        memory, new = self._memory, self._post_id
        fresh = {other: score for other, (_, score) in self._post.links.items()}

        def links(post: str) -> Mapping[str, float]:
            return fresh if post == new else memory.links(post)

        found: dict[str, str] = {}
        for posts in groups:
            found.update(originals(posts, links, self._key))
        return found

    def _seniority(self, entry: rows.Entry) -> tuple[float, str]:
        known = self._memory.posts.get(entry.founder)
        return (known.key[0] if known else 0.0), entry.incident_id

    def _revised(self, entry: rows.Entry, posts: Sequence[str], copies: Mapping[str, str]) -> rows.Entry:
        """The row of an incident that these posts form."""
        here = [p for p in posts if p == self._post_id or p in self._memory.posts]
        return self._counted(
            msgspec.structs.replace(
                entry, posts=here, state=IncidentState.OPEN, merged_into=None, born=self._born(here),
                last=self._key(here[-1])[0],
            ),
            copies,
        )  # fmt: skip

    def _merged(self, entry: rows.Entry, into: rows.Entry, copies: Mapping[str, str]) -> rows.Entry:
        """The row of an incident that was found to be the same as another."""
        state, survivor = IncidentState.MERGED, into.incident_id
        return self._counted(msgspec.structs.replace(entry, state=state, merged_into=survivor), copies)

    def _counted(self, entry: rows.Entry, copies: Mapping[str, str]) -> rows.Entry:
        """Counted up where the incident says something else than before.

        What it says is a function of its posts, their revisions, which of them are copies, and its state, so that
        these are compared and not the words.
        """
        posts = [f"{post}:{self._revision(post)}:{copies.get(post, '')}" for post in entry.posts]
        digest = ids.digest(entry.state, entry.merged_into or "", *entry.corrections, *posts)
        revision = entry.revision if digest == entry.digest else entry.revision + 1
        return msgspec.structs.replace(entry, revision=revision, digest=digest)

    def _revision(self, post: str) -> int:
        if post == self._post_id:
            return self._post.sighting.revision
        known = self._memory.posts.get(post)
        return known.revision if known is not None else -1

    def _key(self, post: str) -> Key:
        if post == self._post_id:
            return self._post.sighting.published_at.timestamp(), post
        return self._memory.posts[post].key

    def _content(self, entry: rows.Entry, copies: Mapping[str, str]) -> Incident:
        here = [self._sighting(p) for p in entry.posts if p == self._post_id or p in self._memory.posts]
        return _content(entry, here, copies, self._rules)

    def _born(self, posts: Sequence[str]) -> float:
        leaf = {p for p in posts if (self._leaf if p == self._post_id else self._memory.posts[p].leaf)}
        return min(self._key(p)[0] for p in posts if p not in leaf or len(leaf) == len(posts))


def _puts(changed: Sequence[rows.Entry], known: Mapping[str, rows.Entry]) -> list[Put]:
    """Rows that gain posts before rows that lose them, so that after a crash no post stands in none."""

    def loses(entry: rows.Entry) -> bool:
        old = known.get(entry.incident_id)
        return entry.state is IncidentState.MERGED or (old is not None and not set(old.posts) <= set(entry.posts))

    return [("i:" + entry.incident_id, rows.encode(entry)) for entry in sorted(changed, key=loses)]
