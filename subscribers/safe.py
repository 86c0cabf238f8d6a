"""What came from sources is made harmless before it enters a document: characters, and addresses.

Escaping is the work of the writers (ElementTree, `subscribers.desk.tree`, msgspec); here is what they leave open.
"""

import re
from typing import Final
from urllib.parse import urlsplit

# XML 1.0 §2.2: all that may not stand in a document at all, not even as a character reference.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# C0 but for tab and line end, DEL, and C1, which some terminals obey as well.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Embeddings, overrides and isolates that nobody closes would turn the rest of a line around.
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text without characters that XML forbids and without controls of direction."""
    return _BIDI.sub("", _NOT_XML.sub("\ufffd", text))


def terminal(text: str) -> str:
    """The text without what a terminal obeys: escape sequences could clear the screen, lie, or type for the reader."""
    return _CONTROLS.sub("\ufffd", text)


def web_link(url: str | None) -> str | None:
    """The address if it leads to a web page; `javascript:` and its like, and what is no address, give None."""
    if not url or any(c.isspace() or c < " " for c in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return clean(url) if parts.scheme in ("http", "https") and host else None
