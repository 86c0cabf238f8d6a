"""What production does to a worker on real Kafka; each time the alerts by alert_id are those of an undisturbed run."""

import asyncio
import random
import signal

import pytest

from agents.replay import Replay
from schemas.codec import decode
from schemas.errors import SourceDown
from schemas.records import Alert
from schemas.topics import ALERTS, POSTS
from tests.contracts.harness import DEADLINE_SECONDS, committed, everything, publish, worked_off, worker
from tests.contracts.posts import posts
from tests.faults.conftest import Supervisor

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

STORY = posts(400)


def undisturbed() -> dict[str, Alert]:
    replay = Replay()
    return {alert.alert_id: alert for post in STORY for alert in replay.step(post).alerts}


async def alerts(broker) -> dict[str, Alert]:
    found = [decode(message.value, Alert) for message in await everything(broker, ALERTS)]
    return {alert.alert_id: alert for alert in found}


async def until_committed(broker, at_least: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await committed(broker, POSTS) < at_least:
            await asyncio.sleep(0.02)


async def test_killed_while_the_broker_does_not_answer(broker, cluster, tmp_path):
    """The window that Faust leaves: offsets committed while messages and rows are still in a buffer."""
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
        await worked_off(broker, seconds=120)
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
        await worked_off(broker, seconds=180)
    assert await alerts(broker) == undisturbed()


async def test_a_worker_that_was_frozen_comes_back_as_a_zombie(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:150])
    async with Supervisor(broker, tmp_path / "one", 1) as first, Supervisor(broker, tmp_path / "two", 1):
        await until_committed(broker, 100)
        await publish(broker, STORY[150:300])
        first.now.tell(signal.SIGSTOP)
        await until_committed(broker, 300)
        first.now.tell(signal.SIGCONT)
        await publish(broker, STORY[300:])
        await worked_off(broker, seconds=120)
    assert await alerts(broker) == undisturbed()


async def test_workers_come_and_go_under_load(broker, tmp_path):
    await broker.create_topics(4)
    async with Supervisor(broker, tmp_path / "one", 4) as one, Supervisor(broker, tmp_path / "two", 4) as two:
        for part in range(4):
            await publish(broker, STORY[part * 100 : part * 100 + 100])
            await until_committed(broker, part * 100 + 1)
            (one, two)[part % 2].now.tell(signal.SIGTERM if part < 2 else signal.SIGKILL)
        await worked_off(broker, seconds=150)
    told = await alerts(broker)
    assert {alert.incident_id for alert in told.values()}
    assert await committed(broker, POSTS) == len(STORY)


async def work_until_it_ends(broker, folder) -> None:
    """A worker whose consumer goes deaf after twenty posts."""
    async with worker(broker, folder, stalled_seconds=6.0) as (running, task):
        await publish(broker, STORY[:20])
        await worked_off(broker, task)

        async def hang(*_, **__):
            await asyncio.Event().wait()

        running.app.consumer._thread.getmany = hang
        async with asyncio.timeout(30):
            await asyncio.sleep(2)  # the call that is under way returns
            await publish(broker, STORY[20:50])
            await asyncio.wait([task])
        assert "no progress" in running.progress.reason()


async def test_a_consumer_that_hangs_is_noticed_and_ends_the_worker(broker, tmp_path, caplog):
    await broker.create_topics(1)
    with pytest.raises(SourceDown, match=r"no progress for \d+ s: 30 messages wait in 1 partitions"):
        await work_until_it_ends(broker, tmp_path / "state")
    assert "Stack for <Task" in caplog.text
