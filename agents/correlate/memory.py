"""The in-memory index over the rows: rebuilt from them on assignment, brought up to date after they are stored."""

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np

from agents.correlate import rows
from agents.correlate.copies import CopyIndex
from agents.correlate.graph import Key, Node
from agents.correlate.near import Neighbourhood
from agents.correlate.rules import Rules
from agents.correlate.traits import traits
from agents.correlate.words import Hashes
from schemas.kinds import IncidentState
from schemas.records import Sighting


class Known(NamedTuple):
    """A remembered post."""

    raw: bytes
    revision: int
    key: Key
    leaf: bool
    claim: bool
    links: Mapping[str, tuple[int, float]]


class Memory:
    """Everything a partition's correlator knows; changed by `put` only."""

    def __init__(self, rules: Rules) -> None:
        self.posts: dict[str, Known] = {}
        self.entries: dict[str, rows.Entry] = {}
        self.incidents_of: dict[str, set[str]] = {}
        """Post id → incidents that hold it: one, or two after a crash in the middle of a merge."""
        self.near = Neighbourhood()
        self.copies: CopyIndex[str] = CopyIndex(jaccard=rules.copy_jaccard, containment=rules.copy_containment)
        self.linked_from: dict[str, set[str]] = {}
        """Post id → posts that came later and are linked to it."""
        self.clock: float | None = None
        self.oldest: list[tuple[float, str]] = []
        """Heap of (last publication, row key); entries that no longer hold are skipped when met."""

    def put(self, key: str, value: bytes | None) -> None:
        """Take over one row as stored."""
        if key == rows.CLOCK:
            self.clock = datetime.fromisoformat(value.decode()).timestamp() if value else None
        elif key.startswith("s:"):
            self._put_post(key[2:], value)
        elif key.startswith("i:"):
            self._put_entry(key[2:], value)

    def _put_post(self, post_id: str, value: bytes | None) -> None:
        self._forget(post_id)
        if value is None:
            return
        row = rows.decode_post(value)
        mark = traits(row.sighting, row.words, row.weights)
        key = (float(mark["published"][0]), post_id)
        known = Known(value, row.sighting.revision, key, bool(mark["leaf"][0]), bool(mark["claim"][0]), row.links)
        self.posts[post_id] = known
        self.near.add(post_id, mark)
        self.copies.add(post_id, np.frombuffer(row.runs, "<u4"))
        for other in known.links:
            self.linked_from.setdefault(other, set()).add(post_id)
        heapq.heappush(self.oldest, (key[0], "s:" + post_id))

    def _forget(self, post_id: str) -> None:
        known = self.posts.pop(post_id, None)
        if known is None:
            return
        self.near.discard(post_id)
        self.copies.discard(post_id)
        for other in known.links:
            sources = self.linked_from.get(other)
            if sources is not None:
                sources.discard(post_id)
                if not sources:
                    del self.linked_from[other]

    def _put_entry(self, incident_id: str, value: bytes | None) -> None:
        old = self.entries.pop(incident_id, None)
        for post in old.posts if old is not None else ():
            holding = self.incidents_of.get(post, set())
            holding.discard(incident_id)
            if not holding:
                self.incidents_of.pop(post, None)
        if value is None:
            return
        entry = rows.decode_entry(value)
        self.entries[incident_id] = entry
        if entry.state is not IncidentState.MERGED:
            for post in entry.posts:
                self.incidents_of.setdefault(post, set()).add(incident_id)
        heapq.heappush(self.oldest, (entry.last, "i:" + incident_id))

    def incident_of(self, post_id: str) -> str | None:
        """The incident that holds a post; None for a claim that waits."""
        return min(self.incidents_of.get(post_id, ()), default=None)

    def sighting(self, post_id: str) -> Sighting:
        """What a remembered post says."""
        return rows.decode_post(self.posts[post_id].raw).sighting

    def links(self, post_id: str) -> dict[str, float]:
        """Likeness to posts, from either end, as far as it was measured on the revisions that stand."""
        known = self.posts[post_id]
        found = {
            o: score for o, (rev, score) in known.links.items() if o in self.posts and self.posts[o].revision == rev
        }
        for other in self.linked_from.get(post_id, ()):
            revision, score = self.posts[other].links[post_id]
            if revision == known.revision:
                found[other] = score
        return found

    def node(self, post_id: str) -> Node:
        """A remembered post as the graph sees it."""
        known = self.posts[post_id]
        return Node(known.key, known.leaf, self.links(post_id))

    def overdue(self, before: float, most: int) -> list[str]:
        """Keys of rows whose time is over, oldest first, at most so many; nothing is changed."""
        due: list[tuple[float, str]] = []
        while self.oldest and self.oldest[0][0] < before and len(due) < most:
            first = heapq.heappop(self.oldest)
            if self._holds(*first):
                due.append(first)
        for first in due:  # they stay due until their rows are deleted
            heapq.heappush(self.oldest, first)
        return [key for _, key in dict.fromkeys(due)]

    def _holds(self, last: float, key: str) -> bool:
        if key.startswith("i:"):
            entry = self.entries.get(key[2:])
            return entry is not None and entry.last == last
        known = self.posts.get(key[2:])
        return known is not None and known.key[0] == last and key[2:] not in self.incidents_of

    def like(self, runs: Hashes) -> list[str]:
        """Posts of which a text is a copy, or that are copies of it."""
        return list(self.copies.like(runs))


def load(rules: Rules, stored: Iterable[tuple[str, bytes]]) -> Memory:
    """The index over stored rows, whatever order they come in."""
    memory = Memory(rules)
    for key, value in sorted(stored):
        memory.put(key, value)
    return memory
