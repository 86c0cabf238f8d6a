"""The connector of feeds: one small task per feed, which sleeps, asks, compares, delivers and sleeps again.

Whatever goes wrong with one feed is told to the health board and tried again later; nothing of it reaches another.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from connectors import rhythm
from connectors.base import Batch, Setup
from connectors.feeds import pace
from connectors.feeds.access import proxy_of, secret_headers
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.entries import Reading, read_entries
from connectors.feeds.fetch import Answer, Failure, Fetcher
from connectors.feeds.hosts import Hosts
from connectors.feeds.isolated import Parsers
from connectors.feeds.state import FeedState, after_answer, body_hash, recall
from connectors.feeds.websub import Pushes
from connectors.sources import SourceSettings
from schemas.errors import Misconfigured

log = logging.getLogger(__name__)

STAGGER_SECONDS = 0.02
"""Between the first requests of two feeds, so that a start does not ask everybody in one moment."""
BLOCKING_KINDS = frozenset({"throttled", "challenge"})


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
        hosts = Hosts(spacing_seconds=settings.fetch_host_spacing_seconds, concurrency=settings.fetch_concurrency)
        async with AsyncExitStack() as stack:
            fetcher = await stack.enter_async_context(Fetcher(settings))
            parsers = await stack.enter_async_context(Parsers())
            self.pushes = await self._receiver(stack, fetcher)
            tools = Tools(fetcher, hosts, parsers, self._chance, self.pushes)
            feeds = [Feed(source, self._setup, tools) for source in self._setup.sources]
            tasks = [
                asyncio.ensure_future(feed.ask() if self._setup.once else feed.follow(index * STAGGER_SECONDS))
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


@dataclass(frozen=True)
class Tools:
    """What all feeds of one connector share."""

    fetcher: Fetcher
    hosts: Hosts
    parsers: Parsers
    chance: Callable[[], float]
    pushes: Pushes | None


class Feed:
    """One feed and all that is remembered of it."""

    def __init__(self, source: SourceSettings, setup: Setup, tools: Tools) -> None:
        self._source, self._setup, self._tools = source, setup, tools
        self._pushes = tools.pushes if source.websub else None
        self._pushed = asyncio.Event()
        self._limits = pace.bounds(source)
        self._state = recall(setup.positions.get(source.id), source)
        self._failures = 0
        self._dates = self._learn()
        self._secrets = secret_headers(source, setup.settings.environ)
        self._proxy = proxy_of(source, setup.settings)

    async def follow(self, first_in_seconds: float) -> None:
        """Ask again and again; a feed that is gone for good waits for somebody to change its settings."""
        await asyncio.sleep(first_in_seconds)
        while (seconds := await self.ask()) is not None:
            self._setup.meter.gauge("marqab_source_poll_interval_seconds", seconds, source=self._source.id)
            await self._pause(seconds)
        await asyncio.Event().wait()

    async def _pause(self, seconds: float) -> None:
        """Sleep until the next turn, or until the hub says that there is something new."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._pushed.wait()
        self._pushed.clear()

    async def ask(self) -> float | None:
        """Ask once and deliver what is new; gives the seconds until the next time, None when there is none.

        Raises:
            Misconfigured: the sink refuses for good.
        """
        now = self._setup.now()
        if self._state.gone:
            self._stop("the server said earlier that this address is gone for good (410)")
            return None
        if self._state.not_before and self._state.not_before > now:
            self._setup.health.down(
                self._source.id, now, f"the server asked for patience until {self._state.not_before}"
            )
            return (self._state.not_before - now).total_seconds()
        try:
            outcome, wait = await self._request()
            if outcome is None:
                return wait
            return await self._handle(outcome)
        except Misconfigured:
            raise
        except Exception as error:
            # A defect of ours must cost this feed one turn, never the others theirs.
            log.exception("feed %s failed", self._source.id)
            return self._failed(Failure(kind="defect", reason=f"an error in marqab: {error!r}"))

    async def _request(self) -> tuple[Answer | Failure | None, float]:
        address = self._state.address
        async with self._tools.hosts.turn(address) as wait:
            if wait:
                reason = f"its host asked for patience; next attempt in {wait:.0f} s"
                self._setup.health.down(self._source.id, self._setup.now(), reason)
                return None, wait
            outcome = await self._tools.fetcher.fetch(
                address,
                headers={**self._state.validators(), **self._source.headers},
                secret_headers=self._secrets,
                proxy=self._proxy,
            )
        self._setup.meter.observe("marqab_fetch_duration_seconds", outcome.seconds, kind="feed")
        return outcome, 0.0

    async def _handle(self, outcome: Answer | Failure) -> float | None:
        if isinstance(outcome, Failure):
            return await self._refused(outcome)
        state = after_answer(self._state, outcome)
        if outcome.status == 304:
            return await self._unchanged(state, outcome, "not_modified")
        self._setup.meter.count("marqab_fetched_bytes_total", len(outcome.body), source=self._source.id)
        state = msgspec.structs.replace(state, body=body_hash(outcome.body))
        if state.body == self._state.body and not state.undecided:
            return await self._unchanged(state, outcome, "unchanged")
        fetched_at = self._setup.now()
        content_type = outcome.headers.get("content-type")
        document = await self._tools.parsers.parse(outcome.body, content_type=content_type, url=outcome.url)
        if isinstance(document, NotAFeed):
            return self._failed(Failure(kind=document.kind, reason=document.reason))
        reading = await asyncio.to_thread(read_entries, document, state.entries, self._source, fetched_at)
        return await self._new(document, reading, state, outcome)

    async def _new(self, document: Document, reading: Reading, state: FeedState, answer: Answer) -> float:
        hub, topic = document.hub, document.topic or answer.url
        dates = (entry.published_at.timestamp() for entry in document.entries if entry.published_at)
        published = rhythm.merged(state.published, dates, self._setup.now().timestamp())
        state = msgspec.structs.replace(
            state, entries=reading.memory, published=published, hub=hub, topic=topic if hub else None
        )
        await self._deliver(Batch(source_id=self._source.id, posts=reading.posts, position=state.position()), state)
        self._dates = self._learn()
        self._note(document, reading)
        return await self._succeeded("ok", answer, document.ttl_seconds, reading)

    async def _unchanged(self, state: FeedState, answer: Answer, outcome: str) -> float:
        moved = (state.moved_to, state.moves) != (self._state.moved_to, self._state.moves)
        if moved or self._state.not_before:
            await self._deliver(Batch(source_id=self._source.id, position=state.position()), state)
        self._state = state
        return await self._succeeded(outcome, answer, None, None)

    async def _succeeded(self, outcome: str, answer: Answer, ttl: float | None, reading: Reading | None) -> float:
        now = self._setup.now()
        self._failures = 0
        self._setup.meter.count("marqab_fetches_total", source=self._source.id, outcome=outcome)
        self._setup.health.up(self._source.id, now, max(self._dates, default=None))
        hint = pace.hint_seconds(answer.headers, ttl, now) if self._source.obey_hints else None
        seconds = pace.after_success(self._limits, self._dates, now, hint, self._jitter())
        if self._pushes is None or self._state.hub is None:
            return seconds
        slower = self._pushes.slower(self._source.id, bool(reading and reading.posts))
        await self._pushes.keep(self._source.id, self._state.hub, self._state.topic or answer.url, self._pushed.set)
        return min(seconds * slower, max(seconds, self._limits.ceiling))

    async def _refused(self, failure: Failure) -> float | None:
        now = self._setup.now()
        if failure.kind == "gone":
            gone = msgspec.structs.replace(self._state, gone=True)
            await self._deliver(Batch(source_id=self._source.id, position=gone.position()), gone)
            self._stop(failure.reason)
            return None
        seconds = self._failed(failure)
        asked = pace.retry_after_seconds(failure.retry_after, now)
        if failure.kind in BLOCKING_KINDS:
            seconds = pace.after_throttling(self._failures, asked, self._jitter())
            self._tools.hosts.leave_alone(self._state.address, seconds)
        if asked is not None:
            until = now + timedelta(seconds=min(asked, pace.DAY))
            waiting = msgspec.structs.replace(self._state, not_before=until)
            await self._deliver(Batch(source_id=self._source.id, position=waiting.position()), waiting)
        return seconds

    def _failed(self, failure: Failure) -> float:
        self._failures += 1
        self._setup.meter.count("marqab_fetches_total", source=self._source.id, outcome=failure.kind)
        self._setup.health.down(self._source.id, self._setup.now(), failure.reason)
        log.warning("feed %s: %s", self._source.id, failure.reason)
        return pace.after_failure(self._limits, self._failures, self._jitter())

    def _stop(self, reason: str) -> None:
        self._setup.meter.count("marqab_fetches_total", source=self._source.id, outcome="gone")
        self._setup.health.stopped(self._source.id, self._setup.now(), reason)
        log.error("feed %s is no longer asked: %s. Correct its url or remove it", self._source.id, reason)

    async def _deliver(self, batch: Batch, state: FeedState) -> None:
        """The state counts as ours only once it is stored."""
        await self._setup.sink.deliver(batch)
        self._state = state

    def _learn(self) -> list[datetime]:
        """When its entries were published, as far as is remembered; health hears of it."""
        dates = [datetime.fromtimestamp(moment, UTC) for moment in self._state.published]
        self._setup.health.learn(self._source.id, dates, self._setup.now())
        return dates

    def _note(self, document: Document, reading: Reading) -> None:
        meter, name = self._setup.meter, self._source.id
        if reading.gap:
            log.warning(
                "feed %s: no entry of the last poll is left; entries may have been missed between two polls", name
            )
            meter.count("marqab_feed_gaps_total", source=name)
        if reading.rekeyed:
            meter.count("marqab_feed_rekeyed_total", reading.rekeyed, source=name)
        for flaw in document.flaws:
            meter.count("marqab_feed_flaws_total", source=name, flaw=flaw.split(" ")[0][:40])

    def _jitter(self) -> float:
        return self._tools.chance() * 2 - 1
