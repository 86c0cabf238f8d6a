"""Canaries over a fake sink and stream: on time, late, wrong, missing."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from agents.replay import Replay
from marqab.canary import Flight, Outcome, begin
from marqab.metrics import Metrics
from marqab.settings import Settings
from schemas.records import Post
from subscribers.heard import Heard
from subscribers.sample import sample_alert

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class Service:
    """Sink and stream at once: what goes in comes out as the real stages make it, unless it is told otherwise."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.posts, self.coming = clock, [], asyncio.Queue()
        self.dumb = False
        self.change = lambda alert: alert

    async def deliver(self, batch) -> None:
        (post,) = batch.posts
        self.posts.append(post)
        if not self.dumb:
            self.tell(post)

    def tell(self, post: Post) -> None:
        self.clock.at += timedelta(seconds=2)
        self.coming.put_nowait(self.change(*Replay().step(post).alerts))

    async def next(self, timeout_seconds=None) -> Heard:
        return Heard(await self.coming.get(), 0, 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(clock) -> Service:
    return Service(clock)


@pytest.fixture
def metrics() -> Metrics:
    made = Metrics("canary")
    begin(made, Settings())
    return made


@pytest.fixture
def flight(service, clock, metrics) -> Flight:
    return Flight(service, service, metrics, deadline_seconds=0.2, now=clock)


def figures(metrics: Metrics) -> dict[str, float]:
    lines = [line for line in metrics.render().decode().splitlines() if line.startswith("marqab_canar")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_on_time(flight, service, metrics):
    service.coming.put_nowait(sample_alert(NOON))  # others' alerts are passed over
    result = await flight.release()
    assert (result.outcome, result.seconds) == (Outcome.ON_TIME, 2.0)
    told = figures(metrics)
    assert told['marqab_canaries_total{outcome="on_time"}'] == 1
    assert told['marqab_canaries_total{outcome="missing"}'] == 0
    assert told["marqab_canary_latency_seconds_sum"] == 2.0
    assert told["marqab_canary_last_success_timestamp_seconds"] == NOON.timestamp() + 2


async def test_missing_and_after_all_late(flight, service, metrics):
    service.dumb = True
    result = await flight.release()
    assert (result.outcome, result.seconds) == (Outcome.MISSING, None)
    service.dumb = False
    service.clock.at += timedelta(seconds=100)
    service.tell(service.posts[0])
    assert (await flight.release()).outcome is Outcome.ON_TIME
    told = figures(metrics)
    assert told['marqab_canaries_total{outcome="missing"}'] == 1
    assert told['marqab_canaries_total{outcome="late"}'] == 1
    assert told["marqab_canary_latency_seconds_sum"] > 100


async def test_wrong(flight, service, metrics):
    service.change = lambda alert: msgspec.structs.replace(alert, test=False)
    result = await flight.release()
    assert result.outcome is Outcome.WRONG
    assert "not marked as a test" in result.words
    assert figures(metrics)['marqab_canaries_total{outcome="wrong"}'] == 1


async def test_a_broker_that_takes_nothing_is_a_missing_canary(flight, service):
    async def hang(batch) -> None:
        await asyncio.Event().wait()

    service.deliver = hang
    assert (await flight.release()).outcome is Outcome.MISSING
