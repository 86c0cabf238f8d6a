"""The text of an article's page: fetched politely, read in a process that can be killed.

Pages go through the same guard, limits and per-host queue as feeds, and robots.txt is obeyed. trafilatura finds the
article in the page; it is asked in processes of their own with limits of time and memory, because pages are made by
anybody (a megabyte of empty paragraphs keeps it busy for half a minute). A page that cannot be had or read is a value
with a name; the post has long been published with what the feed says.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from connectors.feeds.cell import Cells, TooHard
from connectors.feeds.fetch import MAX_REDIRECTS, Answer, Fetcher
from connectors.feeds.hosts import Hosts
from connectors.feeds.pages import Found, judged
from connectors.feeds.robots import Robots
from schemas.errors import Misconfigured
from schemas.records import Post

ACCEPT: Final = "text/html, application/xhtml+xml"
PROCESSES: Final = 2
LIMIT_SECONDS: Final = 10.0
LONGEST_PAGE_BYTES: Final = 5 * 1024 * 1024
TRANSIENT: Final = frozenset({"timeout", "dns", "connect", "tls", "broken", "proxy", "throttled", "http", "busy"})
"""Failures after which the page is tried again."""


class Articles:
    """Reads pages; an async context."""

    def __init__(self, fetcher: Fetcher, hosts: Hosts) -> None:
        self._fetcher, self._hosts = fetcher, hosts
        self._robots = Robots(fetcher, hosts)
        self.cells = Cells("connectors.feeds.extract", PROCESSES, LIMIT_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cells.close()

    async def read(self, post: Post, proxy: str = "") -> Found:
        """The text of the page that a post links to, if it tells more of the same than the feed did."""
        answer = await self._page(post.url or "", proxy)
        if isinstance(answer, Found):
            return answer
        if not is_page(answer.headers):
            return Found(outcome="not_html")
        try:
            text = await self.cells.ask((answer.body, answer.headers.get("content-type"), answer.url))
        except TooHard:
            return Found(outcome="too_hard")
        return judged(post, text or "")

    async def _page(self, url: str, proxy: str) -> Answer | Found:
        """The page itself; every hop on the way to it asks the robots.txt of its own host and waits for its turn."""
        for _ in range(MAX_REDIRECTS + 1):
            if not await self._robots.allow(url, proxy):
                return Found(outcome="robots")
            async with self._hosts.turn(url) as wait:
                if wait:
                    return Found(outcome="busy", again=True)
                answer = await self._fetcher.fetch(
                    url, proxy=proxy, accept=ACCEPT, most=LONGEST_PAGE_BYTES, redirects=0
                )
            if isinstance(answer, Answer):
                return answer
            if answer.location is None:
                return Found(outcome=answer.kind, again=answer.kind in TRANSIENT)
            url = answer.location
        return Found(outcome="redirects")


def is_page(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is HTML, or says nothing."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in {"", "text/html", "application/xhtml+xml"}


def required() -> None:
    """Raises Misconfigured unless what reads pages is installed."""
    try:
        import trafilatura  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise Misconfigured(
            f"full_text = true needs packages that are not installed ({error}). Install marqab[full-text], or remove "
            "full_text from the sources file."
        ) from error
