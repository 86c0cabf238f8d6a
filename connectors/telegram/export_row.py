"""One row of a Telegram Desktop export as a message.

It says nothing of albums, views and hidden edits, and media are only named.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

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


def said(row: Any) -> bool:
    """Whether the row should be a message; service messages and other rubbish are not."""
    return isinstance(row, dict) and row.get("type") == "message"


def parse_row(row: Row, channel_id: int, username: str | None = None) -> Message | None:
    """The message of a row for which `said` holds; None where it is no message as we know them.

    Raises:
        Misconfigured: the export has no exact dates, as those of Telegram Desktop before 2022.
    """
    if "date_unixtime" not in row:
        raise Misconfigured(
            "The export was made by an old Telegram Desktop, which writes the time without its zone. Export the "
            "channel again with a newer one."
        )
    try:
        return _message(row, channel_id, username)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


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
    return int(str(peer)[7:]) if str(peer).startswith("channel") and str(peer)[7:].isdecimal() else None
