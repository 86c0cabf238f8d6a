"""A channel's past through t.me/s, page by page: no account is needed, so a running service is not disturbed.

Where we stopped is kept in a cursor of its own, `<source id>:backfill`; the source's own cursor is left alone. An empty
page is the beginning of the channel or a rate limit in disguise: it is asked for `EMPTIES` times, pauses apart, before
it counts as the beginning.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from connectors.base import Batch, Progress, Setup
from connectors.feeds.access import proxy_of
from connectors.feeds.guard import is_loopback
from connectors.sources import SourceSettings
from connectors.telegram.past import SUFFIX, past_posts
from connectors.telegram.place import EMPTIES, NotAChannel, Place, identity_problem
from connectors.telegram_web.client import PageDoor, Refusal
from connectors.telegram_web.parse import Page, PageKind
from connectors.telegram_web.reading import Outcome
from connectors.telegram_web.visit import REASONS, Pages, address_of
from schemas.errors import Misconfigured, SourceDown

PAUSE_SECONDS: Final = 30.0
"""Before an empty page is asked for again."""


class NoPreview(SourceDown):
    """The channel cannot be read through t.me/s: it has no preview, or no public name."""


async def backfill_preview(source: SourceSettings, since: datetime, setup: Setup, progress: Progress) -> int:
    """See `connectors.base.Backfill`.

    Raises:
        Misconfigured: the name leads to another channel than before.
        NoPreview: see there.
        SourceDown: t.me/s refuses; started again, it goes on where it was.
    """
    place = Place.from_position(setup.positions.get(source.id))
    try:
        address = address_of(source, setup.settings.telegram_web_url, place.username)
    except NotAChannel as error:
        raise NoPreview(f"Source “{source.id}”: {error}.") from error
    async with PageDoor(setup.settings) as pages:
        return await _read_back(source, since, setup, progress, pages, address, place)


async def _read_back(
    source: SourceSettings,
    since: datetime,
    setup: Setup,
    progress: Progress,
    pages: Pages,
    address: str,
    place: Place,
) -> int:
    key = source.id + SUFFIX
    stored = setup.positions.get(key, {})
    before: int | None = stored.get("before") if stored.get("since") == since.isoformat() else None
    if before is not None and before <= 1:
        return 0
    proxy, pause = proxy_of(source, setup.settings), PAUSE_SECONDS
    if is_loopback(urlsplit(address).hostname or ""):
        pause = 0.0
    count = empties = 0
    while empties < EMPTIES:
        page = _usable(await pages.page(address, before, proxy), source, place.channel_id, count)
        lower = [number for number in page.ids if before is None or number < before]
        if not lower:
            empties += 1
            await asyncio.sleep(pause)
            continue
        empties, before = 0, lower[0]
        messages = [m for m in page.messages if m.message_id in set(lower) and m.channel_id]
        oldest_at = min((message.published_at for message in page.messages), default=None)
        named = replace(place, username=page.username or place.username)
        posts = past_posts(messages, named, source, via="w", since=since, now=setup.now())
        if oldest_at is not None and oldest_at < since:
            before = 1
        position = {"before": before, "since": since.isoformat()}
        await setup.sink.deliver(Batch(source_id=key, posts=posts, position=position))
        count += len(posts)
        progress(count, oldest_at)
        if before <= 1:
            break
    return count


def _usable(found: Page | Refusal, source: SourceSettings, channel_id: int | None, count: int) -> Page:
    """The page, if it is one of this channel."""
    again = f"{count} posts were published; start again to go on"
    if isinstance(found, Refusal):
        raise SourceDown(f"Source “{source.id}”: {found.reason}. {again}.")
    for kind, outcome in ((PageKind.NO_PREVIEW, Outcome.NO_PREVIEW), (PageKind.UNRECOGNISED, Outcome.UNRECOGNISED)):
        if found.kind is kind:
            kind_of_end = NoPreview if kind is PageKind.NO_PREVIEW and not count else SourceDown
            raise kind_of_end(f"Source “{source.id}”: {REASONS[outcome]}. {again}.")
    if problem := identity_problem(source, channel_id, found.channel_id):
        raise Misconfigured(f"Source “{source.id}”: {problem}.")
    return found
