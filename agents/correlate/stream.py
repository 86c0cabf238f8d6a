"""Copies among all texts of a stream, security or not: for reports about the stream, not for joining.

More is called a copy here than where a voice is at stake: half of a text taken over word for word is worth telling.
With these thresholds all pairs of `ar_duplicates` with a Jaccard similarity of .5 or more were found, and 99 % of what
was called a copy was one.
"""

from typing import Final

from agents.correlate.copies import COPY_WORDS, CopyIndex, sketch
from agents.correlate.words import codes, shingles, words

JACCARD: Final = 0.35
CONTAINMENT: Final = 0.5
REMEMBERED: Final = 1_000_000


class TextCopies:
    """Remembers texts and tells of every new one which it is a copy of."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._index = CopyIndex(jaccard=JACCARD, containment=CONTAINMENT, most=most)
        self._head: dict[str, str] = {}

    def add(self, post_id: str, text: str) -> str | None:
        """Remember a text; the first post of its group of copies, None for a text of its own."""
        of = words(text)
        if len(of) < COPY_WORDS:
            return None
        drawn = sketch(shingles(codes(of)))
        like = self._index.like(drawn)
        like.pop(post_id, None)
        self._index.add(post_id, drawn)
        if not like:
            return None
        most = max(like, key=lambda other: (like[other].jaccard, like[other].containment, other))
        return self._head.setdefault(post_id, self._head.get(most, most))
