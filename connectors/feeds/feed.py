"""One feed: it sleeps, asks, compares, delivers and sleeps again; where that is wanted, it reads entries' pages too.

Whatever goes wrong is told to the health board and tried again later.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from connectors import rhythm
from connectors.base import Batch, Setup
from connectors.feeds import pace, pages
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
from schemas.records import Post

if TYPE_CHECKING:
    from connectors.feeds.articles import Articles

log = logging.getLogger(__name__)

BLOCKING_KINDS = frozenset({"throttled", "challenge"})


@dataclass(frozen=True)
class Tools:
    """What all feeds of one connector share."""

    fetcher: Fetcher
    hosts: Hosts
    parsers: Parsers
    chance: Callable[[], float]
    pushes: Pushes | None
    articles: "Articles | None" = None


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
        self._articles = tools.articles if source.full_text else None
        self._turn = asyncio.Lock()
        self._posts: dict[str, Post] = {}
        self._pages_due = asyncio.Event()

    async def read_once(self) -> None:
        """Ask once, and read the pages that are due."""
        await self.ask()
        await self._read_pages()

    async def follow(self, first_in_seconds: float) -> None:
        """Ask again and again, and read pages meanwhile.

        Raises:
            Misconfigured: the sink refuses for good.
        """
        both = [asyncio.ensure_future(work) for work in (self._ask_on(first_in_seconds), self._read_on())]
        try:
            await asyncio.gather(*both)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _ask_on(self, first_in_seconds: float) -> None:
        """A feed that is gone for good waits for somebody to change its settings."""
        due, loop = self._setup.kept.due, asyncio.get_running_loop()
        name = (self._source.id, self._source.url or "")
        # After a reload a feed keeps the turn that it had.
        await asyncio.sleep(max(first_in_seconds, due.get(name, 0.0) - loop.time()))
        while (seconds := await self.ask()) is not None:
            self._setup.meter.gauge("marqab_source_poll_interval_seconds", seconds, source=self._source.id)
            due[name] = loop.time() + seconds
            await self._pause(seconds)
        await asyncio.Event().wait()

    async def _read_on(self) -> None:
        while True:
            await self._pages_due.wait()
            self._pages_due.clear()
            try:
                await self._read_pages()
            except Misconfigured:
                raise
            except Exception:
                log.exception(
                    "pages of feed %s could not be read; those that are left have another turn", self._source.id
                )

    async def _read_pages(self) -> None:
        """Read the pages that are due, newest post first; each is published as a revision of its post."""
        unstored = False
        for key, post in reversed(list(self._posts.items())):
            if self._articles is None or self._posts.get(key) is not post:
                continue
            found = await self._articles.read(post, self._proxy)
            self._setup.meter.count("marqab_feed_pages_total", source=self._source.id, outcome=found.outcome)
            async with self._turn:
                state, whole = pages.after_page(self._state, key, post, found, self._setup.now())
                unstored = whole is None
                if whole is not None:
                    await self._deliver(
                        Batch(source_id=self._source.id, posts=(whole,), position=state.position()), state
                    )
                self._state = state
                self._posts = {left: self._posts[left] for left in state.pages if left in self._posts}
        if unstored:
            async with self._turn:
                await self._deliver(Batch(source_id=self._source.id, position=self._state.position()), self._state)

    @property
    def _incomplete(self) -> bool:
        """Pages are due since before we started, and their posts are in the feed only: it must be read in full."""
        return self._articles is not None and any(key not in self._posts for key in self._state.pages)

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
            async with self._turn:
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
                headers={**({} if self._incomplete else self._state.validators()), **self._source.headers},
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
        if state.body == self._state.body and not state.undecided and not self._incomplete:
            return await self._unchanged(state, outcome, "unchanged")
        fetched_at = self._setup.now()
        content_type = outcome.headers.get("content-type")
        document = await self._tools.parsers.parse(outcome.body, content_type=content_type, url=outcome.url)
        if isinstance(document, NotAFeed):
            return self._failed(Failure(kind=document.kind, reason=document.reason))
        reading = await asyncio.to_thread(
            read_entries, document, state.entries, self._source, fetched_at, frozenset(state.pages)
        )
        return await self._new(document, reading, state, outcome)

    async def _new(self, document: Document, reading: Reading, state: FeedState, answer: Answer) -> float:
        hub, topic = document.hub, document.topic or answer.url
        dates = (entry.published_at.timestamp() for entry in document.entries if entry.published_at)
        published = rhythm.merged(state.published, dates, self._setup.now().timestamp())
        still_due, posts = pages.due(state.pages, reading, self._setup.now()) if self._articles else ({}, {})
        state = msgspec.structs.replace(
            state,
            entries=reading.memory,
            published=published,
            hub=hub,
            topic=topic if hub else None,
            pages=still_due,
        )
        await self._deliver(Batch(source_id=self._source.id, posts=reading.posts, position=state.position()), state)
        self._posts = posts
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
        if self._state.pages:
            self._pages_due.set()
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
