"""Reports for the tests of places."""

from datetime import UTC, datetime

from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Report, Source

NOON = datetime(2022, 12, 26, 12, tzinfo=UTC)


def a_report(text: str, *, title: str | None = None, country: str | None = None, language: str | None = None) -> Report:
    source = Source(id="a-source", kind=SourceKind.FEED, country=country)
    return normalize(Post(source=source, native_id="1", published_at=NOON, title=title, text=text, language=language))
