"""A Report: a Post made comparable."""

from bisect import bisect_right
from typing import Annotated, Final

from msgspec import Meta

from schemas.kinds import SourceRole
from schemas.records.base import Evidence, Record, Span, Utc, as_utc
from schemas.records.post import Forward, Source

QUOTE_LENGTH: Final = 80


class Edit(Record, frozen=True, kw_only=True):
    """One repair of the text: what stood at `start`–`end` of the original, and what it was read as."""

    kind: str
    start: int
    end: int
    after: str


class Report(Record, frozen=True, kw_only=True):
    """The text of a post without markup, hidden words and boilerplate marks, with the way back to the original."""

    post_id: str
    revision: Annotated[int, Meta(ge=0)] = 0
    source: Source
    native_id: str
    url: str | None = None
    language: str
    """ISO 639: `ar`, `en`, `fa`, `ckb`, `tr` …; `und` where the text is too short to tell."""
    text: str
    """Title and body, repaired; the title is the first `title_length` characters."""
    title_length: int = 0
    offsets: list[tuple[int, int]] = []
    """Breakpoints `(place in text, place in the original)`, ascending; between two of them both move in step."""
    original_length: int = 0
    edits: list[Edit] = []
    hiding: float = 0.0
    """Share of words that somebody hid on purpose, 0 to 1."""
    boilerplate: list[Span] = []
    """Spans of `text` that are not the post's own words: share counters, captions, "see also" lines."""
    published_at: Utc
    published_at_estimated: bool = False
    edited_at: Utc | None = None
    fetched_at: Utc | None = None
    deleted: bool = False
    forwarded_from: Forward | str | None = None
    reply_to: str | None = None
    grouped_id: str | None = None
    media_kinds: list[str] = []
    backfill: bool = False
    test: bool = False
    notes: list[str] = []
    """What the normalizer had to assume, in words (a date in the future, text taken from HTML)."""

    def __post_init__(self) -> None:
        as_utc(self, "published_at", "edited_at", "fetched_at")

    def to_original(self, start: int, end: int) -> Span:
        """The span of the original that `text[start:end]` was read from."""
        first = self._place(start)
        return first, max(first, self._place(end - 1) + 1) if end > start else first

    def _place(self, index: int) -> int:
        at = bisect_right(self.offsets, (index, 1 << 62)) - 1
        if at < 0:
            return min(index, self.original_length)
        text_at, original_at = self.offsets[at]
        return min(original_at + index - text_at, max(self.original_length - 1, 0))

    def evidence(self, start: int, end: int, rule: str = "") -> Evidence:
        """Evidence for `text[start:end]`, pointing into the original, with its words unless they are a claim's."""
        first, last = self.to_original(start, end)
        quote = "" if self.source.role is SourceRole.CLAIMS else self.text[start : min(end, start + QUOTE_LENGTH)]
        return Evidence(post_id=self.post_id, revision=self.revision, start=first, end=last, rule=rule, quote=quote)
