"""robots.txt (RFC 9309): which pages of a host we may read. It governs article pages, not feeds, which invite us.

One file per origin, kept for a day. Without one (any 4xx) everything may be read; while it cannot be had (5xx, no
answer) nothing may, and it is asked for again after a while.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from protego import Protego

from connectors.feeds.decode import decode
from connectors.feeds.fetch import Answer, Failure, Fetcher
from connectors.feeds.hosts import Hosts

AGENT: Final = "marqab"
"""Our product token, by which robots.txt may name us."""
KEPT_SECONDS: Final = 86_400.0
AGAIN_SECONDS: Final = 1800.0
LONGEST_BYTES: Final = 512 * 1024
"""RFC 9309 §2.5: at least 500 KiB are to be read."""
LONGEST_DELAY_SECONDS: Final = 30.0
"""A `Crawl-delay` beyond this is not waited for: the host is asked at this pace."""


class Rules(Protocol):
    """What a robots.txt says."""

    def can_fetch(self, url: str, user_agent: str) -> bool:
        """Whether this agent may read this page."""
        ...

    def crawl_delay(self, user_agent: str) -> float | None:
        """Seconds between two requests of this agent."""
        ...


@dataclass(frozen=True)
class Known:
    """What is known of one origin: rules, or None while they cannot be had, and until when that holds."""

    rules: Rules | None
    until: float

    def allows(self, url: str) -> bool:
        """Whether we may read this page."""
        return self.rules is not None and bool(self.rules.can_fetch(url, AGENT))

    @property
    def delay_seconds(self) -> float:
        """How long the host wants us to pause between two requests; 0 for no wish."""
        wish = self.rules.crawl_delay(AGENT) if self.rules is not None else None
        return min(float(wish or 0.0), LONGEST_DELAY_SECONDS)


def known_from(found: Answer | Failure, now: float) -> Known:
    """What an answer to the request for robots.txt means: pure."""
    if isinstance(found, Answer):
        return Known(Protego.parse(decode(found.body[:LONGEST_BYTES]).text), now + KEPT_SECONDS)
    if found.status is not None and 400 <= found.status < 500 and found.kind != "throttled":
        return Known(Protego.parse(""), now + KEPT_SECONDS)
    return Known(None, now + AGAIN_SECONDS)


class Robots:
    """Asks for robots.txt once a day and origin."""

    def __init__(self, fetcher: Fetcher, hosts: Hosts) -> None:
        self._fetcher, self._hosts = fetcher, hosts
        self._known: dict[str, Known] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def allow(self, url: str, proxy: str = "") -> bool:
        """Whether this page may be read; its host's wish for pauses is passed on to the hosts' queue."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known, now = self._known.get(origin), asyncio.get_running_loop().time()
            if known is None or known.until < now:
                known = self._known[origin] = await self._asked(origin, proxy, now)
                self._hosts.slow_down(url, known.delay_seconds)
        return known.allows(url)

    async def _asked(self, origin: str, proxy: str, now: float) -> Known:
        address = f"{origin}/robots.txt"
        async with self._hosts.turn(address) as wait:
            if wait:
                return Known(None, now + wait)
            found = await self._fetcher.fetch(address, proxy=proxy, accept="text/plain, */*;q=0.5")
        return known_from(found, now)
