"""A channel's past through t.me/s, page by page: no account is needed, so a running service is not disturbed.

Where we stopped is kept in a cursor of its own, `<source id>:backfill`; the source's own cursor is left alone. An empty
page is the beginning of the channel or a rate limit in disguise: it is asked for `EMPTIES` times, pauses apart, before
it counts as the beginning.
"""

import asyncio
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from connectors.base import Batch, Progress, Setup
from connectors.feeds.access import proxy_of
from connectors.feeds.guard import is_loopback
from connectors.sources import SourceSettings
from connectors.telegram.memory import Memory
from connectors.telegram.place import EMPTIES, NotAChannel, Place, identity_problem
from connectors.telegram_web.client import PageDoor, Refusal
from connectors.telegram_web.parse import Page, PageKind
from connectors.telegram_web.reading import Outcome
from connectors.telegram_web.visit import REASONS, Pages, address_of
from schemas.errors import Misconfigured, SourceDown
from schemas.records import Post

SUFFIX: Final = ":backfill"
PAUSE_SECONDS: Final = 30.0
"""Before an empty page is asked for again."""


async def backfill_channel(source: SourceSettings, since: datetime, setup: Setup, progress: Progress) -> int:
    """See `connectors.base.Backfill`.

    Raises:
        Misconfigured: the source may be read through an account only, or names no public channel.
        SourceDown: t.me/s refuses; started again, it goes on where it was.
    """
    if source.access == "mtproto":
        raise Misconfigured(
            f"Source “{source.id}” may be read through an account only, which the service uses. Set backfill_days or "
            'backfill_posts for it, or access = "auto".'
        )
    place = Place.from_position(setup.positions.get(source.id))
    try:
        address = address_of(source, setup.settings.telegram_web_url, place.username)
    except NotAChannel as error:
        raise Misconfigured(f"Source “{source.id}”: {error}.") from error
    async with PageDoor(setup.settings) as pages:
        return await _read_back(source, since, setup, progress, pages, address, place.channel_id)


async def _read_back(
    source: SourceSettings,
    since: datetime,
    setup: Setup,
    progress: Progress,
    pages: Pages,
    address: str,
    channel_id: int | None,
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
        page = _usable(await pages.page(address, before, proxy), source, channel_id, count)
        lower = [number for number in page.ids if before is None or number < before]
        if not lower:
            empties += 1
            await asyncio.sleep(pause)
            continue
        empties, before = 0, lower[0]
        posts, oldest_at = _posts(page, source, since, setup.now(), set(lower))
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
            raise SourceDown(f"Source “{source.id}”: {REASONS[outcome]}. {again}.")
    if problem := identity_problem(source, channel_id, found.channel_id):
        raise Misconfigured(f"Source “{source.id}”: {problem}.")
    return found


def _posts(
    page: Page, source: SourceSettings, since: datetime, now: datetime, wanted: set[int]
) -> tuple[tuple[Post, ...], datetime | None]:
    """The page's posts that are wanted, marked, and when its oldest message was published."""
    oldest_at = min((message.published_at for message in page.messages), default=None)
    chosen = [m for m in page.messages if m.message_id in wanted and m.published_at >= since and m.channel_id]
    posts, _ = Memory().fold(
        chosen, source=source.record(), via="w", now=now, username=page.username, backfill=True, test=source.test
    )
    return posts, oldest_at
