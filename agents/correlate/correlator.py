"""One partition's correlator: decides what a sighting changes, and changes nothing before the rows are stored."""

from collections.abc import Iterable
from math import inf

import msgspec

from agents.correlate import rows
from agents.correlate.address import Address
from agents.correlate.copies import Likeness
from agents.correlate.correct import correct
from agents.correlate.fold import Fold, Put
from agents.correlate.graph import COPY, Node
from agents.correlate.heard import Heard, hear, recalled
from agents.correlate.memory import Made, Memory
from agents.correlate.region import region
from agents.correlate.rules import DEFAULT, Rules
from agents.correlate.same import Comparison, another_time, elsewhere
from agents.correlate.settle import Settlement, calmed, current
from agents.correlate.traits import Traits
from schemas.kinds import IncidentState
from schemas.records import Feedback, Incident, Sighting


class Correlator:
    """Joins sightings into incidents; one per partition of `marqab.sightings`."""

    def __init__(self, rules: Rules = DEFAULT) -> None:
        self._rules = rules
        self._ties = rules.ties
        self._memory = Memory(rules)

    @property
    def open_incidents(self) -> int:
        """How many incidents further posts may still join."""
        return sum(entry.state is IncidentState.OPEN for entry in self._memory.entries.values())

    def knows(self, incident_id: str) -> bool:
        """Whether it remembers an incident of this id, merged ones included."""
        return incident_id in self._memory.entries

    @property
    def claims_waiting(self) -> int:
        """How many claims no incident has been found for yet."""
        return sum(post not in self._memory.incidents_of for post in self._memory.posts)

    def load(self, stored: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild the index from the stored rows, forgetting what was known."""
        self._memory = Memory(self._rules)
        self._memory.load(stored)

    def apply(self, puts: Iterable[Put]) -> None:
        """The decision has been carried out: bring the index up to date."""
        for key, value in puts:
            self._memory.put(key, value)

    def fold(self, sighting: Sighting, heard: Heard | None = None) -> Fold:
        """Decide what a sighting changes; the same sighting on the same rows gives the same answer.

        Args:
            sighting: what a post says.
            heard: the same, read together with others (`hear`); None: it is read now.
        """
        known = self._memory.posts.get(sighting.post_id)
        if known is not None and known.revision >= sighting.revision:
            return self._again(sighting.post_id)
        if known is None and (sighting.deleted or not sighting.relevant):
            return Fold()
        if known is not None and (sighting.deleted or not sighting.relevant):
            # What the source said before is withdrawn; it stays in the record, as withdrawn.
            withdrawn = self._withdrawn(sighting)
            return self._fold(recalled(withdrawn), withdrawn)
        heard = heard or hear([sighting])[0]
        return self._fold(heard, self._compared(heard))

    def correct(self, feedback: Feedback) -> Fold:
        """Decide what a person's correction changes; carried out as a fold is.

        Raises:
            Inapplicable: it names an incident or a post that is not known here, or means what cannot be.
        """
        return correct(self._memory, self._rules, feedback)

    def settle(self, now: float | None = None) -> Fold:
        """Send what was held back, where no further sighting comes that would do so.

        Args:
            now: the wall clock in seconds since 1970; None at the end of a stream: everything is due.
        """
        until, most = (inf, len(self._memory.entries)) if now is None else (now, self._rules.settle_per_tick)
        incidents, puts = calmed(self._memory, self._rules, until, most)
        return Fold(tuple(incidents), tuple(puts))

    def _again(self, post_id: str) -> Fold:
        """A post that is already in: send its incident's current revision once more."""
        memory = self._memory
        incident_id = memory.incident_of(post_id)
        copy_of = memory.copied([post_id, *memory.links(post_id)]).get(post_id)
        if incident_id is None:
            return Fold(duplicate_of=copy_of)
        return Fold((current(memory, memory.entries[incident_id], self._rules),), (), copy_of, incident_id)

    def _fold(self, heard: Heard, post: rows.Post) -> Fold:
        memory, said, mark = self._memory, heard.said, heard.address.post
        post_id = said.post_id
        links = {other: value for other, (_, value) in post.links.items()}
        node = Node(mark.key, mark.leaf, links, mark.when)
        found = region(memory, post_id, node, self._ties)
        settled = Settlement(memory, self._rules, said, post).settle(found)
        touched = {entry.incident_id for entry in found.before}
        calm, noted = calmed(memory, self._rules, post.clock, self._rules.settle_per_fold, settled.entries)
        expired, gone = self._expire(post.clock, keep=touched)
        stored = rows.encode(post)
        entries = {raw: settled.entries[key[2:]] for key, raw in settled.puts if raw is not None}
        memory.made(Made(stored, post, heard, entries))
        return Fold(
            incidents=(*settled.incidents, *calm, *expired),
            puts=(*settled.puts, *noted, *gone, ("s:" + post_id, stored)),
            duplicate_of=settled.copies.get(post_id),
            incident_id=settled.incident_of.get(post_id),
        )

    # ── a sighting as a row ────────────────────────────────────────────────────────────────────────────────────

    def _compared(self, heard: Heard) -> rows.Post:
        """The row of a post, compared with all that is near."""
        memory, mark = self._memory, heard.address.post
        likeness = self._likeness(heard.address)
        for other, how in memory.copies.like(heard.text).items():
            if other != heard.said.post_id and self._is_copy(heard, memory.near.traits(other), how):
                likeness[other] = COPY
        kept = sorted(likeness, key=lambda other: (-likeness[other], other))[: self._rules.links]
        return rows.Post(
            sighting=heard.said.sighting,
            words=heard.weightiest,
            weights=heard.weights,
            another=heard.another,
            refers=heard.refers,
            runs=heard.text.stored,
            links={other: (memory.posts[other].revision, likeness[other]) for other in sorted(kept)},
            clock=self._now(mark),
        )

    def _likeness(self, at: Address) -> dict[str, float]:
        """Posts that it may join, and how like it they are."""
        near = self._memory.near.of(at, self._rules.candidates)
        if not near:
            return {}
        score = Comparison(at.post, self._rules).score
        return {other.key[1]: worth for other in near if (worth := score(other)) is not None}

    def _is_copy(self, heard: Heard, theirs: Traits, how: Likeness) -> bool:
        """Whether one of two texts alike is a copy: a form filled in anew for a town or day tells of another attack."""
        mark = heard.address.post
        if theirs.test != mark.test or elsewhere(mark, theirs):
            return False
        long = len(heard.text.runs) >= self._rules.long_runs
        word_for_word = long and how.containment >= self._rules.copy_containment
        return word_for_word or not another_time(mark, theirs, self._rules.span.total_seconds())

    def _withdrawn(self, sighting: Sighting) -> rows.Post:
        """The row of a post that was taken back: what it said, marked as withdrawn, in its old place."""
        memory = self._memory
        old = memory.row(sighting.post_id)
        said = msgspec.structs.replace(
            old.sighting, deleted=True, revision=sighting.revision, edited_at=sighting.edited_at
        )
        links = {
            other: (memory.posts[other].revision, value) for other, value in memory.links(sighting.post_id).items()
        }
        return msgspec.structs.replace(old, sighting=said, links=dict(sorted(links.items())))

    # ── forgetting ─────────────────────────────────────────────────────────────────────────────────────────────

    def _now(self, mark: Traits) -> float:
        """Event time after this post: a date far in the future moves it one step only."""
        clock, published = self._memory.clock, mark.published
        if clock is None:
            return published
        return max(clock, min(published, clock + self._rules.step.total_seconds()))

    def _expire(self, now: float, keep: set[str]) -> tuple[list[Incident], list[Put]]:
        """Close what nobody has spoken of for long; a bounded number at a time."""
        closed: list[Incident] = []
        puts: list[Put] = []
        gone: set[str] = set()
        memory = self._memory
        for key in memory.overdue(now - self._rules.open_for.total_seconds(), self._rules.expire_per_fold):
            if key.startswith("s:"):
                puts.append((key, None))
                continue
            entry = memory.entries[key[2:]]
            if entry.incident_id in keep:
                continue
            gone.add(entry.incident_id)
            if entry.state is IncidentState.OPEN and all(post in memory.posts for post in entry.posts):
                closing = msgspec.structs.replace(entry, state=IncidentState.CLOSED, revision=entry.revision + 1)
                closed.append(current(memory, closing, self._rules))
            puts += [("s:" + p, None) for p in entry.posts if memory.incident_of(p) == entry.incident_id]
            puts.append((key, None))
        puts += [("f:" + feedback_id, None) for feedback_id in memory.given_of(gone)]
        return closed, puts


__all__ = ["Correlator", "Fold", "Put"]
