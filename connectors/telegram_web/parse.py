"""Read a channel's public preview page, `https://t.me/s/<name>`. Pure: HTML in, messages out.

What is special about these pages (seen in saved ones):

- The HTTP status says nothing; what kind of page it is, its content tells (`PageKind`).
- `data-view` is base64 of `{"c": -<channel id>, "p": "<message id>" or "<id>g"}`: the channel's numeric id.
- Quoted replies and link previews carry the class of the text itself, so they are cut out first. A caption is a text
  block within a text block.
- An album is one bubble; its members are found as links with `?single`. Each member becomes a message of its own, as
  over MTProto, and the caption belongs to the first.
- Service messages ("channel created") have ids too: holes in the ids are normal.
- Classes are compared as whole words: `tgme_widget_message_video` is part of six other class names.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.telegram.message import Message, message_url, native_id
from connectors.telegram_web.text import link_target, plain_and_html
from schemas.records import Forward, Media


class PageKind(StrEnum):
    """What a page turned out to be."""

    OK = "ok"
    NO_POSTS = "no_posts"
    """A preview without messages: an empty channel, the end of the history, or a hidden rate limit."""
    NO_PREVIEW = "no_preview"
    """The contact page: private, restricted or blocked channels have no preview."""
    UNRECOGNISED = "unrecognised"
    """Neither: a challenge, an error page, or a new layout."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page as read.

    Attributes:
        kind: what the page is.
        username: the channel's name as the page writes it.
        title: what the channel calls itself.
        channel_id: numeric id, where a message tells it.
        messages: ascending by id, album members apart; without service messages.
        ids: every id on the page, service messages included.
        rejected: bubbles that could not be read.
    """

    kind: PageKind
    username: str | None = None
    title: str | None = None
    channel_id: int | None = None
    messages: tuple[Message, ...] = ()
    ids: tuple[int, ...] = ()
    rejected: int = 0


MEDIA: Final = (
    ("a.tgme_widget_message_photo_wrap", "photo"),
    (".tgme_widget_message_video_player", "video"),
    (".tgme_widget_message_roundvideo_player", "video_note"),
    (".tgme_widget_message_voice_player", "voice"),
    ("div.tgme_widget_message_document", "document"),
    ("div.tgme_widget_message_poll", "poll"),
    ("a.tgme_widget_message_location_wrap", "location"),
    (".tgme_widget_message_sticker, .tgme_widget_message_tgsticker, .tgme_widget_message_videosticker", "sticker"),
    (".tgme_widget_message_contact", "contact"),
)
"""Selector inside a bubble → kind of media; the words are those of `connectors.telegram.parse`."""

_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_SINGLE: Final = re.compile(r"/([0-9]{1,18})\?(?:[^#]*&)?single\b")
_LAST_NUMBER: Final = re.compile(r"/([0-9]{1,18})/?(?:\?|$)")
_FORWARD: Final = re.compile(r"^https?://t\.me/(?:c/([0-9]{1,18})|[A-Za-z]\w*)(?:/([0-9]{1,18}))?/?(?:\?|$)")
_THOUSANDS: Final = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_EDITED: Final = re.compile(r"\bedited\b")


def parse_page(markup: str) -> Page:
    """Read one page; never raises for any text."""
    tree = LexborHTMLParser(markup)
    bubbles = tree.css("div.tgme_widget_message[data-post]")
    history = tree.css_first("section.tgme_channel_history")
    read = [found for bubble in bubbles if (found := _bubble(bubble)) is not None]
    channel_id = next((number for number, _, _ in read if number), None)
    messages = sorted(
        (
            replace(message, channel_id=channel_id or 0) if not message.channel_id else message
            for _, _, found in read
            for message in found
        ),
        key=lambda message: message.message_id,
    )
    return Page(
        kind=_kind(tree, bubbles=len(bubbles), read=len(read), history=history is not None),
        username=_username(tree, bubbles),
        title=_text_of(tree.css_first(".tgme_channel_info_header_title")),
        channel_id=channel_id,
        messages=tuple(messages),
        ids=tuple(sorted({number for _, ids, _ in read for number in ids})),
        rejected=len(bubbles) - len(read),
    )


def _kind(tree: LexborHTMLParser, *, bubbles: int, read: int, history: bool) -> PageKind:
    if bubbles:
        return PageKind.OK if read else PageKind.UNRECOGNISED
    if history:
        return PageKind.NO_POSTS
    return PageKind.NO_PREVIEW if tree.css_first(".tgme_page") else PageKind.UNRECOGNISED


def _username(tree: LexborHTMLParser, bubbles: list[LexborNode]) -> str | None:
    named = _text_of(tree.css_first(".tgme_channel_info_header_username"))
    if named:
        return named.lstrip("@")
    return (bubbles[0].attributes.get("data-post") or "").partition("/")[0] or None if bubbles else None


def _bubble(bubble: LexborNode) -> tuple[int, tuple[int, ...], list[Message]] | None:
    """(channel id or 0, ids, messages) of one bubble; no messages for a service message, None for an unreadable one."""
    username, _, number = (bubble.attributes.get("data-post") or "").partition("/")
    published_at = _published_at(bubble)
    if not _NUMBER.fullmatch(number) or published_at is None:
        return None
    channel_id, first = _channel_id(bubble), int(number)
    if "service_message" in (bubble.attributes.get("class") or "").split():
        return channel_id, (first,), []
    reply_to = _cut_reply(bubble)
    for preview in bubble.css("a.tgme_widget_message_link_preview"):
        preview.decompose()
    text, html = _words(bubble)
    media = _media(bubble, first)
    members = sorted({first, *media})
    album = len(members) > 1
    meta = bubble.css_first(".tgme_widget_message_meta")
    head = Message(
        channel_id=channel_id,
        message_id=first,
        published_at=published_at,
        edited=bool(meta and _EDITED.search(meta.text())),
        text=text,
        html=html,
        media=tuple(media.get(first, ())),
        forward=_forward(bubble),
        reply_to=native_id(channel_id, reply_to) if reply_to and channel_id else None,
        grouped_id=f"{native_id(channel_id, first)}g" if album else None,
        views=_views(bubble),
        url=message_url(username, channel_id, first),
    )
    rest = [
        replace(
            head, message_id=member, text="", html=None, media=tuple(media[member]), edited=False,
            url=message_url(username, channel_id, member),
        )
        for member in members if member != first
    ]  # fmt: skip
    return channel_id, tuple(members), [head, *rest]


def _channel_id(bubble: LexborNode) -> int:
    packed = bubble.attributes.get("data-view") or ""
    try:
        view = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        return abs(int(view["c"]))
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0


def _published_at(bubble: LexborNode) -> datetime | None:
    shown = bubble.css_first("a.tgme_widget_message_date time[datetime], .tgme_widget_message_meta time[datetime]")
    try:
        moment = datetime.fromisoformat((shown.attributes.get("datetime") or "") if shown else "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _cut_reply(bubble: LexborNode) -> int | None:
    reply = bubble.css_first("a.tgme_widget_message_reply")
    if reply is None:
        return None
    number = _LAST_NUMBER.search(reply.attributes.get("href") or "")
    reply.decompose()
    return int(number[1]) if number else None


def _words(bubble: LexborNode) -> tuple[str, str | None]:
    """Text and HTML of the message itself; for a poll its question and options."""
    block = bubble.css_first(".tgme_widget_message_text")
    if block is not None:
        inner = block.css_first(".tgme_widget_message_text .tgme_widget_message_text")
        return plain_and_html(inner or block)
    question = _text_of(bubble.css_first(".tgme_widget_message_poll_question"))
    if question is None:
        return "", None
    options = [_text_of(option) or "" for option in bubble.css(".tgme_widget_message_poll_option_text")]
    return "\n".join([question, *(f"- {option}" for option in options)]), None


def _media(bubble: LexborNode, first: int) -> dict[int, list[Media]]:
    """Media by message id; those of an album link to their own message."""
    found: dict[int, list[Media]] = {}
    for selector, kind in MEDIA:
        for node in bubble.css(selector):
            member = _SINGLE.search(node.attributes.get("href") or "")
            found.setdefault(int(member[1]) if member else first, []).append(_described(node, kind, bubble))
    if not found and bubble.css_first(".message_media_not_supported") is not None:
        found[first] = [Media(kind="unsupported")]
    return found


def _described(node: LexborNode, kind: str, bubble: LexborNode) -> Media:
    title = None
    if kind == "document":
        title = _text_of(node.css_first(".tgme_widget_message_document_title"))
        kind = "audio" if bubble.css_first(".tgme_widget_message_document_icon.audio") is not None else kind
    clock = node.css_first("time")
    return Media(kind=kind, caption=title, duration_seconds=_seconds(clock.text(strip=True)) if clock else None)


def _seconds(clock: str) -> float | None:
    parts = clock.split(":")
    if not all(_NUMBER.fullmatch(part) for part in parts) or len(parts) > 3:
        return None
    return float(sum(int(part) * 60**power for power, part in enumerate(reversed(parts))))


def _forward(bubble: LexborNode) -> Forward | None:
    """Where it was forwarded from: t.me/s shows a name and, for channels, the message's address."""
    name = bubble.css_first(".tgme_widget_message_forwarded_from_name")
    if name is None:
        whole = _text_of(bubble.css_first(".tgme_widget_message_forwarded_from"))
        return Forward(name=re.sub(r"^Forwarded from\s*", "", whole) or None) if whole else None
    address = _FORWARD.match(link_target(name) or "")
    channel_id = int(address[1]) if address and address[1] else None
    message_id = int(address[2]) if address and address[2] else None
    return Forward(name=_text_of(name), channel_id=channel_id, message_id=message_id)


def _views(bubble: LexborNode) -> int | None:
    shown = (_text_of(bubble.css_first(".tgme_widget_message_views")) or "").replace("\xa0", "").replace(" ", "")
    scale = _THOUSANDS.get(shown[-1:], 1)
    try:
        return round(float(shown.rstrip("KMB")) * scale)
    except (ValueError, OverflowError):
        return None


def _text_of(node: LexborNode | None) -> str | None:
    return " ".join(node.text().split()) or None if node is not None else None
