"""One Telegram message as marqab understands it, whichever connector read it: the meeting point of MTProto and t.me/s.

**Identity.** `tg:<channel id>:<message id>`, never the channel's name: names are freed and taken by others, and both
connectors know the numeric id.

**Revision.** A message carries no edit counter, and counting what we saw would give two texts one number when we crash
between publishing and remembering. So the revision comes from the message: 0 until it was edited, then the seconds
from its publication to the edit (MTProto tells when; t.me/s does not, there it is when the edit was noticed). It grows
with every edit, and both connectors count in the same unit. Two edits within one second are told apart by what is
remembered of the first (see `connectors.telegram.memory`).

**Content.** An edit is a change of what the message says: its letters, or which kinds of media it carries. Views,
reactions and link previews change all the time and are none.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from schemas.ids import digest
from schemas.records import Forward, Media, Post, Source

TELEGRAM_BEGAN: Final = datetime(2013, 8, 14, tzinfo=UTC)
"""No message is older; stands in for the publication of a message of which only the deletion was seen."""

_ALIKE: Final = {"animation": "video", "audio": "document", "voice": "document", "venue": "location"}
"""Kinds of media that t.me/s does not tell apart; for comparing contents they are one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message as it stands now.

    Attributes:
        channel_id: without the -100 that bots put before it.
        message_id: counted up within the channel, shared with service messages.
        published_at: aware UTC.
        edited: whether it is shown as edited.
        edited_at: when it was last changed, as far as that is told; Telegram also sets it for reactions.
        text: plain text with its line breaks; question and options for a poll.
        html: the same with its links and emphasis, where it has any.
        media: described, never downloaded.
        forward: where it was forwarded from.
        reply_to: native id of the message that it answers.
        grouped_id: shared by the messages of one album.
        views: exact over MTProto, rounded on t.me/s.
        url: public address, for channels that have a name.
    """

    channel_id: int
    message_id: int
    published_at: datetime
    edited: bool = False
    edited_at: datetime | None = None
    text: str = ""
    html: str | None = None
    media: tuple[Media, ...] = ()
    forward: Forward | None = None
    reply_to: str | None = None
    grouped_id: str | None = None
    views: int | None = None
    url: str | None = None


def native_id(channel_id: int, message_id: int) -> str:
    """What the post's identity is made from."""
    return f"tg:{channel_id}:{message_id}"


def message_url(username: str | None, channel_id: int, message_id: int) -> str:
    """Where people can read it; channels without a name have an address for their members only."""
    return f"https://t.me/{username}/{message_id}" if username else f"https://t.me/c/{channel_id}/{message_id}"


def content_hash(message: Message) -> str:
    """Ten digits that change when the message says something else, the same over MTProto and t.me/s."""
    letters = "".join(unicodedata.normalize("NFC", message.text).split())
    kinds = ",".join(sorted({_ALIKE.get(media.kind, media.kind) for media in message.media}))
    return digest(letters, kinds)[:10]


def revision_of(published_at: datetime, moment: datetime) -> int:
    """Revision of an edit made (or noticed) at this moment; at least 1."""
    return max(1, int((moment - published_at).total_seconds()))


def post_of(
    message: Message, source: Source, revision: int, *, fetched_at: datetime, backfill: bool, test: bool
) -> Post:
    """The message as a post."""
    return Post(
        source=source,
        native_id=native_id(message.channel_id, message.message_id),
        url=message.url,
        text=message.text,
        html=message.html,
        published_at=message.published_at,
        edited_at=message.edited_at if message.edited else None,
        fetched_at=fetched_at,
        revision=revision,
        forwarded_from=message.forward,
        reply_to=message.reply_to,
        grouped_id=message.grouped_id,
        media=list(message.media) or None,
        views=message.views,
        backfill=backfill,
        test=test,
    )
