"""Groups of posts become incidents: who keeps which identity, and what is sent and stored.

An incident's id is made from its founder, the post that opened it here. A group that holds the anchors (first posts) of
several incidents is led by the one whose founder was published first; the others are merged into it and say so. A
group that holds no anchor is a new incident. A revision is counted up only when the incident says something else than
before, so that repeated work changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Final

import msgspec

from agents.correlate import rows
from agents.correlate.bonds import Bonds
from agents.correlate.content import Standing, incident
from agents.correlate.fold import Put
from agents.correlate.graph import Key, originals
from agents.correlate.memory import Memory
from agents.correlate.region import Region
from agents.correlate.rules import Rules
from agents.correlate.said import Said
from schemas import ids
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Correction, Incident


class Settled(msgspec.Struct):
    """What follows for incidents and rows.

    Attributes:
        incidents: changed ones, those that were merged away first.
        entries: their rows, by incident.
        puts: the same as stored.
        copies: post id → original, among the posts concerned.
        incident_of: post id → incident, for the posts concerned.
    """

    incidents: list[Incident] = []
    entries: dict[str, rows.Entry] = {}
    puts: list[Put] = []
    copies: dict[str, str] = {}
    incident_of: dict[str, str] = {}


def current(memory: Memory, entry: rows.Entry, rules: Rules) -> Incident:
    """The incident of a row as it stands."""
    posts = [post for post in entry.posts if post in memory.posts]
    return _content(entry, [memory.said(post) for post in posts], memory.copied(posts), rules)


def counted(entry: rows.Entry, copies: Mapping[str, str], revision_of: Callable[[str], int]) -> rows.Entry:
    """Counted up where the incident says something else than before.

    What it says is a function of its posts, their revisions, which of them are copies, its state and what people said
    of it, so that these are compared and not the words.
    """
    posts = [f"{post}:{revision_of(post)}:{copies.get(post, '')}" for post in entry.posts]
    corrections = [correction.feedback_id for correction in entry.corrections]
    digest = ids.digest(entry.state, entry.merged_into or "", *corrections, *posts)
    revision = entry.revision if digest == entry.digest else entry.revision + 1
    return msgspec.structs.replace(entry, revision=revision, digest=digest)


_NOTHING: Final[Mapping[str, rows.Entry]] = {}


def calmed(
    memory: Memory, rules: Rules, now: float, most: int, changed: Mapping[str, rows.Entry] = _NOTHING
) -> tuple[list[Incident], list[Put]]:
    """Incidents whose last revision came too soon for an alert, and has stood for the settling time since.

    They are sent once more, unchanged and marked as settled, before their rows are stored: a crash in between sends
    them again, which tells nobody anything new.

    Args:
        memory: what is known.
        rules: thresholds.
        now: event time, or the wall clock where nothing is heard.
        most: how many at most.
        changed: rows that are about to be stored, by incident; a new revision makes a new time, and is not due.
    """
    known = memory.unsettled(now, most)
    due = [changed.get(entry.incident_id, entry) for entry in known]
    due = [entry for entry, before in zip(due, known, strict=True) if entry.due == before.due]
    told = [e for e in due if e.state is IncidentState.OPEN and all(post in memory.posts for post in e.posts)]
    incidents = [msgspec.structs.replace(current(memory, entry, rules), settled=True) for entry in told]
    return incidents, [("i:" + e.incident_id, rows.encode(msgspec.structs.replace(e, due=0.0))) for e in due]


def _content(entry: rows.Entry, said: Sequence[Said], copies: Mapping[str, str], rules: Rules) -> Incident:
    standing = Standing(
        incident_id=entry.incident_id,
        revision=entry.revision,
        state=entry.state,
        merged_into=entry.merged_into,
        corrections=entry.corrections,
        muted=entry.muted and not _over(entry.muted_until, said),
        dismissed=entry.dismissed,
        place=entry.place,
    )
    return incident(said, copies, standing, rules.max_age)


def _over(until: float | None, said: Sequence[Said]) -> bool:
    return until is not None and said[-1].sighting.published_at.timestamp() >= until


class Decided(msgspec.Struct, frozen=True):
    """What comes with a person's decision beside its bond.

    Attributes:
        bonds: all, the new one included.
        notes: by incident, or by a post of one that is not known yet: what goes into its history.
    """

    bonds: Bonds
    notes: Mapping[str, Correction] = {}


class Settlement:
    """Settles the groups around one new post, or after a person's decision around none."""

    def __init__(
        self,
        memory: Memory,
        rules: Rules,
        new: Said | None = None,
        post: rows.Post | None = None,
        decided: Decided | None = None,
    ) -> None:
        self._memory, self._rules = memory, rules
        self._post_id, self._post = new.post_id if new else "", post
        self._new = new
        self._decided = decided or Decided(memory.bonds)

    def settle(self, region: Region) -> Settled:
        """Give every group its identity and say what changed."""
        anchored = [(self._anchor(entry), entry) for entry in region.before]
        copies = self._copies(region.groups)
        settled = Settled(copies=copies)
        merged: list[rows.Entry] = []
        standing: list[rows.Entry] = []
        for posts, born in zip(region.groups, region.born, strict=True):
            if all(self._said(post).is_claim for post in posts):
                continue
            led = sorted((entry for anchor, entry in anchored if anchor in posts), key=self._seniority)
            lead, *others = led or [self._revived(posts) or self._founded(posts)]
            settled.incident_of.update(dict.fromkeys(posts, lead.incident_id))
            standing.append(self._revised(lead, posts, born, copies))
            merged += [self._merged(other, lead, copies) for other in others]
        known = {entry.incident_id: entry for entry in region.before}
        changed = [e for e in (*merged, *standing) if e != known.get(e.incident_id) or self._post_id in e.posts]
        settled.incidents = [self._content(entry, copies) for entry in changed]
        settled.entries = {entry.incident_id: entry for entry in changed}
        settled.puts = _puts(changed, known)
        return settled

    def _anchor(self, entry: rows.Entry) -> str:
        """The post whose group keeps the incident's identity: its first one that is no leaf, for leaves may move."""
        memory, left = self._memory, self._decided.bonds.left(entry.incident_id)
        stayed = [post for post in entry.posts if post in memory.posts and post not in left]
        firm = next((post for post in stayed if not memory.posts[post].leaf), None)
        return firm or (stayed[0] if left and stayed else entry.founder)

    def _revived(self, posts: Sequence[str]) -> rows.Entry | None:
        """The incident that these posts were, where people took them out of the one that it was merged into."""
        memory, bonds = self._memory, self._decided.bonds
        if bonds.placed.isdisjoint(posts):
            return None
        gone: list[tuple[bool, int, str]] = []  # those that people merged before those that were found to be the same
        for entry in memory.entries.values():
            if entry.state is IncidentState.MERGED:
                left = bonds.left(memory.survivor(entry.incident_id) or "")
                firm = [post for post in entry.posts if post in memory.posts and not memory.posts[post].leaf]
                if next(iter(firm or entry.posts)) in left.intersection(posts):
                    found = not any(correction.kind is FeedbackKind.MERGE for correction in entry.corrections)
                    gone.append((found, -len({*entry.posts}.intersection(posts)), entry.incident_id))
        return memory.entries[min(gone)[2]] if gone else None

    def _founded(self, posts: Sequence[str]) -> rows.Entry:
        """A new incident; a post that left the incident which it had founded founds another one."""
        founder = self._post_id
        if founder not in posts:
            founder = next((post for post in posts if not self._memory.posts[post].leaf), posts[0])
        free = (identity for n in count() if (identity := ids.incident_id(founder, n)) not in self._memory.entries)
        return rows.Entry(incident_id=next(free), founder=founder, posts=())

    def _said(self, post: str) -> Said:
        return self._new if self._new and post == self._post_id else self._memory.said(post)

    def _copies(self, groups: Sequence[Sequence[str]]) -> dict[str, str]:
        """Copies within each group, the new post's links included."""
        memory, new = self._memory, self._post_id
        fresh = {other: score for other, (_, score) in (self._post.links if self._post else {}).items()}

        def links(post: str) -> Mapping[str, float]:
            return fresh if post == new else memory.links(post)

        found: dict[str, str] = {}
        for posts in groups:
            if len(posts) > 1:
                found.update(originals(posts, links, self._key))
        return found

    def _seniority(self, entry: rows.Entry) -> tuple[int, float, str]:
        known = self._memory.posts.get(entry.founder)
        said = self._decided.bonds.leads.get(entry.incident_id, 0)
        return -said, (known.key[0] if known else 0.0), entry.incident_id

    def _revised(self, entry: rows.Entry, posts: Sequence[str], born: float, copies: Mapping[str, str]) -> rows.Entry:
        """The row of an incident that these posts form."""
        here = tuple([p for p in posts if p == self._post_id or p in self._memory.posts])
        revised = msgspec.structs.replace(
            entry, posts=here, state=IncidentState.OPEN, merged_into=None, born=born, last=self._key(here[-1])[0]
        )
        revised = counted(self._noted(revised), copies, self._revision)
        due = self._due(entry, revised)
        return revised if due == revised.due else msgspec.structs.replace(revised, due=due)

    def _due(self, before: rows.Entry, revised: rows.Entry) -> float:
        """When what the announcer may hold back of this revision is told; 0 where it holds nothing back.

        The last alert is no younger than the last revision and the settling time, so that a revision which comes later
        than twice that time after it is announced at once, and with it all that was held back before.
        """
        settle = self._rules.settle.total_seconds()
        if revised.revision == before.revision:
            return before.due
        if not before.revision or revised.last - before.last >= 2 * settle:
            return 0.0
        clock = self._post.clock if self._post else self._memory.clock
        return (clock or revised.last) + settle

    def _merged(self, entry: rows.Entry, into: rows.Entry, copies: Mapping[str, str]) -> rows.Entry:
        """The row of an incident that was found to be the same as another."""
        state, survivor = IncidentState.MERGED, into.incident_id
        merged = msgspec.structs.replace(entry, state=state, merged_into=survivor)
        return counted(self._noted(merged), copies, self._revision)

    def _noted(self, entry: rows.Entry) -> rows.Entry:
        """With the feedback that is being applied in its history, once."""
        notes = self._decided.notes
        note = notes.get(entry.incident_id) or next((notes[post] for post in entry.posts if post in notes), None)
        if note is None or note.feedback_id in {known.feedback_id for known in entry.corrections}:
            return entry
        return msgspec.structs.replace(entry, corrections=(*entry.corrections, note))

    def _revision(self, post: str) -> int:
        if self._post and post == self._post_id:
            return self._post.sighting.revision
        return self._memory.revision_of(post)

    def _key(self, post: str) -> Key:
        if self._post and post == self._post_id:
            return self._post.sighting.published_at.timestamp(), post
        return self._memory.posts[post].key

    def _content(self, entry: rows.Entry, copies: Mapping[str, str]) -> Incident:
        here = [self._said(p) for p in entry.posts if p == self._post_id or p in self._memory.posts]
        return _content(entry, here, copies, self._rules)


def _puts(changed: Sequence[rows.Entry], known: Mapping[str, rows.Entry]) -> list[Put]:
    """Rows that gain posts before rows that lose them, so that after a crash no post stands in none."""

    def loses(entry: rows.Entry) -> bool:
        old = known.get(entry.incident_id)
        return entry.state is IncidentState.MERGED or (old is not None and not set(old.posts) <= set(entry.posts))

    return [("i:" + entry.incident_id, rows.encode(entry)) for entry in sorted(changed, key=loses)]
