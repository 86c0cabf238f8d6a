"""What production does to a worker on real Kafka; each time the alerts by alert_id are those of an undisturbed run."""

import asyncio
import contextlib
import random
import signal
from dataclasses import replace

import pytest

from schemas.topics import POSTS, SIGHTINGS
from tests.contracts.harness import committed, count, publish, worked_off
from tests.faults.conftest import Supervisor, named
from tests.faults.door import slow_kafka, writes
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed, until_committed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


COMMITS_SECONDS = 2.0
"""Six times the pause between two commits."""


def writes_rows(request: bytes) -> bool:
    return writes(request) and b"-changelog" in request


@pytest.mark.parametrize(("holds", "topic"), [(writes, POSTS), (writes_rows, SIGHTINGS)], ids=["messages", "rows"])
async def test_nothing_is_committed_while_what_it_led_to_is_in_a_buffer(kafka_here, tmp_path, holds, topic):
    """The window that Faust leaves, held open: a broker that is slow to write and quick to commit; then SIGKILL."""
    async with slow_kafka(tmp_path / "kafka") as (cluster, door):
        broker = named(cluster)
        await broker.create_topics(1)
        async with Supervisor(replace(broker, bootstrap=door.address), tmp_path / "state") as supervisor:
            for part in range(0, len(STORY), 100):
                await publish(broker, STORY[part : part + 50])
                await worked_off(broker, seconds=PATIENCE_SECONDS)
                done = await committed(broker, topic)
                door.holds = holds
                await publish(broker, STORY[part + 50 : part + 100])
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await door.held.wait()
                await asyncio.sleep(COMMITS_SECONDS)  # for what must not happen
                now, there = await committed(broker, topic), await count(broker, topic)
                assert now == done if topic is POSTS else now < there
                supervisor.now.tell(signal.SIGKILL)
                await door.forget()
            await worked_off(broker, seconds=PATIENCE_SECONDS)
        assert supervisor.ends == [-signal.SIGKILL] * 4
        assert await alerts(broker) == undisturbed()


async def test_killed_while_the_broker_does_not_answer(broker, cluster, tmp_path):
    """At any moment, with whatever is on its way."""
    await broker.create_topics(1)
    chance = random.Random(6)
    async with Supervisor(broker, tmp_path / "state", 1) as supervisor:
        for part in range(4):
            await publish(broker, STORY[part * 100 : part * 100 + 50])
            await until_committed(broker, part * 100 + 1)
            await publish(broker, STORY[part * 100 + 50 : part * 100 + 100])
            await asyncio.sleep(chance.random() / 2)  # any moment will do: no wait for a condition
            cluster.nodes[0].pause()
            await asyncio.sleep(chance.random())
            supervisor.now.tell(signal.SIGKILL)
            cluster.nodes[0].resume()
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert supervisor.ends[:4] == [-signal.SIGKILL] * 4
    assert await alerts(broker) == undisturbed()


async def test_the_broker_is_killed_and_comes_back(broker, cluster, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:200])
    async with Supervisor(broker, tmp_path / "state", 1):
        await until_committed(broker, 1)
        await cluster.nodes[0].kill()
        await cluster.nodes[0].start()
        await cluster.ready()
        await publish(broker, STORY[200:])
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()


async def test_a_worker_that_was_frozen_comes_back_as_a_zombie(broker, tmp_path):
    """It is frozen in the middle of its work, with all partitions; when it wakes they are another's."""
    await broker.create_topics(1)
    await publish(broker, STORY[:150])
    async with Supervisor(broker, tmp_path / "one") as first:
        await until_committed(broker, 150)
        await publish(broker, STORY[150:300])
        await until_committed(broker, 151)
        first.now.tell(signal.SIGSTOP)
        await publish(broker, STORY[300:310])
        async with Supervisor(broker, tmp_path / "two"):
            await until_committed(broker, 310)
            first.now.tell(signal.SIGCONT)
            await publish(broker, STORY[310:])
            await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()


EVERY_SECONDS, TIMES = 4.0, 10


async def test_workers_come_and_go_under_load(broker, tmp_path):
    """Every few seconds one of three leaves in order or is killed, while posts come in; another takes its place."""
    await broker.create_topics(1)
    chance = random.Random(8)
    async with contextlib.AsyncExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two", "three")]
        workers = [await stack.enter_async_context(Supervisor(broker, folder)) for folder in folders]
        await publish(broker, STORY[:10])
        await until_committed(broker, 1)
        publishing = asyncio.create_task(publish_slowly(broker, STORY[10:], EVERY_SECONDS * TIMES))
        for number in range(TIMES):
            await asyncio.sleep(EVERY_SECONDS)
            with contextlib.suppress(ProcessLookupError):  # it has just ended, and the next one is not there yet
                workers[number % 3].now.tell(chance.choice((signal.SIGTERM, signal.SIGKILL)))
        await publishing
        await worked_off(broker, seconds=PATIENCE_SECONDS)
        left = [end for worker in workers for end in worker.ends]
    assert len(left) >= TIMES - 2, "one that has not quite started may be told twice"
    assert -signal.SIGKILL in left
    assert await alerts(broker) == undisturbed()
    assert await committed(broker, POSTS) == len(STORY)


async def publish_slowly(broker, posts, seconds: float) -> None:
    pieces = 40
    size = -(-len(posts) // pieces)
    for begin in range(0, len(posts), size):
        await publish(broker, posts[begin : begin + size])
        await asyncio.sleep(seconds / pieces)
