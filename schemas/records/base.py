"""What all records share."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Utc = Annotated[datetime, Meta(tz=True)]
"""A moment with its time zone; `as_utc` brings it to UTC when a record is born."""

Span = tuple[int, int]
"""Start and end (exclusive) in characters."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Frozen, keyword-only, compared by value; fields that have their default value are left out of the JSON.

    Frozen records form no cycles, so that the collector of cycles need not look at each of the many that are kept.
    """


def as_utc(record: msgspec.Struct, *fields: str) -> None:
    """Bring these fields of a record that is being born to UTC; absent ones stay absent.

    Raises:
        ValueError: a moment lies outside the years 1 to 9999 in UTC.
    """
    for field in fields:
        value: datetime | None = getattr(record, field)
        if value is not None and value.tzinfo is not UTC:
            try:
                msgspec.structs.force_setattr(record, field, value.astimezone(UTC))
            except OverflowError as error:
                raise ValueError(f"{field} {value.isoformat()} lies outside the calendar in UTC") from error


class Evidence(Record, frozen=True, kw_only=True):
    """Where a statement stands: a span of one revision of one post.

    `start` and `end` count characters of `Post.original` (the title, a line feed, the body; or the body alone,
    where the body is the full text of the post's page if that is known, else its text).
    """

    post_id: str
    revision: int = 0
    start: int
    end: int
    rule: str = ""
    quote: str = ""
    """The words there, repaired, 80 characters at most; empty for claims channels, whose words are never passed on."""

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"evidence span {self.start}–{self.end} is not a span")
