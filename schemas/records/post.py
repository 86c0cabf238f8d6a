"""A Post: one entry or message of a source, exactly as given."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import post_id
from schemas.kinds import Reliability, SourceKind, SourceRole
from schemas.records.base import Record, Utc, as_utc

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]


class Source(Record, frozen=True, kw_only=True):
    """A feed or channel that we follow, as far as readers of its posts need to know it."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: SourceKind
    name: str = ""
    role: SourceRole = SourceRole.MEDIA
    reliability: Reliability = Reliability.F
    country: Country | None = None
    side: str | None = None
    """Whose side the source is on, in the operator's words; copies between sources of one side count once."""
    speaks_for: str | None = None
    """Actor id that an official or claims source speaks for."""


class Media(Record, frozen=True, kw_only=True):
    """A picture, film or file that came with a post: described, never downloaded."""

    kind: str = "unknown"
    url: str | None = None
    mime_type: str | None = None
    caption: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    size_bytes: int | None = None


class Forward(Record, frozen=True, kw_only=True):
    """Where a forwarded message came from: an exact origin."""

    name: str | None = None
    channel_id: int | None = None
    message_id: int | None = None
    published_at: Utc | None = None

    def __post_init__(self) -> None:
        as_utc(self, "published_at")


class Post(Record, frozen=True, kw_only=True):
    """One entry or message, exactly as given (the contract of `marqab.posts` and of replay files)."""

    source: Source
    native_id: Annotated[str, Meta(min_length=1, max_length=2000)] | int
    """The source's own id: a feed entry's guid, `tg:<channel>:<message>`; what `post_id` is made from."""
    url: str | None = None
    title: str | None = None
    text: str
    """Plain text with its line breaks; may be empty for a post that is only media."""
    full_text: str | None = None
    """Text of the article's own page, for sources that ask for it; longer than `text`, which it stands beside."""
    html: str | None = None
    language: str | None = None
    published_at: Utc
    published_at_estimated: bool = False
    """True where the source gave no usable date and the time of fetching stands in."""
    edited_at: Utc | None = None
    fetched_at: Utc | None = None
    revision: Annotated[int, Meta(ge=0)] = 0
    """0 as first seen, greater for every edit: feeds count up, Telegram takes the seconds from publication to edit."""
    deleted: bool = False
    """The source withdrew the post; `text` keeps what was said before, as far as it was seen."""
    forwarded_from: Forward | str | None = None
    reply_to: str | None = None
    grouped_id: str | None = None
    """Posts of one album share it."""
    media: list[Media] | None = None
    views: int | None = None
    backfill: bool = False
    """Read from the past on purpose: it updates what is known and alerts nobody."""
    test: bool = False
    """A canary: goes through everything, and its alerts are marked."""

    def __post_init__(self) -> None:
        if isinstance(self.native_id, int):
            msgspec.structs.force_setattr(self, "native_id", str(self.native_id))
        as_utc(self, "published_at", "edited_at", "fetched_at")

    @property
    def post_id(self) -> str:
        """Identity of the post across its revisions and connectors."""
        return post_id(self.source.id, str(self.native_id))

    @property
    def body(self) -> str:
        """What there is to read under the title: the page's text where it is known, else the text as given."""
        return self.full_text or self.text

    @property
    def original(self) -> str:
        """The one string that every `Evidence` span counts in: title, line feed, body; or the body alone."""
        return f"{self.title}\n{self.body}" if self.title else self.body
