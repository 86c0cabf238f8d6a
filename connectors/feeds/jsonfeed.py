"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently: one bad field costs that field only."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors.feeds.dates import read_date
from connectors.feeds.document import Document, Entry, NotAFeed
from connectors.feeds.text import has_markup, html_to_text, one_line, plain
from schemas.records import Media


def looks_like_json(text: str) -> bool:
    """Whether a document can only be JSON."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "{"


def parse_json(text: str, url: str, encoding: str = "utf-8") -> Document | NotAFeed:
    """Read a JSON Feed; never raises."""
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        return NotAFeed(reason=f"the answer starts like JSON but is not ({error})", kind="broken")
    version = _string(feed.get("version")) or ""
    items = feed.get("items")
    if "jsonfeed.org" not in version and not isinstance(items, list):
        return NotAFeed(reason="the answer is JSON, but no JSON Feed")
    hubs = [hub for hub in _list(feed.get("hubs")) if isinstance(hub, dict)]
    return Document(
        format="json11" if version.endswith("1.1") else "json1",
        title=one_line(_string(feed.get("title")) or ""),
        language=_string(feed.get("language")),
        hub=_address(hubs[0].get("url"), url) if hubs else None,
        topic=_address(feed.get("feed_url"), url),
        older=_address(feed.get("next_url"), url),
        entries=tuple(_entry(item, url) for item in _list(items) if isinstance(item, dict)),
        encoding=encoding,
    )


def _entry(item: dict[str, Any], url: str) -> Entry:
    html = _string(item.get("content_html"))
    text = _string(item.get("content_text"))
    body = html_to_text(html) if html else plain(text or _string(item.get("summary")) or "")
    published, modified = _moment(item.get("date_published")), _moment(item.get("date_modified"))
    return Entry(
        guid=_string(item.get("id")),
        url=_address(item.get("url"), url) or _address(item.get("external_url"), url),
        title=one_line(html_to_text(_string(item.get("title")) or "")) or None,
        text=body,
        html=html if html and has_markup(html) else None,
        published_at=published or modified,
        edited_at=modified if published and modified and modified > published else None,
        language=_string(item.get("language")),
        media=_media(item, url),
    )


def _media(item: dict[str, Any], url: str) -> tuple[Media, ...]:
    found = []
    if picture := _address(item.get("image"), url):
        found.append(Media(kind="photo", url=picture))
    for attachment in _list(item.get("attachments")):
        if isinstance(attachment, dict) and (address := _address(attachment.get("url"), url)):
            mime = _string(attachment.get("mime_type"))
            kind = {"image": "photo", "video": "video", "audio": "audio"}.get((mime or "").partition("/")[0], "file")
            size = attachment.get("size_in_bytes")
            found.append(
                Media(kind=kind, url=address, mime_type=mime, size_bytes=size if isinstance(size, int) else None)
            )
    return tuple(found)


def _string(value: object) -> str | None:
    """Text as it stands; numbers as text, because publishers write ids as numbers (the specification allows it)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    return value.encode("utf-8", "replace").decode("utf-8").strip() or None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _moment(value: object) -> datetime | None:
    """RFC 3339 as the standard asks for, or whatever else can be read."""
    return read_date(_string(value) or "")


def _address(value: object, base: str) -> str | None:
    try:
        absolute = urljoin(base, _string(value) or "") if value else ""
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in {"http", "https"} and parts.netloc else None
