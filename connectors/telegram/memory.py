"""What is remembered of a channel's newest messages: enough to tell an edit from a flicker, and what was said before.

Immutable: `fold` decides which posts a reading gives and returns the memory as it will be once they are acknowledged;
until then the old one stands, so a failed delivery repeats the same decision. The memory travels in the cursor
(`to_position`), therefore it is bounded: the newest `WINDOW` messages with revision and content hash, about 40 bytes
each, and the text of as many of them as fit into `TEXT_BUDGET` characters, so that a deletion can still say what was
deleted.

Messages older than the window are not remembered. An edit of one is published under its own revision (see
`connectors.telegram.message`); one that was never edited is not published again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import nsmallest
from typing import Any, Final, Literal, NamedTuple

from connectors.telegram.message import (
    TELEGRAM_BEGAN,
    Message,
    content_hash,
    message_url,
    native_id,
    post_of,
    revision_of,
)
from schemas.records import Post, Source

WINDOW: Final = 300
"""A week of a busy channel; after an overflow of the server's log these are read again."""
TEXT_BUDGET: Final = 6_000
"""Characters of text in a cursor: about the 15 newest messages."""

Via = Literal["m", "w"]
"""By which way a message was read: MTProto or t.me/s."""


class Seen(NamedTuple):
    """One message as last published."""

    published: int
    """Unix seconds."""
    revision: int
    edited: int
    """Seconds from publication to the edit that was published; edits within one second share it."""
    hash: str
    via: Via
    gone: bool = False
    """Its deletion was published."""

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return datetime.fromtimestamp(self.published, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """The source deleted a message; all that Telegram tells is which."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """Telegram says that a message was edited, which it also does for views and reactions; as it stands now."""

    message: Message


Change = Message | Touch | Withdrawal


@dataclass(frozen=True, slots=True)
class Memory:
    """The newest messages by id; `oldest` is the id below which nothing is remembered any more."""

    seen: Mapping[int, Seen] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    oldest: int = 0

    def fold(
        self,
        changes: Iterable[Change],
        *,
        source: Source,
        via: Via,
        now: datetime,
        floor: int = 0,
        username: str | None = None,
        backfill: bool = False,
        test: bool = False,
    ) -> tuple[tuple[Post, ...], "Memory"]:
        """The posts that these changes give, in their order, and the memory afterwards.

        Several states of one message in one reading (Telegram sends the newest text with each of them) give one post.
        Changes to messages that were never published, at or below `floor`, are nobody's concern; of others that are
        not remembered it is assumed that they were published, perhaps just before a crash.
        """
        seen, texts, posts = dict(self.seen), dict(self.texts), []
        for change in changes:
            message = change.message if isinstance(change, Touch) else change
            number, known = message.message_id, seen.get(message.message_id)
            if known is None and number <= floor and not isinstance(change, Message):
                continue
            if isinstance(message, Withdrawal):
                if known and known.gone:
                    seen[number] = known._replace(via=via)
                    continue
                post = _withdrawn(message, known, texts.get(number, ""), source, username, now, test)
                hashed, told = (known.hash, known.edited) if known else ("", 0)
                seen[number] = _seen(post, told, hashed, via, gone=True)
            else:
                if known is None and isinstance(change, Touch) and not message.edited:
                    continue
                hashed = content_hash(message)
                told = _told(message, known, hashed, via, now)
                revision = _revision(known, message, told, hashed, via, now)
                if revision is None:
                    if known and via == "m" and known.via == "w" and not known.gone:
                        seen[number] = known._replace(hash=hashed, via=via)
                    continue
                post = post_of(message, source, revision, fetched_at=now, backfill=backfill, test=test)
                seen[number], texts[number] = _seen(post, told, hashed, via), message.text
            posts.append(post)
        return tuple(posts), _bounded(seen, texts, self.oldest)

    def to_position(self) -> dict[str, Any]:
        """JSON for the cursor."""
        return {
            "oldest": self.oldest,
            "seen": [[key, *value] for key, value in sorted(self.seen.items())],
            "texts": {str(key): text for key, text in _newest_texts(self.texts).items()},
        }

    @classmethod
    def from_position(cls, position: Mapping[str, Any]) -> "Memory":
        """The memory that `to_position` wrote; what is missing was never seen."""
        return cls(
            seen={row[0]: Seen(*row[1:]) for row in position.get("seen", [])},
            texts={int(key): text for key, text in position.get("texts", {}).items()},
            oldest=position.get("oldest", 0),
        )


def _seen(post: Post, told: int, hashed: str, via: Via, *, gone: bool = False) -> Seen:
    return Seen(int(post.published_at.timestamp()), post.revision, told, hashed, via, gone)


def _told(message: Message, known: Seen | None, hashed: str, via: Via, now: datetime) -> int:
    """The revision that the message itself tells of; t.me/s does not mark every edit, but shows what it says now."""
    noticed = via == "w" and known is not None and known.via == "w" and hashed != known.hash
    if message.edited_at is None and not message.edited and not noticed:
        return 0
    return revision_of(message.published_at, message.edited_at or now)


def _revision(known: Seen | None, message: Message, told: int, hashed: str, via: Via, now: datetime) -> int | None:
    """Under which revision this state is published; None when it says nothing new.

    Where the two ways of reading differ, MTProto is right: t.me/s writes some texts differently, and shows one caption
    for a whole album. What differs there without a new mark of an edit is neither published nor remembered: it may be
    a second edit, which MTProto will tell.
    """
    if known is None:
        return told
    if known.gone:  # it is back: t.me/s hides messages for a while, MTProto never does
        back = via == "w" or known.via == "w"
        return max(known.revision + 1, revision_of(message.published_at, now)) if back else None
    if hashed == known.hash:
        return None
    if known.via == via:
        older = told < known.edited
    elif via == "m":
        older = not told and message.grouped_id is None
    else:
        older = not told or known.edited > 0 or message.grouped_id is not None
    return None if older else max(known.revision + 1, told)


def _withdrawn(
    gone: Withdrawal, known: Seen | None, text: str, source: Source, username: str | None, now: datetime, test: bool
) -> Post:
    born = known.published_at if known else TELEGRAM_BEGAN
    return Post(
        source=source,
        native_id=native_id(gone.channel_id, gone.message_id),
        url=message_url(username, gone.channel_id, gone.message_id),
        text=text,
        published_at=born if known else now,
        published_at_estimated=known is None,
        fetched_at=now,
        revision=max(known.revision + 1 if known else 0, revision_of(born, now)),
        deleted=True,
        test=test,
    )


def _bounded(seen: dict[int, Seen], texts: dict[int, str], oldest: int) -> Memory:
    excess = len(seen) - WINDOW
    for key in nsmallest(excess, seen) if excess > 0 else ():
        oldest = max(oldest, key + 1)
        del seen[key]
        texts.pop(key, None)
    return Memory(seen, texts, oldest)


def _newest_texts(texts: Mapping[int, str]) -> dict[int, str]:
    kept: dict[int, str] = {}
    room = TEXT_BUDGET
    for key in sorted(texts, reverse=True):
        room -= len(texts[key])
        if room < 0:
            break
        kept[key] = texts[key]
    return kept
