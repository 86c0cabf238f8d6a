"""What a feed says, whichever format it came in."""

from dataclasses import dataclass
from datetime import datetime

from schemas.records import Media


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as the feed gives it.

    Attributes:
        guid: the publisher's own id.
        url: absolute web address of the entry.
        title: on one line, without markup.
        text: plain text with line breaks.
        html: the markup that `text` was made from; None when there was none.
        published_at: aware UTC; None when the feed gives no date that can be read.
        edited_at: when the feed says that the entry was changed last.
        language: tag of this entry, where it names its own.
        media: pictures, films and files that come with it.
    """

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    text: str = ""
    html: str | None = None
    published_at: datetime | None = None
    edited_at: datetime | None = None
    language: str | None = None
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """One feed document that could be read.

    Attributes:
        format: `rss20`, `atom10`, `rdf`, `json11` and so on.
        title: of the feed.
        language: of the feed.
        ttl_seconds: how long the publisher wants it to be cached.
        hub: address of a WebSub hub.
        topic: the feed's own address as it names it.
        older: address of the document with the entries before these (RFC 5005: `next` or `prev-archive`).
        wordpress: made by WordPress, which pages its feeds without saying so.
        entries: in the document's order.
        encoding: charset that was used.
        flaws: what was wrong although it could be read: names of exceptions and surprises.
    """

    format: str
    title: str = ""
    language: str | None = None
    ttl_seconds: float | None = None
    hub: str | None = None
    topic: str | None = None
    older: str | None = None
    wordpress: bool = False
    entries: tuple[Entry, ...] = ()
    encoding: str = "utf-8"
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotAFeed:
    """A document that no entries can be read from, and why, in a sentence."""

    reason: str
    kind: str = "not_a_feed"
