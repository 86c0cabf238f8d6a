"""A worker that is killed and started again sends the alerts of an undisturbed run, on every broker."""

import asyncio
import signal

import pytest

from agents.replay import Replay
from schemas.codec import decode
from schemas.records import Alert
from schemas.topics import ALERTS, POSTS
from tests.contracts.harness import DEADLINE_SECONDS, Process, committed, everything, publish, worked_off
from tests.contracts.posts import WITHIN_A_WEEK, posts

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

STORY = posts(500, WITHIN_A_WEEK)


def undisturbed() -> dict[str, Alert]:
    replay = Replay()
    return {alert.alert_id: alert for post in STORY for alert in replay.step(post).alerts}


async def wait_for_commits(broker, worker, at_least: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await committed(broker, POSTS) < at_least:
            assert worker.process.returncode is None
            await asyncio.sleep(0.02)


async def test_killed_in_the_middle_of_500_posts(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:200])
    async with Process(broker, tmp_path) as worker:
        await wait_for_commits(broker, worker, 1)
        await publish(broker, STORY[200:400])
        await wait_for_commits(broker, worker, 201)
        assert await worker.end(signal.SIGKILL) == -signal.SIGKILL
    await publish(broker, STORY[400:])

    async with Process(broker, tmp_path) as worker:
        await worked_off(broker, worker.gone())
        assert await worker.end(signal.SIGTERM) == 0

    alerts = [decode(message.value, Alert) for message in await everything(broker, ALERTS)]
    expected = undisturbed()
    assert {alert.alert_id: alert for alert in alerts} == expected
    assert len(expected) > 40


async def test_asked_to_stop_it_ends_in_time_and_repeats_nothing(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY * 2)
    for _ in range(2):
        done = await committed(broker, POSTS)
        async with Process(broker, tmp_path) as worker:
            await wait_for_commits(broker, worker, done + 1)
            async with asyncio.timeout(10):
                assert await worker.end(signal.SIGTERM) == 0
    async with Process(broker, tmp_path) as worker:
        await worked_off(broker, worker.gone())
        assert await worker.end(signal.SIGINT) == 0

    sent = [decode(message.value, Alert).alert_id for message in await everything(broker, ALERTS)]
    assert len(sent) == len(set(sent))
    assert set(sent) == set(undisturbed())
