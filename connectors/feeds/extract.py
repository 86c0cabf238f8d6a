"""The process that finds the article in a page, with trafilatura; `connectors.feeds.articles` asks it.

It imports little, because it is started anew whenever a page was too hard for it.
"""

import sys
from typing import Any, Final

from connectors.feeds.cell import serve
from connectors.feeds.decode import decode
from connectors.feeds.text import plain

LIMIT_MEMORY_BYTES: Final = 768 * 1024 * 1024
"""Of address space; an ordinary page takes 50 MB, four megabytes of text 360."""


def extract(question: tuple[bytes, str | None, str]) -> str:
    """The article's text; empty where there is none.

    Args:
        question: the page as received, its Content-Type, and its address.
    """
    import trafilatura  # noqa: PLC0415 - an extra, and only this process loads it

    body, content_type, url = question
    page = decode(body, content_type, html=True).text
    found: Any = trafilatura.extract(page, url=url, include_comments=False, include_tables=True, deduplicate=False)
    return plain(found or "")


if __name__ == "__main__":
    sys.setrecursionlimit(5_000)
    serve(extract, LIMIT_MEMORY_BYTES)
