"""One partition's correlator: decides what a sighting changes, and changes nothing before the rows are stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec
import numpy as np

from agents.correlate import rows
from agents.correlate.claims import is_claim
from agents.correlate.commonness import vector
from agents.correlate.content import Standing, incident
from agents.correlate.graph import COPY, Node, components, originals
from agents.correlate.memory import Memory, load
from agents.correlate.rules import DEFAULT, Rules
from agents.correlate.same import score
from agents.correlate.traits import WORDS, Row, traits, vocabulary
from agents.correlate.words import shingles, words
from schemas import codec, ids
from schemas.kinds import IncidentState
from schemas.records import Incident, Sighting

Put = tuple[str, bytes | None]


@dataclass(frozen=True)
class Fold:
    """What one sighting changes.

    Attributes:
        incidents: to be sent, in this order, before anything is stored.
        puts: rows to store, in this order; None deletes.
        duplicate_of: post id of the text that this one is a copy of.
        incident_id: the incident that the sighting belongs to; None for a claim that waits.
    """

    incidents: tuple[Incident, ...] = ()
    puts: tuple[Put, ...] = ()
    duplicate_of: str | None = None
    incident_id: str | None = None


class Correlator:
    """Joins sightings into incidents; one per partition of `marqab.sightings`."""

    def __init__(self, rules: Rules = DEFAULT) -> None:
        self._rules = rules
        self._memory = Memory(rules)

    @property
    def open_incidents(self) -> int:
        """How many incidents further posts may still join."""
        return sum(entry.state is IncidentState.OPEN for entry in self._memory.entries.values())

    @property
    def claims_waiting(self) -> int:
        """How many claims no incident has been found for yet."""
        return sum(post not in self._memory.incidents_of for post in self._memory.posts)

    def load(self, stored: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild the index from the stored rows, forgetting what was known."""
        self._memory = load(self._rules, stored)

    def apply(self, puts: Iterable[Put]) -> None:
        """The decision has been carried out: bring the index up to date."""
        for key, value in puts:
            self._memory.put(key, value)

    def fold(self, sighting: Sighting) -> Fold:
        """Decide what a sighting changes; the same sighting on the same rows gives the same answer."""
        known = self._memory.posts.get(sighting.post_id)
        if known is not None and known.revision >= sighting.revision:
            return self._again(sighting.post_id)
        if known is None and not sighting.relevant:
            return Fold()
        if not sighting.relevant:
            # The source changed its mind: what it said before is withdrawn, and stays in the record as withdrawn.
            said = self._memory.sighting(sighting.post_id)
            sighting = msgspec.structs.replace(
                said, revision=sighting.revision, deleted=True, edited_at=sighting.edited_at
            )
        return self._fold(sighting, withdrawn=sighting.deleted and known is not None)

    def _again(self, post_id: str) -> Fold:
        """A post that is already in: send its incident's current revision once more."""
        incident_id = self._memory.incident_of(post_id)
        copy_of = self._copies([post_id, *self._memory.links(post_id)]).get(post_id)
        if incident_id is None:
            return Fold(duplicate_of=copy_of)
        return Fold((self._current(self._memory.entries[incident_id]),), (), copy_of, incident_id)

    def _current(self, entry: rows.Entry) -> Incident:
        return self._content(
            entry, {post: self._memory.sighting(post) for post in entry.posts}, self._copies(entry.posts)
        )

    def _copies(self, posts: Sequence[str]) -> dict[str, str]:
        known = self._memory.posts
        here = [post for post in posts if post in known]
        return originals(here, self._memory.links, lambda post: known[post].key)

    # ── folding ────────────────────────────────────────────────────────────────────────────────────────────────

    def _fold(self, sighting: Sighting, *, withdrawn: bool) -> Fold:
        memory = self._memory
        post = self._row(sighting, withdrawn=withdrawn)
        mark = traits(post.sighting, post.words, post.weights)
        links = {other: value for other, (_, value) in post.links.items()}
        before = self._touched(sighting.post_id, links)
        nodes = {member: memory.node(member) for entry in before for member in entry.posts if member in memory.posts}
        nodes.update({other: memory.node(other) for other in links if other not in nodes})
        for other, node in nodes.items():
            stale = {o: v for o, v in node.links.items() if o != sighting.post_id}
            nodes[other] = Node(node.key, node.leaf, stale)
        nodes[sighting.post_id] = Node((float(mark["published"][0]), sighting.post_id), bool(mark["leaf"][0]), links)
        grouped = components(nodes, join=self._rules.join, merge=self._rules.merge)
        touched_posts = {member for entry in before for member in entry.posts} | {sighting.post_id}
        grouped = [group for group in grouped if not touched_posts.isdisjoint(group)]

        sightings = {member: memory.sighting(member) for group in grouped for member in group if member in memory.posts}
        sightings[sighting.post_id] = post.sighting
        copies = originals(list(nodes), lambda p: nodes[p].links, lambda p: nodes[p].key)
        incidents, puts, mine = self._settle(sighting.post_id, grouped, before, sightings, copies)
        expired, gone = self._expire(mark, keep={e.incident_id for e in before})
        return Fold(
            incidents=(*incidents, *expired),
            puts=(*puts, *gone, self._clock(mark), ("s:" + sighting.post_id, rows.encode(post))),
            duplicate_of=copies.get(sighting.post_id),
            incident_id=mine,
        )

    def _row(self, sighting: Sighting, *, withdrawn: bool) -> rows.Post:
        """The row of a new post: compared with everything near it. A withdrawn post keeps its text's likeness."""
        memory = self._memory
        if withdrawn:
            old = rows.decode_post(memory.posts[sighting.post_id].raw)
            said = msgspec.structs.replace(old.sighting, deleted=True, revision=sighting.revision)
            kept = memory.links(sighting.post_id)
            links = {other: (memory.posts[other].revision, value) for other, value in sorted(kept.items())}
            return rows.Post(sighting=said, words=old.words, weights=old.weights, runs=old.runs, links=links)
        of = words(sighting.text)
        runs = shingles(of) if len(of) >= self._rules.copy_words else shingles([])
        codes, weights = vector(vocabulary(sighting.text), WORDS)
        mark = traits(sighting, codes, weights)
        likeness = self._links(sighting.post_id, mark)
        for other in memory.like(runs):
            if other != sighting.post_id and bool(memory.near.traits(other)["test"][0]) == sighting.test:
                likeness[other] = COPY
        return rows.Post(
            sighting=msgspec.structs.replace(sighting, text="", reasons=[]),
            words=codes,
            weights=weights,
            runs=runs.astype("<u4").tobytes(),
            links={other: (memory.posts[other].revision, value) for other, value in sorted(likeness.items())},
        )

    def _links(self, post_id: str, mark: Row) -> dict[str, float]:
        others, rows_found = self._memory.near.of(mark, self._rules.candidates, besides=post_id)
        if not others:
            return {}
        points = score(mark, rows_found, self._rules)
        return {others[n]: round(float(points[n]), 3) for n in np.flatnonzero(points >= self._rules.join).tolist()}

    def _touched(self, post_id: str, links: Iterable[str]) -> list[rows.Entry]:
        """Incidents of the post itself and of every post that it is like."""
        memory = self._memory
        direct = {incident for p in (post_id, *links) for incident in memory.incidents_of.get(p, ())}
        # A crash between two rows of a merge leaves a post in both incidents: then both are settled again.
        posts = {post for incident in direct for post in memory.entries[incident].posts}
        touched = direct | {incident for p in posts for incident in memory.incidents_of.get(p, ())}
        return [memory.entries[incident_id] for incident_id in sorted(touched)]

    def _settle(
        self,
        new: str,
        grouped: Sequence[Sequence[str]],
        before: Sequence[rows.Entry],
        sightings: dict[str, Sighting],
        copies: dict[str, str],
    ) -> tuple[list[Incident], list[Put], str | None]:
        """Give every group its identity and say what changed; incidents that were merged away come first."""
        by_founder = {entry.founder: entry for entry in before}
        grown = {post: group for group in grouped for post in group}
        shrinking = {e.incident_id for e in before if not set(e.posts) <= set(grown.get(e.founder, ()))}
        merged: list[tuple[Incident, rows.Entry]] = []
        standing: list[tuple[Incident, rows.Entry]] = []
        mine = None
        for group in grouped:
            present = [p for p in group if p in sightings]
            if all(is_claim(sightings[p]) for p in present):
                continue
            founders = [by_founder[p] for p in group if p in by_founder]
            lead, *others = sorted(founders, key=self._seniority) or [_founded(new if new in group else group[0])]
            changed = self._revised(lead, present, sightings, copies, IncidentState.OPEN, None)
            standing += changed
            for other in others:
                merged += self._revised(other, other.posts, sightings, copies, IncidentState.MERGED, lead.incident_id)
            if new in group:
                mine = lead.incident_id
        # Rows that gain posts come before rows that lose them, so that after a crash no post stands in none.
        gaining = sorted(standing, key=lambda change: change[1].incident_id in shrinking)
        puts: list[Put] = [("i:" + entry.incident_id, rows.encode(entry)) for _, entry in gaining + merged]
        return [told for told, _ in merged + standing], puts, mine

    def _seniority(self, entry: rows.Entry) -> tuple[float, str]:
        known = self._memory.posts.get(entry.founder)
        return (known.key[0] if known else 0.0), entry.incident_id

    def _revised(
        self,
        entry: rows.Entry,
        posts: Sequence[str],
        sightings: dict[str, Sighting],
        copies: dict[str, str],
        state: IncidentState,
        merged_into: str | None,
    ) -> list[tuple[Incident, rows.Entry]]:
        """The incident with these posts, and its row; counted up where it says something else than before."""
        here = sorted((p for p in posts if p in sightings), key=lambda p: (sightings[p].published_at, p))
        row = msgspec.structs.replace(
            entry, posts=here, state=state, merged_into=merged_into,
            last=max(sightings[p].published_at.timestamp() for p in here),
        )  # fmt: skip
        first = msgspec.structs.replace(row, revision=1)
        told = self._content(first, sightings, copies)
        digest = blake2b(codec.encode(told), digest_size=12).hexdigest()
        revision = entry.revision if digest == entry.digest else entry.revision + 1
        row = msgspec.structs.replace(row, revision=revision, digest=digest)
        return [(msgspec.structs.replace(told, revision=revision), row)]

    def _content(self, entry: rows.Entry, sightings: dict[str, Sighting], copies: dict[str, str]) -> Incident:
        members = [sightings[post] for post in entry.posts]
        return incident(
            members,
            {copy: original for copy, original in copies.items() if copy in entry.posts and original in entry.posts},
            Standing(
                incident_id=entry.incident_id,
                revision=entry.revision,
                state=entry.state,
                merged_into=entry.merged_into,
            ),
            self._rules.max_age,
        )

    # ── forgetting ─────────────────────────────────────────────────────────────────────────────────────────────

    def _now(self, mark: Row) -> float:
        """Event time after this post: a date far in the future moves it one step only."""
        clock, published = self._memory.clock, float(mark["published"][0])
        if clock is None:
            return published
        return max(clock, min(published, clock + self._rules.step.total_seconds()))

    def _clock(self, mark: Row) -> Put:
        return rows.CLOCK, datetime.fromtimestamp(self._now(mark), UTC).isoformat().encode()

    def _expire(self, mark: Row, keep: set[str]) -> tuple[list[Incident], list[Put]]:
        """Close what nobody has spoken of for long; a bounded number at a time."""
        closed: list[Incident] = []
        puts: list[Put] = []
        memory = self._memory
        before = self._now(mark) - self._rules.open_for.total_seconds()
        for key in memory.overdue(before, self._rules.expire_per_fold):
            if key.startswith("s:"):
                puts.append((key, None))
                continue
            entry = memory.entries[key[2:]]
            if entry.incident_id in keep:
                continue
            if entry.state is IncidentState.OPEN and all(post in memory.posts for post in entry.posts):
                closing = msgspec.structs.replace(entry, state=IncidentState.CLOSED, revision=entry.revision + 1)
                closed.append(self._current(closing))
            puts += [("s:" + p, None) for p in entry.posts if memory.incident_of(p) == entry.incident_id]
            puts.append((key, None))
        return closed, puts


def _founded(post_id: str) -> rows.Entry:
    return rows.Entry(incident_id=ids.incident_id(post_id), founder=post_id, posts=[])


__all__ = ["Correlator", "Fold", "Put"]
