"""The door to t.me: fetches one preview page at a time, politely, through the feeds' guarded fetcher.

All channels live on one host, so there is one request in flight, a pause between two, and one shared "not before" after
the host has asked for quiet. A channel without a preview answers with a redirect to its contact page, which the parser
recognises.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

from connectors.feeds.fetch import Failure, Fetcher
from connectors.feeds.guard import is_loopback
from connectors.feeds.pace import retry_after_seconds
from connectors.settings import ConnectorSettings
from connectors.telegram_web.parse import Page, PageKind, parse_page
from connectors.telegram_web.reading import Outcome
from schemas.errors import SourceDown

log = logging.getLogger(__name__)

LONGEST_QUIET_SECONDS: Final = 3600.0
"""However long a host asks us to stay away, we knock again after this."""
ACCEPT: Final = "text/html,application/xhtml+xml"
OUTCOMES: Final = {
    "throttled": Outcome.RATE_LIMITED,
    "forbidden": Outcome.RATE_LIMITED,
    "challenge": Outcome.RATE_LIMITED,
    "http": Outcome.UNREACHABLE,
    "too_big": Outcome.UNRECOGNISED,
}
"""What the host's refusals mean here; every other failure is one of the network."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The host answered, but not with a page.

    Attributes:
        outcome: `rate_limited`, `unreachable` or `unrecognised`.
        reason: in words.
        quiet_seconds: how long to leave the host alone; None when it did not say.
    """

    outcome: Outcome
    reason: str
    quiet_seconds: float | None = None


class PageDoor:
    """`async with PageDoor(settings) as door: await door.page(address)`."""

    def __init__(self, settings: ConnectorSettings, *, clock: Callable[[], float] | None = None) -> None:
        self._spacing = settings.fetch_host_spacing_seconds
        self._settings = settings
        self._fetcher: Fetcher | None = None
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._turn = asyncio.Lock()
        self._not_before = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fetcher is not None:
            await self._fetcher.__aexit__(kind, error, trace)

    async def page(self, address: str, before: int | None = None, proxy: str = "") -> Page | Refusal:
        """Fetch and read one page, when it is our turn.

        Args:
            address: of the channel's preview.
            before: only messages below this id.
            proxy: address of a proxy; empty for none.

        Raises:
            SourceDown: the host cannot be reached or does not answer in time; the sentence says how.
        """
        url = address if before is None else f"{address}?{urlencode({'before': before})}"
        async with self._turn:
            await asyncio.sleep(max(0.0, self._not_before - self._clock()))
            if self._fetcher is None:  # made on first use: an account may never need it
                self._fetcher = await Fetcher(self._settings).__aenter__()
            found = await self._fetcher.fetch(url, headers={"Accept-Language": "en"}, proxy=proxy, accept=ACCEPT)
            spacing = 0.0 if is_loopback(urlsplit(url).hostname or "") else self._spacing
            quiet = retry_after_seconds(found.retry_after, datetime.now(UTC)) if isinstance(found, Failure) else None
            self._not_before = self._clock() + max(spacing, min(quiet or 0.0, LONGEST_QUIET_SECONDS))
        if not isinstance(found, Failure):
            return await asyncio.to_thread(_read, address, found.body)
        if found.kind in {"not_found", "gone"}:
            return Page(kind=PageKind.NO_PREVIEW)
        if found.kind not in OUTCOMES:
            raise SourceDown(f"{address} cannot be read: {found.reason}")
        return Refusal(outcome=OUTCOMES[found.kind], reason=found.reason, quiet_seconds=quiet)


def _read(address: str, body: bytes) -> Page | Refusal:
    """The page; one that the parser fails on is that channel's affair, and must not stop the others."""
    try:
        return parse_page(body.decode("utf-8", "replace"))
    except Exception as error:
        log.exception("the page %s cannot be read", address)
        return Refusal(outcome=Outcome.UNRECOGNISED, reason=f"its page cannot be read: {error!r}")
