"""A message's entities (emphasis and links, as offsets into the text) as HTML. Pure.

Offsets count UTF-16 units, as Telegram does: most emoji count two. Entities may nest; where they overlap crosswise, the
later one is cut at the end of the earlier.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

EMPHASIS: Final = {
    "MessageEntityBold": "b",
    "MessageEntityItalic": "i",
    "MessageEntityUnderline": "u",
    "MessageEntityStrike": "s",
    "MessageEntityCode": "code",
    "MessageEntityPre": "pre",
    "MessageEntityBlockquote": "blockquote",
    "MessageEntitySpoiler": "span",
}


@dataclass(frozen=True)
class Span:
    """An entity that did not come from Telethon.

    Attributes:
        kind: Telegram's name of it, as `MessageEntityBold`.
        offset: in UTF-16 units, like `length`.
        length: see there.
        url: where a link leads.
    """

    kind: str
    offset: int
    length: int
    url: str | None = None


_SAFE: Final = re.compile(r"(?i)^(https?|tg|mailto|tel):")


def to_html(text: str, entities: Iterable[Any] | None) -> str | None:
    """The text as HTML, or None where no entity adds anything to it.

    Args:
        text: the message's text.
        entities: objects with `offset`, `length` and, for links, `url`; their kind is their class's name,
            or `kind` of a `Span`.
    """
    if not entities:
        return None
    places = _places(text)
    spans = []
    for entity in entities:
        start = places.get(entity.offset, 0)
        end = places.get(entity.offset + entity.length, len(text))
        mark = _mark(entity, text[start:end])
        if mark and start < end:
            spans.append((start, -end, mark))
    return "".join(_written(text, sorted(spans))) if spans else None


def _places(text: str) -> dict[int, int]:
    """UTF-16 offset → index of the character that begins there."""
    places, units = {}, 0
    for index, letter in enumerate(text):
        places[units] = index
        units += 2 if ord(letter) > 0xFFFF else 1
    places[units] = len(text)
    return places


def _mark(entity: Any, words: str) -> tuple[str, str] | None:
    """Opening and closing tag of an entity; None for kinds that say nothing (hashtags, custom emoji)."""
    kind = entity.kind if isinstance(entity, Span) else type(entity).__name__
    if kind in EMPHASIS:
        return f"<{EMPHASIS[kind]}>", f"</{EMPHASIS[kind]}>"
    target = {
        "MessageEntityTextUrl": getattr(entity, "url", None),
        "MessageEntityUrl": words if "://" in words else f"http://{words}",
        "MessageEntityMention": f"https://t.me/{words.lstrip('@')}",
        "MessageEntityEmail": f"mailto:{words}",
    }.get(kind)
    if not target or not _SAFE.match(target):
        return None
    return f'<a href="{html.escape(target)}">', "</a>"


def _written(text: str, spans: list[tuple[int, int, tuple[str, str]]]) -> Iterator[str]:
    open_ones: list[tuple[int, str]] = []
    at = 0

    def upto(end: int) -> Iterator[str]:
        nonlocal at
        while open_ones and open_ones[-1][0] <= end:
            close_at, tag = open_ones.pop()
            yield _escaped(text[at:close_at])
            yield tag
            at = close_at
        yield _escaped(text[at:end])
        at = end

    for start, minus_end, (opening, closing) in spans:
        yield from upto(start)
        end = min([-minus_end, *(close_at for close_at, _ in open_ones)])
        if end > start:
            yield opening
            open_ones.append((end, closing))
    yield from upto(len(text))


def _escaped(words: str) -> str:
    return html.escape(words, quote=False).replace("\n", "<br/>")
