"""Requests as Telegram's, and Telegram's answers and pushes as ours. Pure."""

import logging
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from telethon.tl import functions as f
from telethon.tl import types as t

from connectors.telegram.memory import Change, Touch, Withdrawal
from connectors.telegram.message import Message, message_url
from connectors.telegram.parse import parse_message
from connectors.telegram.place import OPEN_TOP, Place
from connectors.telegram.sync import (
    Answer,
    Counter,
    Difference,
    Messages,
    Push,
    ReadCounter,
    ReadDifference,
    ReadMessages,
    ReadNewest,
    ReadOlder,
    Request,
    Resolve,
    Resolved,
    TooLong,
)

log = logging.getLogger(__name__)


def to_telegram(request: Request, place: Place) -> Any:
    """The request in Telegram's own terms."""
    channel = t.InputChannel(place.channel_id, place.access_hash)
    peer = t.InputPeerChannel(place.channel_id, place.access_hash)
    match request:
        case Resolve(channel=str(name)):
            return f.contacts.ResolveUsernameRequest(name)
        case Resolve():
            return f.messages.GetDialogsRequest(None, 0, t.InputPeerEmpty(), 100, 0)
        case ReadCounter():
            return f.channels.GetFullChannelRequest(channel)
        case ReadDifference(pts=pts, limit=limit):
            return f.updates.GetChannelDifferenceRequest(
                channel, t.ChannelMessagesFilterEmpty(), pts, limit, force=False
            )
        case ReadNewest(limit=limit):
            return _history(peer, 0, limit)
        case ReadOlder(below=below, limit=limit):
            return _history(peer, 0 if below >= OPEN_TOP else below, limit)
        case ReadMessages(ids=ids):
            return f.channels.GetMessagesRequest(channel, [t.InputMessageID(number) for number in ids])


def _history(peer: Any, offset_id: int, limit: int) -> Any:
    return f.messages.GetHistoryRequest(
        peer, offset_id=offset_id, offset_date=None, add_offset=0, limit=limit, max_id=0, min_id=0, hash=0
    )


def from_telegram(answer: Any, place: Place) -> Answer:
    """Telegram's answer to a request about this channel (`Resolve` by number is answered by `found_chat`).

    Raises:
        ValueError: the answer is of no known form.
    """
    match answer:
        case t.contacts.ResolvedPeer():
            return found_chat(answer.chats, getattr(answer.peer, "channel_id", None))
        case t.messages.ChatFull():
            return Counter(answer.full_chat.pts)
        case t.updates.ChannelDifferenceEmpty():
            return Difference(answer.pts, final=answer.final, timeout=answer.timeout)
        case t.updates.ChannelDifferenceTooLong():
            return TooLong(answer.dialog.pts, answer.dialog.top_message)
        case t.updates.ChannelDifference():
            return _difference(answer, place)
    if hasattr(answer, "messages"):
        return _messages(answer.messages, place)
    raise ValueError(f"Telegram answered with {type(answer).__name__}")


def found_chat(chats: Iterable[Any], channel_id: int | None) -> Resolved:
    """The channel of this id among those that came with an answer.

    Raises:
        ValueError: the name belongs to a person, a bot or a small group, which have no channel's history.
    """
    for chat in chats:
        if isinstance(chat, t.Channel) and chat.id == channel_id and chat.access_hash is not None:
            return Resolved(chat.id, chat.access_hash, username_of(chat), not chat.left)
    raise ValueError("the name does not belong to a channel")


def username_of(chat: Any) -> str | None:
    """A channel's main public name; channels may own several."""
    if chat.username:
        return str(chat.username)
    return next((str(each.username) for each in chat.usernames or () if each.active), None)


def _difference(answer: Any, place: Place) -> Difference:
    raw = [*answer.new_messages]
    changes: list[Change] = [m for each in raw if (m := _parsed(each, place)) is not None]
    top = max((each.id for each in raw), default=0)
    for update in answer.other_updates:
        more, number = changes_of(update, place)
        changes += more
        top = max(top, number)
    itself = next((c for c in answer.chats if isinstance(c, t.Channel) and c.id == place.channel_id), None)
    return Difference(
        answer.pts,
        tuple(changes),
        top,
        bool(answer.final),
        answer.timeout,
        username_of(itself) if itself is not None else None,
        not itself.left if itself is not None else None,
    )


def changes_of(update: Any, place: Place) -> tuple[list[Change], int]:
    """What an update changes, and the id of the new message in it (0 for none)."""
    match update:
        case t.UpdateNewChannelMessage():
            new = _parsed(update.message, place)
            return [new] if new is not None else [], update.message.id
        case t.UpdateEditChannelMessage():
            edited = _parsed(update.message, place)
            return [Touch(message=edited)] if edited is not None else [], 0
        case t.UpdateDeleteChannelMessages():
            return [Withdrawal(channel_id=place.channel_id or 0, message_id=n) for n in update.messages], 0
    return [], 0


def channel_of_update(update: Any) -> int | None:
    """Which channel an update is about, where it is about one."""
    direct = getattr(update, "channel_id", None)
    if direct is not None:
        return int(direct)
    peer = getattr(getattr(update, "message", None), "peer_id", None) or getattr(update, "peer", None)
    return getattr(peer, "channel_id", None)


def push_of(update: Any, place: Place) -> Push | None:
    """A push that carries its place in the counter; None for those that only say that something happened."""
    pts, count = getattr(update, "pts", 0), getattr(update, "pts_count", 0)
    if not pts or not count or place.channel_id is None:
        return None
    changes, top = changes_of(update, place)
    return Push(place.channel_id, pts, count, tuple(changes), top)


def _messages(raw: Iterable[Any], place: Place) -> Messages:
    by_id, deleted = {}, set()
    for each in raw:
        if isinstance(each, t.MessageEmpty):
            deleted.add(each.id)
        else:
            by_id[each.id] = _parsed(each, place)
    return Messages(by_id, frozenset(deleted))


def _parsed(raw: Any, place: Place) -> Message | None:
    """A message as ours; one that cannot be read in full still gives its words, and never stops the channel."""
    channel_id = place.channel_id or 0
    try:
        return parse_message(raw, channel_id, place.username)
    except Exception:
        log.exception("message %s of channel %s cannot be read in full", raw.id, channel_id)
        return Message(
            channel_id=channel_id,
            message_id=raw.id,
            published_at=raw.date.astimezone(UTC),
            text=raw.message or "",
            url=message_url(place.username, channel_id, raw.id),
        )
