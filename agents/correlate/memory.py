"""The in-memory index over the rows: rebuilt from them on assignment, brought up to date after they are stored."""

import heapq
import zlib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from agents.correlate import rows
from agents.correlate.bonds import NONE, Bonds
from agents.correlate.copies import CopyIndex
from agents.correlate.graph import Key, Node, originals
from agents.correlate.heard import Heard, recalled
from agents.correlate.near import Neighbourhood
from agents.correlate.rules import Rules
from agents.correlate.said import Said
from schemas.kinds import IncidentState
from schemas.records import Sighting

DECODED: Final = 24 * 2**20
"""Bytes of rows whose sightings are kept decoded, the latest; all others stay bytes. Decoded they take two to three
times that: 8,000 posts as outlets write them, or 25,000 short ones."""

_NO_LINKS: Final[Mapping[str, float]] = {}


class Known(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A remembered post."""

    raw: bytes
    revision: int
    key: Key
    leaf: bool
    when: float


class Made(NamedTuple):
    """What the rows of one fold say, as it made them."""

    stored: bytes
    """The new post's row."""
    post: rows.Post
    heard: Heard
    entries: Mapping[bytes, rows.Entry]
    """By their rows."""


class Memory:
    """Everything a partition's correlator knows; changed by `put` only."""

    def __init__(self, rules: Rules) -> None:
        self.posts: dict[str, Known] = {}
        self.entries: dict[str, rows.Entry] = {}
        self.incidents_of: dict[str, tuple[str, ...]] = {}
        """Post id → incidents that hold it: one, or two after a crash in the middle of a merge."""
        self.near = Neighbourhood(rules.join)
        self.copies: CopyIndex = CopyIndex(jaccard=rules.copy_jaccard, containment=rules.copy_containment)
        self.clock: float | None = None
        self.given: dict[str, rows.Bond] = {}
        """What people said about which posts belong together, by feedback id."""
        self._bonds: Bonds | None = NONE
        """The same worked out; None: to be done."""
        self._links: dict[str, dict[str, float]] = {}
        self._decoded: OrderedDict[str, Said] = OrderedDict()
        self._decoded_bytes = 0
        self._made: Made | None = None
        self._oldest: list[tuple[float, str]] = []
        """Heap of (last publication, row key); entries that no longer hold are skipped when met."""
        self._unsettled: list[tuple[float, str]] = []
        """Heap of (due, incident id); likewise."""

    def load(self, stored: Iterable[tuple[str, bytes]]) -> None:
        """Take over all stored rows, whatever order they come in."""
        links = []
        for key, value in sorted(stored):
            if key.startswith("s:"):
                links.append((key[2:], self._put_post(key[2:], value)))
            else:
                self.put(key, value)
        for post_id, linked in links:
            self._link(post_id, linked)

    def put(self, key: str, value: bytes | None) -> None:
        """Take over one row as stored."""
        if key.startswith("i:"):
            self._put_entry(key[2:], value)
            return
        if key.startswith("f:"):
            self._put_bond(key[2:], value)
            return
        self._forget(key[2:])
        if value is not None:
            self._link(key[2:], self._put_post(key[2:], value))

    def _put_post(self, post_id: str, value: bytes) -> Mapping[str, tuple[int, float]]:
        row, heard = self._read(value)
        mark = heard.address.post
        self.clock = row.clock if self.clock is None else max(self.clock, row.clock)
        self.posts[post_id] = Known(value, row.sighting.revision, mark.key, mark.leaf, mark.when)
        self._remember(post_id, heard.said)
        self.near.add(heard.address)
        self.copies.add(post_id, heard.text, _order(mark.key))
        heapq.heappush(self._oldest, (mark.published, "s:" + post_id))
        return row.links

    def _link(self, post_id: str, links: Mapping[str, tuple[int, float]]) -> None:
        """Take over what a row says of its likeness to others, as far as it speaks of the revisions that stand."""
        for other, (revision, score) in links.items():
            known = self.posts.get(other)
            if known is not None and known.revision == revision:
                self._links.setdefault(post_id, {})[other] = score
                self._links.setdefault(other, {})[post_id] = score

    def _forget(self, post_id: str) -> None:
        known = self.posts.pop(post_id, None)
        if known is None:
            return
        if self._decoded.pop(post_id, None) is not None:
            self._decoded_bytes -= len(known.raw)
        self.near.discard(post_id)
        self.copies.discard(post_id)
        for other in self._links.pop(post_id, ()):
            del self._links[other][post_id]

    def _put_entry(self, incident_id: str, value: bytes | None) -> None:
        old = self.entries.pop(incident_id, None)
        for post in old.posts if old is not None else ():
            others = tuple([other for other in self.incidents_of.pop(post, ()) if other != incident_id])
            if others:
                self.incidents_of[post] = others
        if value is None:
            return
        entry = self._entry(value)
        self.entries[incident_id] = entry
        if entry.state is not IncidentState.MERGED:
            for post in entry.posts:
                self.incidents_of[post] = (*self.incidents_of.get(post, ()), incident_id)
        heapq.heappush(self._oldest, (entry.last, "i:" + incident_id))
        if entry.due:
            heapq.heappush(self._unsettled, (entry.due, incident_id))

    def _put_bond(self, feedback_id: str, value: bytes | None) -> None:
        self.given.pop(feedback_id, None)
        if value is not None:
            self.given[feedback_id] = rows.decode_bond(value)
        self._bonds = None

    @property
    def bonds(self) -> Bonds:
        """What people said, worked out."""
        if self._bonds is None:
            self._bonds = Bonds(self.given.values())
        return self._bonds

    def given_of(self, incidents: Collection[str]) -> list[str]:
        """What people said of these incidents and of no other that is left."""
        if not self.given:
            return []
        left = {c.feedback_id for i, entry in self.entries.items() if i not in incidents for c in entry.corrections}
        said = {c.feedback_id for i in sorted(incidents) for c in self.entries[i].corrections}
        return sorted(feedback_id for feedback_id in said - left if feedback_id in self.given)

    # ── what is known of a post ────────────────────────────────────────────────────────────────────────────────

    def incident_of(self, post_id: str) -> str | None:
        """The incident that holds a post; None for a claim that waits."""
        return min(self.incidents_of.get(post_id, ()), default=None)

    def survivor(self, incident_id: str) -> str | None:
        """The incident itself, or the one that it has become part of; None where that is forgotten."""
        entry = self.entries.get(incident_id)
        while entry is not None and entry.state is IncidentState.MERGED:
            entry = self.entries.get(entry.merged_into or "")
        return entry.incident_id if entry is not None else None

    def revision_of(self, post_id: str) -> int:
        """The revision of a remembered post; -1 where it is forgotten."""
        known = self.posts.get(post_id)
        return known.revision if known is not None else -1

    def links(self, post_id: str) -> Mapping[str, float]:
        """Likeness to other remembered posts."""
        return self._links.get(post_id, _NO_LINKS)

    def node(self, post_id: str) -> Node:
        """A remembered post as the graph sees it."""
        known = self.posts[post_id]
        return Node(known.key, known.leaf, self.links(post_id), known.when)

    def row(self, post_id: str) -> rows.Post:
        """The stored row of a remembered post."""
        return rows.decode_post(self.posts[post_id].raw)

    def said(self, post_id: str) -> Said:
        """What a remembered post says, and what follows from it."""
        said = self._decoded.get(post_id)
        return said if said is not None else self._remember(post_id, Said(self.row(post_id).sighting))

    def sighting(self, post_id: str) -> Sighting:
        """What a remembered post says."""
        return self.said(post_id).sighting

    def _remember(self, post_id: str, said: Said) -> Said:
        """Keep what a post says that is not kept yet, in place of the oldest."""
        self._decoded[post_id] = said
        self._decoded_bytes += len(self.posts[post_id].raw)
        while self._decoded_bytes > DECODED:
            oldest, _ = self._decoded.popitem(last=False)
            self._decoded_bytes -= len(self.posts[oldest].raw)
        return said

    def copied(self, posts: Iterable[str]) -> dict[str, str]:
        """Which of these posts are copies, and of which of them."""
        return originals([p for p in posts if p in self.posts], self.links, lambda post: self.posts[post].key)

    # ── what was worked out already ───────────────────────────────────────────────────────────────────────────

    def made(self, made: "Made") -> None:
        """Keep what rows say that are about to be stored, so that they need not be read again."""
        self._made = made

    def _read(self, raw: bytes) -> tuple[rows.Post, Heard]:
        made = self._made
        if made is not None and made.stored is raw:
            return made.post, made.heard
        row = rows.decode_post(raw)
        return row, recalled(row)

    def _entry(self, raw: bytes) -> rows.Entry:
        made = self._made
        known = made.entries.get(raw) if made is not None else None
        return known if known is not None else rows.decode_entry(raw)

    # ── what may have been held back ───────────────────────────────────────────────────────────────────────────

    def unsettled(self, now: float, most: int) -> list[rows.Entry]:
        """Incidents that are due to be sent once more, at most so many; nothing is settled yet."""
        due: list[tuple[float, str]] = []
        while self._unsettled and self._unsettled[0][0] <= now and len(due) < most:
            first = heapq.heappop(self._unsettled)
            entry = self.entries.get(first[1])
            if entry is not None and entry.due == first[0] and first not in due:
                due.append(first)
        for first in due:  # they stay due until their rows say otherwise
            heapq.heappush(self._unsettled, first)
        return [self.entries[incident_id] for _, incident_id in due]

    # ── whose time is over ─────────────────────────────────────────────────────────────────────────────────────

    def overdue(self, before: float, most: int) -> list[str]:
        """Keys of rows whose time is over, oldest first, at most so many; nothing is forgotten yet."""
        due: list[tuple[float, str]] = []
        while self._oldest and self._oldest[0][0] < before and len(due) < most:
            first = heapq.heappop(self._oldest)
            if self._holds(*first) and first not in due:
                due.append(first)
        for first in due:  # they stay due until their rows are deleted
            heapq.heappush(self._oldest, first)
        return [key for _, key in due]

    def _holds(self, last: float, key: str) -> bool:
        if key.startswith("i:"):
            entry = self.entries.get(key[2:])
            return entry is not None and entry.last == last
        known = self.posts.get(key[2:])
        return known is not None and known.key[0] == last and key[2:] not in self.incidents_of


def _order(key: Key) -> int:
    """Place of a post among all posts as one number: seconds since 1970, then what tells its id from others."""
    return (max(0, int(key[0])) + 1) << 24 | zlib.crc32(key[1].encode()) & 0xFFFFFF
