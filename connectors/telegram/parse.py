"""Telethon's messages as ours. Pure, and without Telethon: kinds are told by the names of classes.

Media are described, never downloaded. A link preview is no media: it appears by itself some seconds after the message
and would look like an edit. A poll's words stand only in the poll.
"""

from datetime import UTC, datetime
from typing import Any, Final

from connectors.telegram.entities import to_html
from connectors.telegram.message import Message, message_url, native_id
from schemas.records import Forward, Media

MEDIA: Final = {
    "MessageMediaPhoto": "photo",
    "MessageMediaPoll": "poll",
    "MessageMediaGeo": "location",
    "MessageMediaGeoLive": "location",
    "MessageMediaVenue": "location",
    "MessageMediaContact": "contact",
    "MessageMediaDice": "dice",
    "MessageMediaGame": "game",
    "MessageMediaInvoice": "invoice",
    "MessageMediaStory": "story",
    "MessageMediaGiveaway": "giveaway",
    "MessageMediaGiveawayResults": "giveaway",
    "MessageMediaPaidMedia": "paid",
    "MessageMediaToDo": "list",
    "MessageMediaVideoStream": "video",
    "MessageMediaUnsupported": "unsupported",
}


def parse_message(raw: Any, channel_id: int, username: str | None = None) -> Message | None:
    """A message as Telethon gives it; None for service messages and empty ones, which say nothing.

    Args:
        raw: a value shaped like `telethon.tl.types.Message`.
        channel_id: the channel that it was read from.
        username: the channel's name, for the message's address.
    """
    if type(raw).__name__ != "Message" or raw.date is None:
        return None
    edited_at = _utc(raw.edit_date)
    text, html = raw.message or "", to_html(raw.message or "", raw.entities)
    if not text:
        text = _words_of_media(raw.media)
    return Message(
        channel_id=channel_id,
        message_id=raw.id,
        published_at=raw.date.astimezone(UTC),
        edited=edited_at is not None and not raw.edit_hide,
        edited_at=edited_at,
        text=text,
        html=html,
        media=_media(raw.media),
        forward=_forward(raw.fwd_from),
        reply_to=_reply(raw.reply_to, channel_id),
        grouped_id=str(raw.grouped_id) if raw.grouped_id else None,
        views=raw.views,
        url=message_url(username, channel_id, raw.id),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None


def _words(value: Any) -> str:
    """A `TextWithEntities`, or plain text as older layers have it."""
    return str(getattr(value, "text", value) or "")


def _words_of_media(media: Any) -> str:
    kind = type(media).__name__
    if kind == "MessageMediaPoll":
        return "\n".join([_words(media.poll.question), *(f"- {_words(answer.text)}" for answer in media.poll.answers)])
    if kind == "MessageMediaToDo":
        return "\n".join([_words(media.todo.title), *(f"- {_words(entry.title)}" for entry in media.todo.list)])
    return ""


def _media(media: Any) -> tuple[Media, ...]:
    kind = type(media).__name__
    if kind == "MessageMediaDocument":
        return (_document(media),)
    if kind not in MEDIA:
        return ()
    described = Media(kind=MEDIA[kind])
    if kind == "MessageMediaPhoto":
        sizes = [(size.w, size.h) for size in getattr(media.photo, "sizes", None) or () if hasattr(size, "w")]
        if sizes:
            width, height = max(sizes)
            described = Media(kind="photo", width=width, height=height)
    elif MEDIA[kind] == "location":
        latitude, longitude = getattr(media.geo, "lat", None), getattr(media.geo, "long", None)
        titled = [part for part in (getattr(media, "title", ""), getattr(media, "address", "")) if part]
        where = f"geo:{latitude},{longitude}" if latitude is not None else None
        described = Media(kind="location", url=where, caption=", ".join(titled) or None)
    return (described,)


def _document(media: Any) -> Media:
    """A file: what kind it is, its attributes tell."""
    document = media.document
    kind, caption, width, height, seconds = "document", None, None, None, None
    for attribute in getattr(document, "attributes", None) or ():
        name = type(attribute).__name__
        if name == "DocumentAttributeVideo":
            kind = "video_note" if attribute.round_message else kind if kind == "animation" else "video"
            width, height, seconds = attribute.w, attribute.h, attribute.duration
        elif name == "DocumentAttributeAudio":
            kind, seconds = "voice" if attribute.voice else "audio", attribute.duration
            caption = " – ".join(filter(None, (attribute.performer, attribute.title))) or caption
        elif name == "DocumentAttributeAnimated":
            kind = "animation"
        elif name == "DocumentAttributeSticker":
            kind = "sticker"
        elif name == "DocumentAttributeFilename":
            caption = caption or attribute.file_name
    return Media(
        kind=kind,
        mime_type=getattr(document, "mime_type", None),
        caption=caption,
        width=width,
        height=height,
        duration_seconds=float(seconds) if seconds is not None else None,
        size_bytes=getattr(document, "size", None),
    )


def _forward(header: Any) -> Forward | None:
    """Where it came from: channel and message are exact, a hidden sender has only a name."""
    if header is None:
        return None
    return Forward(
        name=header.from_name or header.post_author,
        channel_id=getattr(header.from_id, "channel_id", None),
        message_id=header.channel_post,
        published_at=_utc(header.date),
    )


def _reply(header: Any, channel_id: int) -> str | None:
    number = getattr(header, "reply_to_msg_id", None)
    if number is None:
        return None
    elsewhere = getattr(getattr(header, "reply_to_peer_id", None), "channel_id", None)
    return native_id(elsewhere or channel_id, number)
