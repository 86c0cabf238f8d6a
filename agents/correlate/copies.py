"""Which text is a copy of which.

A copy is a text of which another outlet has taken over a substantial share word for word: a good part of all 4-word
runs are common to both, or most runs of the shorter text stand in the longer one. A copy adds no voice. A missed copy
counts one voice twice; a false one silences a voice, which is worse, so that candidates found by a few fingerprints are
always compared run by run before anything is called a copy.

Fingerprints are the smallest run hashes of a text (bottom-k sketch, Broder 1997) and all that fall below a fixed bound
(one in sixteen), so that an excerpt is found in a long article as well. They are kept in a table of fixed-size buckets,
eight bytes a fingerprint. Of many texts with one fingerprint (what stands in everybody's footer) the latest eight are
found, in whatever order they were added: an index built anew from stored rows finds what the old one found. On 6,272
newspaper articles the fingerprints met every pair whose runs have a Jaccard similarity of .5 or more
(`benchmarks/copies.py`).
"""

from array import array
from bisect import insort
from collections import Counter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.correlate.words import Hashes

COPY_WORDS: Final = 6
"""Texts of fewer words are too common to be called copies."""
SMALLEST: Final = 16
SAMPLED_BELOW: Final = 1 << 28
_SAMPLED_BELOW: Final = np.uint32(SAMPLED_BELOW)
AT_MOST: Final = 64
WAYS: Final = 8
"""Fingerprints kept in one bucket, and the latest texts found by one fingerprint."""
COMPARED: Final = 12
"""Texts compared run by run at most: those with the most fingerprints in common."""

_FIRST: Final = np.array([True])
_WAY_BITS: Final = WAYS.bit_length() - 1


class Likeness(NamedTuple):
    """How much two texts have word for word in common, each from 0 to 1."""

    jaccard: float
    containment: float


def likeness(one: Hashes, other: Hashes) -> Likeness:
    """Common runs as a share of all runs, and of the shorter text's runs; both sorted."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if not len(short):
        return Likeness(0.0, 0.0)
    at = np.minimum(np.searchsorted(long, short), len(long) - 1)
    common = int(np.count_nonzero(long[at] == short))
    return Likeness(common / (len(short) + len(long) - common), common / len(short))


class Sketch(NamedTuple):
    """A text, ready to be remembered and to look for its copies."""

    runs: Hashes
    """Hashes of its 4-word runs, sorted."""
    stored: bytes
    """The same, four bytes each, little-endian."""
    marks: list[int]
    """Its fingerprints: the first of the runs."""


def sketch(runs: Hashes) -> Sketch:
    """Make a text's sketch; `runs` is sorted."""
    return Sketch(runs, runs.astype("<u4", copy=False).tobytes(), _fingerprints(runs))


def read_sketch(stored: bytes) -> Sketch:
    """The sketch of which these are the bytes."""
    runs = np.frombuffer(stored, "<u4")
    return Sketch(runs, stored, _fingerprints(runs))


def _fingerprints(runs: Hashes) -> list[int]:
    if len(runs) > SMALLEST:
        below = int(runs.searchsorted(_SAMPLED_BELOW))
        runs = runs[: min(max(SMALLEST, below), AT_MOST)]
    marks: list[int] = runs.tolist()
    return marks


class CopyIndex:
    """Remembered texts by fingerprint; finds those that a new text may be a copy of.

    Args:
        jaccard: share of all runs from which one text is a copy of the other.
        containment: share of the shorter text's runs from which it is an excerpt.
        most: texts remembered at most, the oldest forgotten first; None for as many as are added.
    """

    def __init__(self, *, jaccard: float, containment: float, most: int | None = None) -> None:
        self._jaccard, self._containment, self._most = jaccard, containment, most
        self._slot: dict[str, int] = {}
        self._key: list[str | None] = []
        self._order: NDArray[np.int64] = np.zeros(1024, np.int64)
        """When each slot's text is from; what a bucket keeps."""
        self._added = 0
        self._aside: dict[int, list[tuple[int, int]]] = {}
        """Fingerprint → (order, slot) of texts that found no room; not kept where `most` bounds the index."""
        self._runs: list[bytes] = []
        self._free: list[int] = []
        self._next = 0
        self._buckets(1 << 10)

    def __len__(self) -> int:
        return len(self._slot)

    def _buckets(self, number: int) -> None:
        self._mask = number - 1
        self._masked = np.uint32(self._mask)
        self._marks, self._slots = array("I", bytes(4 * WAYS * number)), array("I", bytes(4 * WAYS * number))
        """All buckets, one after the other: fingerprints, and the numbers of their texts, from 1; 0 where free."""
        self._mark_table: Hashes = np.frombuffer(self._marks, np.uint32).reshape(number, WAYS)
        self._slot_table: NDArray[np.uint32] = np.frombuffer(self._slots, np.uint32).reshape(number, WAYS)
        """The same memory, for looking into many buckets at once; single cells are faster without numpy."""
        self._aside.clear()

    def add(self, key: str, text: Sketch, order: int | None = None) -> None:
        """Remember a text under its key, in place of what the key stood for before.

        Args:
            key: what it is found as.
            text: its sketch.
            order: greater for later texts, above 0 and no two alike; None: in the order in which they are added.
        """
        self.discard(key)
        if not text.stored:
            return
        self._added += 1
        slot = self._place()
        if slot >= len(self._order):
            self._order = np.concatenate([self._order, np.zeros(len(self._order), np.int64)])
        self._slot[key], self._key[slot] = slot, key
        self._order[slot] = self._added if order is None else order
        self._runs[slot] = text.stored
        self._file(slot, text)

    def _place(self) -> int:
        if self._most is not None and len(self._key) >= self._most and not self._free:
            slot = self._next  # the oldest: slots are used in a circle once all are taken
            self._next = (slot + 1) % self._most
            old = self._key[slot]
            if old is not None:
                self._take_out(slot)
                del self._slot[old]
            return slot
        if self._free:
            return self._free.pop()
        self._key.append(None)
        self._runs.append(b"")
        if len(self._key) * SMALLEST > len(self._slots) // 2:
            self._grow()
        return len(self._key) - 1

    def _grow(self) -> None:
        """Twice as many buckets, filled anew from all texts at once: of each bucket the latest fingerprints."""
        self._buckets((self._mask + 1) * 2)
        held = [(slot, read_sketch(self._runs[slot]).marks) for slot in self._slot.values()]
        if not held:
            return
        marks = np.array([mark for _, of in held for mark in of], np.uint32)
        slots = np.repeat([slot for slot, _ in held], [len(of) for _, of in held])
        buckets = marks & self._masked
        latest = np.lexsort((marks, -self._order[slots], buckets))
        marks, slots, buckets = marks[latest], slots[latest], buckets[latest]
        place = np.arange(len(marks))
        way = place - np.maximum.accumulate(np.where(np.append(_FIRST, buckets[1:] != buckets[:-1]), place, 0))
        room = way < WAYS
        self._mark_table[buckets[room], way[room]] = marks[room]
        self._slot_table[buckets[room], way[room]] = slots[room] + 1
        for at in np.flatnonzero(~room).tolist() if self._most is None else ():
            self._set_aside(int(marks[at]), int(slots[at]))

    def _file(self, slot: int, text: Sketch) -> None:
        """Put each fingerprint into its bucket; where one is full its oldest text makes room."""
        marks, slots, mask = self._marks, self._slots, self._mask
        for mark in text.marks:
            first = (mark & mask) << _WAY_BITS
            try:
                free = slots.index(0, first, first + WAYS)
            except ValueError:
                self._crowd(mark, slot, first)
            else:
                marks[free], slots[free] = mark, slot + 1

    def _crowd(self, mark: int, slot: int, first: int) -> None:
        """Find room for a fingerprint in a full bucket: the oldest text in it, or this one, is set aside."""
        marks, slots, order = self._marks, self._slots, self._order
        oldest = min(range(first, first + WAYS), key=lambda cell: int(order[slots[cell] - 1]))
        if order[slots[oldest] - 1] < order[slot]:
            if self._most is None:
                self._set_aside(marks[oldest], slots[oldest] - 1)
            marks[oldest], slots[oldest] = mark, slot + 1
        elif self._most is None:
            self._set_aside(mark, slot)

    def _set_aside(self, mark: int, slot: int) -> None:
        insort(self._aside.setdefault(mark, []), (int(self._order[slot]), slot))

    def _take_out(self, slot: int) -> None:
        marks = read_sketch(self._runs[slot]).marks
        for mark in marks:
            first = (mark & self._mask) << _WAY_BITS
            for cell in range(first, first + WAYS):
                if self._slots[cell] == slot + 1 and self._marks[cell] == mark:
                    self._marks[cell] = self._slots[cell] = 0
        for mark in self._aside.keys() & set(marks) if self._aside else ():
            rest = [one for one in self._aside[mark] if one[1] != slot]
            if rest:
                self._aside[mark] = rest
            else:
                del self._aside[mark]

    def discard(self, key: str) -> None:
        """Forget a text; one that is not remembered is no error."""
        slot = self._slot.pop(key, None)
        if slot is not None:
            self._take_out(slot)
            self._key[slot] = None
            self._runs[slot] = b""
            self._free.append(slot)

    def like(self, text: Sketch) -> dict[str, Likeness]:
        """Remembered texts of which this one is a copy, or the other way round."""
        found: dict[str, Likeness] = {}
        for slot in self._candidates(text):
            key = self._key[slot]
            if key is None:
                continue
            measured = likeness(text.runs, np.frombuffer(self._runs[slot], "<u4"))
            if measured.jaccard >= self._jaccard or measured.containment >= self._containment:
                found[key] = measured
        return found

    def _candidates(self, text: Sketch) -> list[int]:
        marks = text.runs[: len(text.marks)]
        if not len(marks):
            return []
        buckets = marks & self._masked
        met = self._mark_table.take(buckets, axis=0) == marks[:, None]
        aside = self._aside.keys() & set(text.marks) if self._aside else ()
        if not aside and not np.count_nonzero(met):
            return []
        held = self._slot_table[buckets]
        common: Counter[int] = Counter([slot - 1 for slot in held[met].tolist() if slot])
        for mark in aside:
            at = int(np.flatnonzero(marks == mark)[0])
            self._latest_of(mark, [slot - 1 for slot in held[at][met[at]].tolist() if slot], common)
        return sorted(common, key=lambda slot: (-common[slot], -int(self._order[slot])))[:COMPARED]

    def _latest_of(self, mark: int, inside: list[int], common: Counter[int]) -> None:
        """Of all texts with this fingerprint, in the table (`inside`) and beside it, only the latest count."""
        common.subtract(inside)
        latest = sorted([(int(self._order[slot]), slot) for slot in inside] + self._aside[mark][-WAYS:])[-WAYS:]
        common.update(slot for _, slot in latest)
        for slot in inside:
            if not common[slot]:
                del common[slot]
