"""The feeds that a web page names, so that a site's address is enough to add it: pure.

Order: what the page declares (`<link rel="alternate">`, the convention that browsers brought in), then links whose
address or words look like a feed's. Feeds of comments come last.
"""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from connectors.feeds.decode import decode

_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)
_ADDRESS: Final = re.compile(
    r"(?:^|[/._?=&-])(?:rss2?|atom|feeds?|rdf|feed\.json)(?:$|[/._?=&-]|\.xml|\.aspx)", re.IGNORECASE
)
_COMMENTS: Final = re.compile(r"comment|تعليق", re.IGNORECASE)
MOST: Final = 20


def feeds_of_page(body: bytes, url: str, content_type: str | None = None) -> list[str]:
    """Absolute addresses of the feeds that a page names, likeliest first, each once.

    Args:
        body: the page.
        url: where it came from.
        content_type: the HTTP header, for its charset.
    """
    tree = LexborHTMLParser(decode(body, content_type).text)
    base = tree.css_first("base[href]")
    root = (_absolute(url, base.attributes.get("href") or "") if base else None) or url
    declared, linked = [], []
    for link in tree.css("link[href]"):
        relations = (link.attributes.get("rel") or "").lower().split()
        kind = (link.attributes.get("type") or "").split(";")[0].strip().lower()
        if ("alternate" in relations and kind in _TYPES) or "feed" in relations:
            declared.append((link.attributes.get("href") or "", link.attributes.get("title") or ""))
    for anchor in tree.css("a[href]"):
        address = anchor.attributes.get("href") or ""
        if _ADDRESS.search(address):
            linked.append((address, anchor.text(strip=True)))
    found: dict[str, bool] = {}
    for address, title in [*declared, *linked]:
        absolute = _absolute(root, address)
        if absolute:
            found.setdefault(absolute, bool(_COMMENTS.search(absolute) or _COMMENTS.search(title)))
    return sorted(found, key=lambda address: found[address])[:MOST]


def _absolute(base: str, address: str) -> str | None:
    try:
        absolute = urljoin(base, re.sub(r"^feed:(//)?(?=https?:)?", "", address.strip()))
        parts = urlsplit(absolute)
    except ValueError:
        return None
    return absolute if parts.scheme in {"http", "https"} and parts.netloc else None
