"""A Cursor: where a connector stopped reading a source."""

from typing import Any

from schemas.records.base import Record, Utc, as_utc


class Cursor(Record, frozen=True, kw_only=True):
    """Position in one source, opaque to all but its connector (compacted topic `marqab.cursors`, key: source id)."""

    source_id: str
    position: dict[str, Any]
    updated_at: Utc

    def __post_init__(self) -> None:
        as_utc(self, "updated_at")
