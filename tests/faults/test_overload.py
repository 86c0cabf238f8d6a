"""More than the stages can do: memory stays bounded, nobody leaves the group, live posts pass the past."""

import asyncio
import time
from dataclasses import replace

import msgspec
import psutil
import pytest

from agents.stages import shipped
from schemas.topics import ALERTS, BACKFILL, REPORTS
from tests.contracts.harness import committed, count, publish, worked_off, worker
from tests.faults.story import PATIENCE_SECONDS, STORY, until_committed
from tests.shell.test_continuity import Meter

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

BURST = 3000
SLOW_SECONDS = 0.01


def slow(classify):
    def slowly(report):
        time.sleep(SLOW_SECONDS)
        return classify(report)

    return slowly


def many(number: int, **more):
    """Quiet posts of one source each."""
    quiet = next(post for post in STORY if post.native_id.endswith("quiet"))
    return [msgspec.structs.replace(quiet, native_id=f"burst-{n}", **more) for n in range(number)]


async def test_a_burst_while_the_classifier_is_slow(broker, tmp_path):
    """Heartbeats go on, so nobody is thrown out; what waits waits in Kafka, and lag says so."""
    await broker.create_topics(1)
    stages = shipped()
    meter, here = Meter(), psutil.Process()
    async with worker(
        broker, tmp_path / "state", stages=replace(stages, classify=slow(stages.classify)), meter=meter
    ) as (running, task):
        await publish(broker, STORY[:1])
        await worked_off(broker, task, seconds=PATIENCE_SECONDS)
        before, most, lag = here.memory_info().rss, 0, 0
        await publish(broker, many(BURST))
        done = asyncio.ensure_future(worked_off(broker, task, seconds=PATIENCE_SECONDS))
        while not done.done():
            most = max(most, here.memory_info().rss)
            lag = max(lag, sum(running.progress.lag.values()))
            await asyncio.sleep(0.2)
        await done
    assert lag > BURST / 10
    assert most - before < 300e6
    assert meter.counts["marqab_rebalances_total"] <= 2, "the one at the start, and none for slowness"
    assert await committed(broker, REPORTS) == BURST + 1


async def test_live_posts_pass_the_past(broker, tmp_path):
    await broker.create_topics(1)
    stages = shipped()
    await publish(broker, many(2000, backfill=True), BACKFILL)
    async with worker(broker, tmp_path / "state", stages=replace(stages, classify=slow(stages.classify))) as (_, task):
        await until_committed(broker, 1, BACKFILL)
        live = [post for post in STORY[:20] if not post.backfill]
        await publish(broker, live)
        while await count(broker, ALERTS) == 0:
            assert not task.done()
            await asyncio.sleep(0.1)
        assert await committed(broker, BACKFILL) < 1500, "most of the past was still to come"
        await worked_off(broker, task, seconds=PATIENCE_SECONDS)
    assert await committed(broker, BACKFILL) == 2000
