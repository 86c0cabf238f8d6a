"""The door to t.me: fetches one preview page at a time, politely.

All channels live on one host, so there is one request in flight, a pause between two, and one shared "not before" after
the host has asked for quiet. Redirects are not followed: t.me answers with one where a channel has no preview.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

import aiohttp

from connectors.settings import ConnectorSettings
from connectors.telegram_web.parse import Page, PageKind, parse_page
from connectors.telegram_web.reading import Outcome
from schemas.errors import SourceDown

LONGEST_QUIET_SECONDS: Final = 3600.0
"""However long a host asks us to stay away, we knock again after this."""
TOO_MANY: Final = frozenset({403, 420, 429, 503})


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

    def __init__(
        self, settings: ConnectorSettings, *, clock: Callable[[], float] | None = None, proxy: str | None = None
    ) -> None:
        self._settings = settings
        self._proxy = proxy
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._turn = asyncio.Lock()
        self._not_before = 0.0
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._settings.fetch_timeout_seconds),
            headers={"User-Agent": self._settings.user_agent, "Accept-Language": "en"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(self, address: str, before: int | None = None) -> Page | Refusal:
        """Fetch and read one page, when it is our turn.

        Raises:
            SourceDown: the host cannot be reached or does not answer in time; the sentence says how.
        """
        async with self._turn:
            await asyncio.sleep(max(0.0, self._not_before - self._clock()))
            try:
                found = await self._fetched(address, {} if before is None else {"before": str(before)})
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise SourceDown(f"{address} cannot be read: {_words(error)}") from error
            finally:
                self._not_before = self._clock() + self._settings.fetch_host_spacing_seconds
            if isinstance(found, Refusal) and found.quiet_seconds:
                self._not_before = self._clock() + min(found.quiet_seconds, LONGEST_QUIET_SECONDS)
            return found

    async def _fetched(self, address: str, query: dict[str, str]) -> Page | Refusal:
        if self._session is None:
            raise RuntimeError("PageDoor is used outside of `async with`")
        async with self._session.get(address, params=query, allow_redirects=False, proxy=self._proxy) as answer:
            if 300 <= answer.status < 400:
                return Page(kind=PageKind.NO_PREVIEW)
            if answer.status in TOO_MANY:
                quiet = _quiet_seconds(answer.headers.get("Retry-After"), datetime.now(UTC))
                return Refusal(
                    outcome=Outcome.RATE_LIMITED, reason=f"the host answers {answer.status}", quiet_seconds=quiet
                )
            if answer.status >= 500:
                return Refusal(outcome=Outcome.UNREACHABLE, reason=f"the host answers {answer.status}")
            body = await _capped(answer, self._settings.fetch_max_bytes)
        if body is None:
            return Refusal(outcome=Outcome.UNRECOGNISED, reason="the page is longer than fetch_max_bytes")
        return await asyncio.to_thread(parse_page, body.decode("utf-8", "replace"))


async def _capped(answer: aiohttp.ClientResponse, limit: int) -> bytes | None:
    chunks, length = [], 0
    async for chunk in answer.content.iter_chunked(65_536):
        length += len(chunk)
        if length > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _quiet_seconds(header: str | None, now: datetime) -> float | None:
    """The `Retry-After` header: seconds or a date."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp())


def _words(error: BaseException) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
