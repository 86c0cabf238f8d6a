"""A feed's past, page by page.

Three conventions lead back: archive and paging links (RFC 5005, §3 and §4), JSON Feed's `next_url`, and WordPress,
which serves `?paged=2` and so on without saying so. A feed that follows none of them has no past to be read; what its
window shows is published all the same. Where we stopped is kept in a cursor of its own, `<source id>:backfill`.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from connectors.base import Batch, Progress, Setup
from connectors.feeds.access import proxy_of, secret_headers
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.entries import Memory, read_entries
from connectors.feeds.fetch import Failure, Fetcher
from connectors.feeds.guard import is_loopback
from connectors.feeds.isolated import Parsers
from connectors.feeds.state import recall
from connectors.sources import SourceSettings
from schemas.errors import SourceDown
from schemas.records import Post

MAX_PAGES: Final = 10_000
SUFFIX: Final = ":backfill"


@dataclass(frozen=True)
class Page:
    """What one document of the past gave: decided without touching the network.

    Attributes:
        posts: those not older than wanted, marked as backfill, oldest first.
        older: where to go on; None at the end.
        oldest_at: publication of its oldest dated entry.
    """

    posts: tuple[Post, ...]
    older: str | None
    oldest_at: datetime | None


async def backfill_feed(source: SourceSettings, since: datetime, setup: Setup, progress: Progress) -> int:
    """See `connectors.base.Backfill`."""
    key = source.id + SUFFIX
    stored = setup.positions.get(key, {})
    url = stored.get("older") if stored.get("since") == since.isoformat() else source.url
    count, seen = 0, set[str]()
    secrets, proxy = secret_headers(source, setup.settings.environ), proxy_of(source, setup.settings)
    live = recall(setup.positions.get(source.id), source).entries
    async with Fetcher(setup.settings) as fetcher, Parsers() as parsers:
        while url and url not in seen and len(seen) < MAX_PAGES:
            seen.add(url)
            answer = await fetcher.fetch(url, headers=source.headers, secret_headers=secrets, proxy=proxy)
            if isinstance(answer, Failure):
                if answer.kind in {"not_found", "gone"} and len(seen) > 1:
                    break  # WordPress answers 404 behind its last page
                raise SourceDown(f"{url}: {answer.reason}. {count} posts were published; start again to go on.")
            found = await parsers.parse(answer.body, content_type=answer.headers.get("content-type"), url=answer.url)
            if isinstance(found, NotAFeed):
                break
            page = read_page(found, url, source, since, setup.now(), live)
            position = {"older": page.older, "since": since.isoformat()}
            await setup.sink.deliver(Batch(source_id=key, posts=page.posts, position=position))
            count += len(page.posts)
            progress(count, page.oldest_at)
            url = page.older
            local = is_loopback(urlsplit(answer.url).hostname or "")
            await asyncio.sleep(0 if local else setup.settings.fetch_host_spacing_seconds)
    return count


def read_page(
    document: Document, url: str, source: SourceSettings, since: datetime, now: datetime, live: Memory
) -> Page:
    """The posts of one page, and where the next older one is: pure.

    What live reading remembers is left to it: it was published, and its edits are followed there.
    """
    reading = read_entries(document, Memory(), source, now)
    posts = [
        msgspec.structs.replace(post, backfill=True)
        for key, post in zip(reading.keys, reading.posts, strict=True)
        if post.published_at >= since and key not in live.seen
    ]
    dates = [entry.published_at for entry in document.entries if entry.published_at]
    oldest = min(dates, default=None)
    far_enough = not document.entries or (oldest is not None and oldest < since)
    return Page(tuple(posts), None if far_enough else _older(document, url), oldest)


def _older(document: Document, url: str) -> str | None:
    if document.older:
        return document.older
    if not document.wordpress:
        return None
    parts = urlsplit(url)
    arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
    arguments["paged"] = str(int(arguments.get("paged", "1")) + 1)
    return parts._replace(query=urlencode(arguments)).geturl()
