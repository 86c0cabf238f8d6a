"""Which text is a copy of which.

A copy is a text of which another outlet has taken over a substantial share word for word: a good part of all 4-word
runs are common to both, or most runs of the shorter text stand in the longer one. A copy adds no voice. A missed copy
counts one voice twice; a false one silences a voice, which is worse, so that candidates found by a few fingerprints are
always compared run by run before anything is called a copy.

Fingerprints are the smallest run hashes of a text (bottom-k sketch, Broder 1997) and all that fall below a fixed bound
(one in sixteen), so that an excerpt is found in a long article as well. They are kept in a table of fixed-size buckets:
eight bytes a fingerprint, the newest pushing out the oldest where a bucket is full, so that texts which are in
everybody's footer cost no more than others. On 6,272 newspaper articles the fingerprints met every pair whose runs
have a Jaccard similarity of .5 or more (`benchmarks/copies.py`).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.correlate.words import Hashes

SMALLEST: Final = 16
SAMPLED_BELOW: Final = 1 << 28
AT_MOST: Final = 64
WAYS: Final = 8
"""Fingerprints kept in one bucket."""
COMPARED: Final = 12
"""Texts compared run by run at most: those with the most fingerprints in common."""

_TAG: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


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


def fingerprints(runs: Hashes) -> Hashes:
    """The hashes under which a text is looked up; `runs` is sorted."""
    below = int(np.searchsorted(runs, SAMPLED_BELOW))
    return runs[: min(max(SMALLEST, below), AT_MOST)]


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
        self._runs: list[bytes] = []
        self._free: list[int] = []
        self._next = 0
        self._buckets(1 << 10)

    def __len__(self) -> int:
        return len(self._slot)

    def _buckets(self, number: int) -> None:
        self._shift = np.uint64(64 - number.bit_length() + 1)
        self._table: NDArray[np.uint64] = np.zeros((number, WAYS), np.uint64)
        self._hand: NDArray[np.uint8] = np.zeros(number, np.uint8)

    def add(self, key: str, runs: Hashes) -> None:
        """Remember a text under its key, in place of what the key stood for before."""
        self.discard(key)
        if not len(runs):
            return
        slot = self._place()
        self._slot[key], self._key[slot] = slot, key
        self._runs[slot] = runs.astype("<u4").tobytes()
        self._file(slot, runs)

    def _place(self) -> int:
        if self._most is not None and len(self._key) >= self._most and not self._free:
            slot = self._next  # the oldest: slots are used in a circle once all are taken
            self._next = (slot + 1) % self._most
            old = self._key[slot]
            if old is not None:
                del self._slot[old]
            return slot
        if self._free:
            return self._free.pop()
        self._key.append(None)
        self._runs.append(b"")
        if len(self._key) * SMALLEST > len(self._hand) * WAYS // 2:
            self._grow()
        return len(self._key) - 1

    def _grow(self) -> None:
        self._buckets(len(self._hand) * 2)
        for slot, key in enumerate(self._key):
            if key is not None:
                self._file(slot, np.frombuffer(self._runs[slot], "<u4"))

    def _file(self, slot: int, runs: Hashes) -> None:
        marks = fingerprints(runs).astype(np.uint64)
        buckets = (marks * _MIX) >> self._shift
        ways = self._hand[buckets]
        self._table[buckets, ways] = (marks << _TAG) | np.uint64(slot + 1)
        self._hand[buckets] = (ways + 1) % WAYS

    def discard(self, key: str) -> None:
        """Forget a text; one that is not remembered is no error."""
        slot = self._slot.pop(key, None)
        if slot is not None:
            # Its fingerprints stay until they are pushed out; whatever takes the slot is compared run by run.
            self._key[slot] = None
            self._runs[slot] = b""
            self._free.append(slot)

    def like(self, runs: Hashes) -> dict[str, Likeness]:
        """Remembered texts of which this one is a copy, or the other way round."""
        found: dict[str, Likeness] = {}
        for slot in self._candidates(runs):
            key = self._key[slot]
            if key is None:
                continue
            measured = likeness(runs, np.frombuffer(self._runs[slot], "<u4"))
            if measured.jaccard >= self._jaccard or measured.containment >= self._containment:
                found[key] = measured
        return found

    def _candidates(self, runs: Hashes) -> list[int]:
        marks = fingerprints(runs).astype(np.uint64)
        if not len(marks):
            return []
        held = self._table[(marks * _MIX) >> self._shift]
        hits = held[(held >> _TAG) == marks[:, None]] & _LOW
        if not len(hits):
            return []
        if len(hits) == 1:
            return [int(hits[0]) - 1] if hits[0] else []
        slots, counts = np.unique(hits, return_counts=True)
        order = np.lexsort((slots, -counts))[:COMPARED]
        return [slot - 1 for slot in slots[order].tolist() if slot]
