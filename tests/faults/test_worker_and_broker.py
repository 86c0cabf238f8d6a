"""What production does to a worker on real Kafka; each time the alerts by alert_id are those of an undisturbed run."""

import asyncio
import random
import signal

import pytest

from schemas.topics import POSTS
from tests.contracts.harness import committed, publish, worked_off
from tests.faults.conftest import Supervisor
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed, until_committed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


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
    await broker.create_topics(1)
    await publish(broker, STORY[:150])
    async with Supervisor(broker, tmp_path / "one", 1) as first, Supervisor(broker, tmp_path / "two", 1):
        await until_committed(broker, 100)
        await publish(broker, STORY[150:300])
        first.now.tell(signal.SIGSTOP)
        await until_committed(broker, 300)
        first.now.tell(signal.SIGCONT)
        await publish(broker, STORY[300:])
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()


async def test_workers_come_and_go_under_load(broker, tmp_path):
    """Every few seconds one of two leaves in order, or is killed; its supervisor starts it again."""
    await broker.create_topics(1)
    async with Supervisor(broker, tmp_path / "one") as one, Supervisor(broker, tmp_path / "two") as two:
        for part in range(4):
            await publish(broker, STORY[part * 100 : part * 100 + 100])
            await until_committed(broker, part * 100 + 1)
            (one, two)[part % 2].now.tell(signal.SIGTERM if part < 2 else signal.SIGKILL)
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()
    assert await committed(broker, POSTS) == len(STORY)
