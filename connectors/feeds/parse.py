"""Bytes of a feed to a `Document`: pure, and the only module that imports feedparser.

feedparser is kept to what it is best at (thirty years of XML dialects): the bytes are decoded by us, entity bombs are
refused before it sees them, its sanitizing and its rewriting of links inside HTML are off (they doubled the time),
and JSON Feed, which 6.0 does not read, goes its own way.
"""

import io
import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser

from connectors.feeds.dates import names_half_of_day, read_date
from connectors.feeds.decode import Decoded, as_utf8_xml, decode
from connectors.feeds.document import Document, Entry, NotAFeed
from connectors.feeds.jsonfeed import looks_like_json, parse_json
from connectors.feeds.text import has_markup, html_to_text, one_line, plain
from schemas.records import Media

MAX_ENTRIES: Final = 5000
MAX_MEDIA: Final = 20
_IN_PROLOG: Final = re.compile(r"<!DOCTYPE|[\[>]", re.IGNORECASE)
_HTML: Final = re.compile(
    r"^\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?(<!doctype\s+html|<html[\s>])", re.DOTALL | re.IGNORECASE
)
_ENTRY_END: Final = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s{0,9}>", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")


def parse(body: bytes, *, content_type: str | None = None, url: str = "") -> Document | NotAFeed:
    """Read a feed of any known format; never raises, whatever the bytes.

    Args:
        body: the document, decompressed.
        content_type: the HTTP header, for its charset.
        url: where it came from, for relative links.
    """
    decoded = decode(body, content_type)
    if not decoded.text.strip():
        return NotAFeed(reason="the answer is empty", kind="empty")
    if looks_like_json(decoded.text):
        return parse_json(decoded.text, url, decoded.encoding)
    if "<!entity" in decoded.text.lower() and _has_subset(decoded.text):
        return NotAFeed(
            reason="the document declares XML entities, which feeds have no use for and attackers have", kind="entities"
        )
    try:
        return _document(_feedparser(as_utf8_xml(decoded.text)), decoded, url)
    except Exception as error:
        # Whatever a stranger's document does to a parser is that document's fault: one bad feed is a value.
        return NotAFeed(
            reason=f"the document cannot be read as a feed ({type(error).__name__}: {error})", kind="broken"
        )


def _has_subset(text: str) -> bool:
    """Whether a DOCTYPE opens an internal subset (`[` before `>`); one pass, however often the word comes."""
    inside = False
    for found in _IN_PROLOG.finditer(text):
        if found[0] == "[" and inside:
            return True
        inside = found[0] not in "[>" or (inside and found[0] == "[")
    return False


def _feedparser(body: bytes) -> Any:
    # No address is passed on: feedparser would join it to guids that look like paths, and an entry's identity would
    # change when the feed moves. Links are joined here.
    # BytesIO, because a bare string would be taken for an address or a file name and opened.
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _document(found: Any, decoded: Decoded, url: str) -> Document | NotAFeed:
    if not found.version and not found.entries:
        if _HTML.match(decoded.text[:4096]):
            return NotAFeed(reason="the answer is a web page, not a feed", kind="html")
        detail = found.get("bozo_exception")
        return NotAFeed(reason=f"the answer is not a feed{f' ({detail})' if detail else ''}")
    flaws = [decoded.surprise] if decoded.surprise else []
    if found.bozo:
        flaws.append(type(found.get("bozo_exception")).__name__)
    entries = found.entries
    if found.bozo and entries and len(_ENTRY_END.findall(decoded.text)) < len(entries):
        # The answer broke off within its last entry; half a text now would be an edit of itself at the next poll.
        entries = entries[:-1]
        flaws.append("cut off")
    feed = found.feed
    links = {link.get("rel"): link.get("href") for link in feed.get("links", [])}
    dialect = found.version or ""
    return Document(
        format=dialect or "unknown",
        title=_title(feed, dialect) or "",
        language=_language(feed.get("language")),
        ttl_seconds=_minutes(feed.get("ttl")),
        hub=_web_address(links.get("hub"), url),
        topic=_web_address(links.get("self"), url),
        older=_web_address(links.get("prev-archive") or links.get("next"), url),
        wordpress="wordpress" in _string(feed.get("generator")).lower(),
        entries=tuple(_entry(entry, dialect, url) for entry in entries[:MAX_ENTRIES]),
        encoding=decoded.encoding,
        flaws=tuple(flaws),
    )


def _entry(entry: Any, dialect: str, url: str) -> Entry:
    text, html = _body(entry)
    published = _moment(entry, "published") or _moment(entry, "created")
    updated = _moment(entry, "updated")
    return Entry(
        guid=one_line(_string(dict.get(entry, "id"))) or None,
        url=_entry_address(entry, url),
        title=_title(entry, dialect),
        text=text,
        html=html,
        published_at=published or updated,
        edited_at=updated if published and updated and updated > published else None,
        language=_language(entry.get("language")) or _language((entry.get("title_detail") or {}).get("language")),
        media=_media(entry, url),
    )


def _body(entry: Any) -> tuple[str, str | None]:
    """Text and markup of the fullest of the entry's bodies."""
    bodies = [*entry.get("content", []), entry.get("summary_detail") or {}]
    candidates = [(_string(body.get("value")), _string(body.get("type"))) for body in bodies]
    value, kind = max(candidates, key=lambda body: len(body[0]), default=("", ""))
    if not value.strip():
        return "", None
    if kind == "text/plain" and not has_markup(value):
        return plain(value), None
    return html_to_text(value), value if has_markup(value) else None


def _title(holder: Any, dialect: str) -> str | None:
    """A title is text; RSS never says whether `&amp;amp;` in it is meant once or twice, Atom does."""
    value = _string(holder.get("title"))
    literal = dialect.startswith("atom") and (holder.get("title_detail") or {}).get("type") == "text/plain"
    return one_line(value if literal else html_to_text(value)) or None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _moment(entry: Any, name: str) -> datetime | None:
    """A date that feedparser or we could read, in UTC; None where the year is no year."""
    parsed, written = dict.get(entry, name + "_parsed"), _string(dict.get(entry, name))
    if parsed is None or names_half_of_day(written):
        return read_date(written)
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _language(value: object) -> str | None:
    tag = _string(value).strip()
    return tag.replace("_", "-").lower() if _LANGUAGE.match(tag) else None


def _minutes(value: object) -> float | None:
    try:
        seconds = float(str(value)) * 60
    except ValueError:
        return None
    return seconds if 0 < seconds < 31 * 86_400 else None


def _entry_address(entry: Any, base: str) -> str | None:
    """The entry's page: its link, else the first of its alternates that is a web address."""
    others = [link.get("href") for link in entry.get("links", []) if link.get("rel") == "alternate"]
    return next((found for link in (entry.get("link"), *others) if (found := _web_address(link, base))), None)


def _web_address(value: object, base: str) -> str | None:
    address = "".join(_string(value).split("\n")).strip()
    if not address:
        return None
    try:
        absolute = urljoin(base, address)
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in {"http", "https"} and parts.netloc else None


def _media(entry: Any, base: str) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    for item in [*entry.get("enclosures", []), *entry.get("media_content", [])]:
        address = _web_address(item.get("href") or item.get("url"), base)
        if address and address not in found:
            mime = _string(item.get("type")) or None
            found[address] = Media(
                kind=_string(item.get("medium")) or _kind_of(mime),
                url=address,
                mime_type=mime,
                width=_whole(item.get("width")),
                height=_whole(item.get("height")),
                duration_seconds=_whole(item.get("duration")),
                size_bytes=_whole(item.get("length") or item.get("filesize")),
            )
    return tuple(list(found.values())[:MAX_MEDIA])


def _kind_of(mime: str | None) -> str:
    major = (mime or "").partition("/")[0]
    return {"image": "photo", "video": "video", "audio": "audio"}.get(major, "file" if major else "unknown")


def _whole(value: object) -> int | None:
    text = _string(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None
