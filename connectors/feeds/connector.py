"""The connector of feeds: what all feeds share, and one small task for each (`connectors.feeds.feed`).

Nothing that goes wrong with one feed reaches another.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from connectors.base import Setup
from connectors.feeds.feed import Feed, Tools
from connectors.feeds.fetch import Fetcher
from connectors.feeds.hosts import Hosts
from connectors.feeds.isolated import Parsers
from connectors.feeds.websub import Pushes

if TYPE_CHECKING:
    from connectors.feeds.articles import Articles

STAGGER_SECONDS = 0.02
"""Between the first requests of two feeds, so that a start does not ask everybody in one moment."""


class FeedConnector:
    """Reads feeds; see `connectors.base.Connector`."""

    def __init__(self, setup: Setup, chance: Callable[[], float] = random.random) -> None:
        """Nothing is fetched until `run`.

        Args:
            setup: see `connectors.base.Setup`.
            chance: numbers from 0 to 1, for jitter.
        """
        self._setup = setup
        self._chance = chance
        self.pushes: Pushes | None = None

    async def run(self) -> None:
        """Follow every feed until cancelled, or ask each once."""
        settings = self._setup.settings
        fresh = Hosts(spacing_seconds=settings.fetch_host_spacing_seconds, concurrency=settings.fetch_concurrency)
        hosts: Hosts = self._setup.kept.courtesy.setdefault("hosts", fresh)
        async with AsyncExitStack() as stack:
            fetcher = await stack.enter_async_context(Fetcher(settings))
            parsers = await stack.enter_async_context(Parsers())
            self.pushes = await self._receiver(stack, fetcher)
            articles = await self._reader(stack, fetcher, hosts)
            tools = Tools(fetcher, hosts, parsers, self._chance, self.pushes, articles)
            feeds = [Feed(source, self._setup, tools) for source in self._setup.sources]
            tasks = [
                asyncio.ensure_future(feed.read_once() if self._setup.once else feed.follow(index * STAGGER_SECONDS))
                for index, feed in enumerate(feeds)
            ]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _receiver(self, stack: AsyncExitStack, fetcher: Fetcher) -> Pushes | None:
        if self._setup.once or not any(source.websub for source in self._setup.sources):
            return None
        return await stack.enter_async_context(Pushes(self._setup.settings, fetcher, asyncio.get_running_loop().time))

    async def _reader(self, stack: AsyncExitStack, fetcher: Fetcher, hosts: Hosts) -> "Articles | None":
        if not any(source.full_text for source in self._setup.sources):
            return None
        from connectors.feeds.articles import Articles, required  # noqa: PLC0415 - an extra

        required()
        return await stack.enter_async_context(Articles(fetcher, hosts))
