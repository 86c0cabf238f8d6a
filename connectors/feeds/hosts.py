"""Courtesy towards hosts: feeds of one host ban each other when they are asked all at once.

One request in flight per host, a pause between two, and a "not before" that all feeds of the host share once one of
them was told to slow down. A host is name and port: two servers on one machine are strangers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from connectors.feeds.guard import is_loopback


class _Host:
    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.free_at = 0.0
        self.not_before = 0.0
        self.spacing = 0.0


class Hosts:
    """Hands out turns; times are the event loop's."""

    def __init__(self, *, spacing_seconds: float, concurrency: int) -> None:
        """Nothing is known of any host yet.

        Args:
            spacing_seconds: pause between two requests to one host; loopback needs none.
            concurrency: requests in flight over all hosts.
        """
        self._spacing = spacing_seconds
        self._slots = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[float]:
        """Wait for this host's turn and hold it.

        Gives 0 when a request may be sent now, else the seconds for which the host wants to be left alone: then no
        request may be sent.
        """
        host = self._host(url)
        loop = asyncio.get_running_loop()
        async with host.turn:
            wait = host.not_before - loop.time()
            if wait > 0:
                yield wait
                return
            await asyncio.sleep(max(0.0, host.free_at - loop.time()))
            async with self._slots:
                try:
                    yield 0.0
                finally:
                    pause = 0.0 if is_loopback(urlsplit(url).hostname or "") else self._spacing
                    host.free_at = loop.time() + max(pause, host.spacing)

    def leave_alone(self, url: str, seconds: float) -> None:
        """No feed of this host may be asked for this long."""
        host = self._host(url)
        host.not_before = max(host.not_before, asyncio.get_running_loop().time() + seconds)

    def slow_down(self, url: str, seconds: float) -> None:
        """This host wants a pause of so long between two requests (`Crawl-delay`)."""
        self._host(url).spacing = seconds

    def _host(self, url: str) -> _Host:
        name = urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")
        return self._hosts.setdefault(name, _Host())
