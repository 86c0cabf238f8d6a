"""A source that floods delays itself: it loses nothing, and the others do not wait for it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import runner
from connectors.base import Batch
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.throttle import BURST_MINUTES, Throttle, Throttled
from schemas.kinds import SourceKind
from schemas.records import Post, Source
from tests.shell.connectors.test_runner import MemorySink

AT = datetime(2026, 3, 1, tzinfo=UTC)


def post(source: str, number: int, **more) -> Post:
    origin = Source(id=source, kind=SourceKind.TELEGRAM, name=source)
    return Post(source=origin, native_id=str(number), text="x", published_at=AT, **more)


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Stamped(MemorySink):
    """Remembers when each post came."""

    def __init__(self, clock) -> None:
        super().__init__()
        self.clock, self.at = clock, []

    async def deliver(self, batch) -> None:
        await super().deliver(batch)
        self.at += [self.clock()] * len(batch.posts)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0.5, 600),
    st.lists(st.tuples(st.integers(0, 900), st.floats(0, 600), st.booleans()), max_size=12),
)
def test_no_source_exceeds_its_pace_and_nothing_is_lost(per_minute, batches):
    clock = Clock()
    sink = Stamped(clock)
    throttle = Throttle(per_minute, clock)
    throttled = Throttled(sink, throttle, sleep=clock.sleep)
    sent = []

    async def flood() -> None:
        for number, (count, pause, asked) in enumerate(batches):
            posts = tuple(post("a", len(sent) + n, backfill=asked) for n in range(count))
            sent.extend(posts)
            await throttled.deliver(Batch(source_id="a", posts=posts, position={"n": number}))
            assert sink.stored["a"] == {"n": number}
            await clock.sleep(pause)

    asyncio.run(flood())
    assert sink.posts == sent
    live = [at for one, at in zip(sink.posts, sink.at, strict=True) if not one.backfill]
    burst = throttle.burst("a")
    for first in range(0, len(live), max(1, len(live) // 20)):
        for last in range(first, len(live), max(1, len(live) // 20)):
            # A slice may go out while something is left in the bucket: two bursts, then the pace.
            assert last - first < 2 * burst + 1 + (live[last] - live[first]) * per_minute / 60


async def test_the_position_comes_with_the_last_slice_only():
    clock = Clock()
    sink = MemorySink()
    throttled = Throttled(sink, Throttle(2, clock), sleep=clock.sleep)
    stored = []

    async def watch(seconds: float) -> None:
        stored.append((len(sink.posts), dict(sink.stored)))
        await Clock.sleep(clock, seconds)

    throttled._sleep = watch
    posts = tuple(post("a", n) for n in range(35))
    await throttled.deliver(Batch(source_id="a", posts=posts, position={"n": 35}))
    assert stored
    assert all(position == {} for _, position in stored), "while some posts wait, the cursor stays before all of them"
    assert (sink.posts, sink.stored) == (list(posts), {"a": {"n": 35}})


def test_a_source_may_have_a_pace_of_its_own_and_no_limit_is_none():
    throttle = Throttle(60, lambda: 0.0)
    throttle.learn({"wire": 600.0, "other": None})
    assert (throttle.burst("wire"), throttle.burst("other")) == (600 * BURST_MINUTES, 60 * BURST_MINUTES)
    throttle.take("wire", 3010)
    assert throttle.owed("wire") == pytest.approx(1.0)
    throttle.learn({"wire": None})
    free = Throttle(0, lambda: 0.0)
    free.take("a", 10**9)
    assert (free.burst("a"), free.owed("a")) == (0, 0.0)


async def test_one_flooding_channel_does_not_hide_the_others(monkeypatch):
    """Through the real runner: one channel has ten thousand posts at once, two others one now and then."""

    class Flood:
        def __init__(self, setup) -> None:
            self.setup = setup

        async def run(self) -> None:
            await asyncio.gather(*(self.follow(source.id) for source in self.setup.sources))
            await asyncio.Event().wait()

        async def follow(self, name: str) -> None:
            for number in range(100):
                count = 100 if name == "flood" else 1
                posts = tuple(post(name, number * count + n) for n in range(count))
                await self.setup.sink.deliver(Batch(source_id=name, posts=posts, position={"n": number}))
                await asyncio.sleep(0)

    monkeypatch.setattr(runner, "factory", lambda _: Flood)
    sink = MemorySink()
    names = ("flood", "calm", "quiet")
    sources = [SourceSettings(id=name, kind=SourceKind.TELEGRAM, channel=name) for name in names]
    running = asyncio.ensure_future(runner.run(sources, sink, ConnectorSettings(source_posts_per_minute=60)))
    try:
        async with asyncio.timeout(30):
            while sink.stored.get("quiet") != {"n": 99} or sink.stored.get("calm") != {"n": 99}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        told = Counter(one.source.id for one in sink.posts)
        assert (told["calm"], told["quiet"]) == (100, 100)
        assert told["flood"] <= 2 * 60 * BURST_MINUTES
        # What it has sent beyond that is not published, and its cursor has not moved past it.
        assert (sink.stored["flood"]["n"] + 1) * 100 == told["flood"]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
