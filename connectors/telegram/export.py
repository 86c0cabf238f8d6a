"""A channel's history as Telegram Desktop exports it (`result.json`): pure but for reading the file.

An export holds the channel's number and its messages' numbers, so its messages have the identity that they have live;
dates of edits give the same revisions. It says nothing of albums, views and hidden edits, and media are only named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from connectors.telegram.entities import Span, to_html
from connectors.telegram.message import Message, message_url, native_id
from schemas.errors import Misconfigured
from schemas.records import Forward, Media

MEDIA: Final = {
    "animation": "animation",
    "audio_file": "audio",
    "sticker": "sticker",
    "video_file": "video",
    "video_message": "video_note",
    "voice_message": "voice",
}
"""Telegram Desktop's `media_type` and our kind of media; a file without one is a document."""
ENTITIES: Final = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strike",
    "code": "Code",
    "pre": "Pre",
    "blockquote": "Blockquote",
    "spoiler": "Spoiler",
    "text_link": "TextUrl",
    "link": "Url",
    "mention": "Mention",
    "email": "Email",
}
"""Telegram Desktop's `type` of a piece of text and Telegram's own name of it."""
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Export:
    """One exported channel.

    Attributes:
        channel_id: its number.
        name: its title.
        messages: oldest first; service messages left out.
        unreadable: rows that are no messages as we know them.
    """

    channel_id: int
    name: str
    messages: tuple[Message, ...]
    unreadable: int = 0


class _Chat(msgspec.Struct):
    id: int
    type: str = ""
    name: str | None = None
    messages: list[Any] = []


class _Chats(msgspec.Struct):
    chats: list[_Chat] = msgspec.field(name="list", default=[])


class _File(msgspec.Struct):
    id: int | None = None
    type: str = ""
    name: str | None = None
    messages: list[Any] = []
    chats: _Chats | list[_Chat] | None = None


def read_export(path: Path, channel_id: int | None = None, username: str | None = None) -> Export:
    """The channel in an export.

    Args:
        path: `result.json` of one chat, or of a whole account.
        channel_id: which of several channels is meant; None where the file holds one only.
        username: its public name, for the addresses of its messages.

    Raises:
        Misconfigured: the file cannot be read, or the channel is not in it.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise Misconfigured(f"The export {path} cannot be read ({error.strerror}).") from error
    except msgspec.MsgspecError as error:
        raise Misconfigured(
            f"{path} is no export of Telegram Desktop ({error}). Export the chat with format “machine-readable JSON” "
            "and name its result.json."
        ) from error
    chat = _chosen(_chats(found), channel_id, path)
    return parse_chat(chat.id, chat.name or "", chat.messages, username)


def _chats(found: _File) -> list[_Chat]:
    if found.id is not None:
        return [_Chat(id=found.id, type=found.type, name=found.name, messages=found.messages)]
    listed = found.chats.chats if isinstance(found.chats, _Chats) else found.chats or []
    return [chat for chat in listed if chat.type.endswith("channel")]


def _chosen(chats: list[_Chat], channel_id: int | None, path: Path) -> _Chat:
    fitting = [chat for chat in chats if channel_id in (None, bare_id(chat.id))]
    if len(fitting) == 1 and fitting[0].type.endswith("channel"):
        return msgspec.structs.replace(fitting[0], id=bare_id(fitting[0].id))
    there = ", ".join(f"{bare_id(chat.id)} ({chat.type})" for chat in chats) or "none"
    wanted = f"channel {channel_id}" if channel_id is not None else "exactly one channel"
    raise Misconfigured(
        f"{path} does not hold {wanted}; it holds: {there}. Export the channel itself, or set channel_id of the source."
    )


def bare_id(number: int) -> int:
    """A channel's number without the -100 that some programs put before it."""
    words = str(number)
    return int(words[4:]) if words.startswith("-100") else abs(number)


def parse_chat(channel_id: int, name: str, rows: list[Any], username: str | None = None) -> Export:
    """The messages in the rows of an export.

    Raises:
        Misconfigured: the export has no exact dates, as those of Telegram Desktop before 2022.
    """
    messages, unreadable = [], 0
    for row in rows:
        if not isinstance(row, dict) or row.get("type") != "message":
            continue
        if "date_unixtime" not in row:
            raise Misconfigured(
                "The export was made by an old Telegram Desktop, which writes the time without its zone. Export the "
                "channel again with a newer one."
            )
        try:
            messages.append(_message(row, channel_id, username))
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
            unreadable += 1
    messages.sort(key=lambda message: message.message_id)
    return Export(channel_id=channel_id, name=name, messages=tuple(messages), unreadable=unreadable)


def _message(row: Row, channel_id: int, username: str | None) -> Message:
    edited_at = _moment(row.get("edited_unixtime"))
    text, spans = _text(row)
    reply = row.get("reply_to_message_id")
    elsewhere = _channel_number(row.get("reply_to_peer_id"))
    return Message(
        channel_id=channel_id,
        message_id=int(row["id"]),
        published_at=datetime.fromtimestamp(int(row["date_unixtime"]), UTC),
        edited=edited_at is not None,
        edited_at=edited_at,
        text=text or _words_of_poll(row),
        html=to_html(text, spans),
        media=_media(row),
        forward=_forward(row),
        reply_to=native_id(elsewhere or channel_id, int(reply)) if reply else None,
        url=message_url(username, channel_id, int(row["id"])),
    )


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def _text(row: Row) -> tuple[str, list[Span]]:
    """The words, and which of them are marked; newer exports have `text_entities`, all have `text`."""
    pieces = row.get("text_entities") or row.get("text") or ""
    text, units, spans = "", 0, []
    for piece in [pieces] if isinstance(pieces, str | dict) else pieces:
        words = piece if isinstance(piece, str) else str(piece.get("text", ""))
        length = len(words.encode("utf-16-le")) // 2
        if isinstance(piece, dict) and piece.get("type") in ENTITIES:
            spans.append(Span(f"MessageEntity{ENTITIES[piece['type']]}", units, length, piece.get("href")))
        text, units = text + words, units + length
    return text, spans


def _words_of_poll(row: Row) -> str:
    poll = row.get("poll")
    if not isinstance(poll, dict):
        return ""
    answers = [_answer(each) for each in poll.get("answers", [])]
    return "\n".join([str(poll.get("question", "")), *(f"- {words}" for words in answers)])


def _answer(answer: Any) -> str:
    return str(answer.get("text", "") if isinstance(answer, dict) else answer)


def _media(row: Row) -> tuple[Media, ...]:
    kind = MEDIA.get(str(row.get("media_type", "")))
    if kind is None:
        named = {"photo": "photo", "poll": "poll", "location_information": "location", "contact_information": "contact"}
        kind = next((ours for theirs, ours in named.items() if row.get(theirs)), None)
    if kind is None and row.get("file"):
        kind = "document"
    if kind is None:
        return ()
    where = row.get("location_information")
    titled = [str(row[name]) for name in ("place_name", "address", "performer", "title") if row.get(name)]
    caption = ", ".join(titled) or (str(row["file_name"]) if row.get("file_name") else None)
    return (
        Media(
            kind=kind,
            url=f"geo:{where['latitude']},{where['longitude']}" if isinstance(where, dict) else None,
            mime_type=row.get("mime_type"),
            caption=caption,
            width=_number(row.get("width")),
            height=_number(row.get("height")),
            duration_seconds=float(row["duration_seconds"]) if row.get("duration_seconds") else None,
            size_bytes=_number(row.get("file_size") or row.get("photo_file_size")),
        ),
    )


def _number(value: Any) -> int | None:
    return int(value) if value else None


def _forward(row: Row) -> Forward | None:
    name, number = row.get("forwarded_from"), _channel_number(row.get("forwarded_from_id"))
    if not name and number is None:
        return None
    return Forward(name=str(name) if name else None, channel_id=number)


def _channel_number(peer: Any) -> int | None:
    """The number in `channel123`; None for people and for none."""
    return int(str(peer)[7:]) if str(peer).startswith("channel") and str(peer)[7:].isdigit() else None


def batches(messages: tuple[Message, ...], size: int) -> Iterator[tuple[Message, ...]]:
    """The messages in groups of this size, in their order."""
    for start in range(0, len(messages), size):
        yield messages[start : start + size]
