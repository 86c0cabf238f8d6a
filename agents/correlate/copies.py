"""Which text is a copy of which.

A copy is a text of which another outlet has taken over a substantial share word for word: at least
`Rules.copy_jaccard` of all 4-word runs are common to both, or nearly all runs of the shorter text stand in the longer
one. A copy adds no voice. A missed copy counts one voice twice; a false one silences a voice, which is worse, so that
candidates found by a few fingerprints are always compared run by run before anything is called a copy.

Fingerprints are the smallest run hashes of a text and, every so often along it, the smallest of a stretch
(winnowing: Schleimer, Wilkerson and Aiken 2003), so that an excerpt is found in a long article as well.
"""

from collections.abc import Hashable
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np

from agents.correlate.rules import Rules
from agents.correlate.words import Hashes, codes, shingles, words

K = TypeVar("K", bound=Hashable)

SMALLEST: Final = 16
SAMPLED_BELOW: Final = 1 << 28
"""One run in sixteen is a fingerprint wherever it stands: the same runs in an excerpt and in the whole."""
AT_MOST: Final = 64


class Likeness(NamedTuple):
    """How much two texts have word for word in common, each from 0 to 1."""

    jaccard: float
    containment: float


def likeness(one: Hashes, other: Hashes) -> Likeness:
    """Common runs as a share of all runs, and of the shorter text's runs."""
    if not len(one) or not len(other):
        return Likeness(0.0, 0.0)
    common = len(np.intersect1d(one, other, assume_unique=True))
    return Likeness(common / (len(one) + len(other) - common), common / min(len(one), len(other)))


def fingerprints(runs: Hashes) -> list[int]:
    """The hashes under which a text is looked up; `runs` is sorted."""
    below = int(np.searchsorted(runs, SAMPLED_BELOW))
    chosen: list[int] = runs[: min(max(SMALLEST, below), AT_MOST)].tolist()
    return chosen


class CopyIndex(Generic[K]):
    """Remembered texts by fingerprint; finds those that a new text may be a copy of."""

    def __init__(self, *, jaccard: float, containment: float) -> None:
        self._jaccard, self._containment = jaccard, containment
        self._runs: dict[K, Hashes] = {}
        self._under: dict[int, list[K]] = {}

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, key: K, runs: Hashes) -> None:
        """Remember a text under its key, in place of what the key stood for before."""
        self.discard(key)
        self._runs[key] = runs
        for mark in fingerprints(runs):
            self._under.setdefault(mark, []).append(key)

    def discard(self, key: K) -> None:
        """Forget a text; one that is not remembered is no error."""
        runs = self._runs.pop(key, None)
        for mark in fingerprints(runs) if runs is not None else ():
            under = self._under[mark]
            under.remove(key)
            if not under:
                del self._under[mark]

    def like(self, runs: Hashes) -> dict[K, Likeness]:
        """Every remembered text of which this one is a copy, or the other way round."""
        found: dict[K, Likeness] = {}
        for key in dict.fromkeys(key for mark in fingerprints(runs) for key in self._under.get(mark, ())):
            measured = likeness(runs, self._runs[key])
            if measured.jaccard >= self._jaccard or measured.containment >= self._containment:
                found[key] = measured
        return found


class TextCopies:
    """Copies among all texts of a stream, security or not: for reports about the stream, not for joining."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._index: CopyIndex[str] = CopyIndex(jaccard=rules.copy_jaccard, containment=rules.copy_containment)
        self._head: dict[str, str] = {}

    def add(self, post_id: str, text: str) -> str | None:
        """Remember a text; the first post of its group of copies, None for a text of its own."""
        of = words(text)
        if len(of) < self._rules.copy_words:
            return None
        runs = shingles(codes(of))
        like = self._index.like(runs)
        like.pop(post_id, None)
        self._index.add(post_id, runs)
        if not like:
            return None
        most = max(like, key=lambda other: (like[other].jaccard, like[other].containment))
        return self._head.setdefault(post_id, self._head.get(most, most))
