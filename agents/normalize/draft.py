"""A text under repair that knows where each of its characters came from.

Passes look at `Draft.text` and answer with `Repair` values; only `apply` changes anything. The way back to the source
is kept as breakpoints `(place in text, place in source)`: between two of them both move in step, so an untouched text
has one, however long it is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Repair(NamedTuple):
    """Read `text[start:end]` as `after`.

    `places` names, for each character of `after`, the character of the current text that it was read from; without it
    every character points at `start`, or in step when the lengths are equal.
    """

    start: int
    end: int
    after: str
    kind: str
    places: Sequence[int] | None = None


class Fix(NamedTuple):
    """A repair that was made, in the coordinates of the source."""

    kind: str
    start: int
    end: int


class Draft:
    """The text as repaired so far, its way back, and what was done to it."""

    __slots__ = ("breakpoints", "fixes", "source_length", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.source_length = len(text)
        self.breakpoints: list[tuple[int, int]] = [(0, 0)]
        self.fixes: list[Fix] = []

    def source_of(self, index: int) -> int:
        """The place in the source of the character at `index`; the end of the source for the end of the text."""
        if index >= len(self.text):
            return self.source_length
        text_at, source_at = self.breakpoints[bisect_right(self.breakpoints, (index, 1 << 62)) - 1]
        return source_at + index - text_at

    def place_of(self, source_at: int) -> int:
        """The first character of the text that was read from `source_at` or from behind it."""
        at = bisect_right(self.breakpoints, source_at, key=lambda breakpoint_: breakpoint_[1]) - 1
        if at < 0:
            return 0
        while at:  # several characters may have been read from one
            before_text, before_source = self.breakpoints[at - 1]
            if before_text + source_at - before_source >= self.breakpoints[at][0]:
                break
            at -= 1
        text_at, start = self.breakpoints[at]
        end = self.breakpoints[at + 1][0] if at + 1 < len(self.breakpoints) else len(self.text)
        return min(text_at + source_at - start, end)

    def apply(self, repairs: Iterable[Repair]) -> bool:
        """Make these repairs, given in ascending order; one that overlaps its predecessor is left out.

        Returns:
            True if the text changed.
        """
        chosen: list[Repair] = []
        last = 0
        for repair in repairs:
            if repair.start >= last and repair.after != self.text[repair.start : repair.end]:
                chosen.append(repair)
                last = repair.end
        if chosen:
            self._rewrite(chosen)
        return bool(chosen)

    def _rewrite(self, repairs: list[Repair]) -> None:
        old, before = self.text, self.breakpoints
        pieces: list[str] = []
        after: list[tuple[int, int]] = []
        length = position = segment = 0

        def point(text_at: int, source_at: int) -> None:
            if not after or source_at - after[-1][1] != text_at - after[-1][0]:
                after.append((text_at, source_at))

        def keep(start: int, end: int) -> None:
            nonlocal length, segment
            if start >= end:
                return
            while segment + 1 < len(before) and before[segment + 1][0] <= start:
                segment += 1
            at = segment
            while at < len(before) and before[at][0] < end:
                text_at, source_at = before[at]
                first = max(text_at, start)
                point(length + first - start, source_at + first - text_at)
                at += 1
            pieces.append(old[start:end])
            length += end - start

        for repair in repairs:
            keep(position, repair.start)
            if repair.after:
                in_step = len(repair.after) == repair.end - repair.start
                for offset in range(len(repair.after)):
                    place = repair.start + offset if in_step else repair.start
                    point(length + offset, self.source_of(repair.places[offset] if repair.places else place))
                pieces.append(repair.after)
                length += len(repair.after)
            self.fixes.append(Fix(repair.kind, self.source_of(repair.start), self._source_end(repair)))
            position = repair.end
        keep(position, len(old))
        self.text, self.breakpoints = "".join(pieces), after or [(0, 0)]

    def _source_end(self, repair: Repair) -> int:
        if repair.end == repair.start:
            return self.source_of(repair.start)
        return self.source_of(repair.end - 1) + 1
