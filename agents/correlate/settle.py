"""Groups of posts become incidents: who keeps which identity, and what is sent and stored.

An incident's id is made from its founder, the post that opened it here. A group that holds the anchors (first posts) of
several incidents is led by the one whose founder was published first; the others are merged into it and say so. A
group that holds no anchor is a new incident. A revision is counted up only when the incident says something else than
before, so that repeated work changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from agents.correlate import rows
from agents.correlate.claims import is_claim
from agents.correlate.content import Standing, incident
from agents.correlate.fold import Put
from agents.correlate.graph import originals
from agents.correlate.memory import Memory
from agents.correlate.region import Region
from agents.correlate.rules import Rules
from schemas import codec, ids
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
        incident_id=entry.incident_id, revision=entry.revision, state=entry.state, merged_into=entry.merged_into
    )
    return incident(said, copies, standing, rules.max_age)


class Settlement:
    """Settles the groups around one new post."""

    def __init__(self, memory: Memory, rules: Rules, post_id: str, post: rows.Post) -> None:
        self._memory, self._rules = memory, rules
        self._post_id, self._post = post_id, post

    def settle(self, region: Region) -> Settled:
        """Give every group its identity and say what changed."""
        anchored = [(self._anchor(entry), entry) for entry in region.before]
        copies = self._copies(region.groups)
        settled = Settled(copies=copies)
        merged: list[tuple[Incident, rows.Entry]] = []
        standing: list[tuple[Incident, rows.Entry]] = []
        for posts in region.groups:
            if all(is_claim(self._sighting(post)) for post in posts):
                continue
            led = sorted((entry for anchor, entry in anchored if anchor in posts), key=self._seniority)
            lead, *others = led or [_founded(self._founder(posts))]
            settled.incident_of.update(dict.fromkeys(posts, lead.incident_id))
            standing.append(self._revised(lead, posts, copies, IncidentState.OPEN, None))
            merged += [
                self._revised(other, other.posts, copies, IncidentState.MERGED, lead.incident_id) for other in others
            ]
        settled.incidents = [told for told, _ in merged + standing]
        settled.puts = _puts(standing, merged, region)
        return settled

    def _anchor(self, entry: rows.Entry) -> str:
        """The post whose group keeps the incident's identity: its first one that is no leaf, for leaves may move."""
        memory = self._memory
        return next((p for p in entry.posts if p in memory.posts and not memory.posts[p].leaf), entry.founder)

    def _founder(self, posts: Sequence[str]) -> str:
        if self._post_id in posts:
            return self._post_id
        return next((post for post in posts if not self._memory.posts[post].leaf), posts[0])

    def _sighting(self, post: str) -> Sighting:
        return self._post.sighting if post == self._post_id else self._memory.sighting(post)

    def _copies(self, groups: Sequence[Sequence[str]]) -> dict[str, str]:
        """Copies within each group, the new post's links included."""
        memory, new = self._memory, self._post_id
        fresh = {other: score for other, (_, score) in self._post.links.items()}

        def links(post: str) -> Mapping[str, float]:
            return fresh if post == new else memory.links(post)

        def order(post: str) -> tuple[float, str]:
            return memory.posts[post].key if post != new else (self._post.sighting.published_at.timestamp(), new)

        found: dict[str, str] = {}
        for posts in groups:
            found.update(originals(posts, links, order))
        return found

    def _seniority(self, entry: rows.Entry) -> tuple[float, str]:
        known = self._memory.posts.get(entry.founder)
        return (known.key[0] if known else 0.0), entry.incident_id

    def _revised(
        self,
        entry: rows.Entry,
        posts: Sequence[str],
        copies: Mapping[str, str],
        state: IncidentState,
        merged_into: str | None,
    ) -> tuple[Incident, rows.Entry]:
        """The incident with these posts, and its row; counted up where it says something else than before."""
        said = sorted(
            (self._sighting(p) for p in posts if p == self._post_id or p in self._memory.posts),
            key=lambda s: (s.published_at, s.post_id),
        )
        told = _content(
            msgspec.structs.replace(entry, revision=1, state=state, merged_into=merged_into), said, copies, self._rules
        )
        digest = blake2b(codec.encode(told), digest_size=12).hexdigest()
        row = msgspec.structs.replace(
            entry,
            posts=[s.post_id for s in said],
            state=state,
            merged_into=merged_into,
            born=self._born(said),
            last=said[-1].published_at.timestamp(),
            revision=entry.revision if digest == entry.digest else entry.revision + 1,
            digest=digest,
        )
        return msgspec.structs.replace(told, revision=row.revision), row

    def _born(self, said: Sequence[Sighting]) -> float:
        memory = self._memory
        telling = [s for s in said if s.post_id == self._post_id or not memory.posts[s.post_id].leaf]
        return (telling or said)[0].published_at.timestamp()


def _puts(
    standing: Sequence[tuple[Incident, rows.Entry]], merged: Sequence[tuple[Incident, rows.Entry]], region: Region
) -> list[Put]:
    """Rows that gain posts before rows that lose them, so that after a crash no post stands in none."""
    before = {entry.incident_id: set(entry.posts) for entry in region.before}
    order = sorted(standing, key=lambda change: not before.get(change[1].incident_id, set()) <= set(change[1].posts))
    return [("i:" + entry.incident_id, rows.encode(entry)) for _, entry in (*order, *merged)]


def _founded(post_id: str) -> rows.Entry:
    return rows.Entry(incident_id=ids.incident_id(post_id), founder=post_id, posts=[])
