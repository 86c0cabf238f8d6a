"""Faust drops what it has fetched, again and again: nothing is lost, nothing told twice, on every broker."""

import asyncio

import pytest

from agents.replay import Replay
from schemas.codec import decode
from schemas.records import Alert
from schemas.topics import ALERTS
from tests.contracts.harness import everything, publish, worked_off, worker
from tests.contracts.posts import WITHIN_A_WEEK, posts
from tests.shell.test_continuity import Meter

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

STORY = posts(200, WITHIN_A_WEEK)
TIMES = 5


async def test_what_faust_fetched_and_dropped_is_read_again(broker, tmp_path):
    """Its queues are emptied while they are full: what a rebalance does at an unlucky moment."""
    await broker.create_topics(1)
    replay, meter = Replay(), Meter()
    expected = {alert.alert_id: alert for post in STORY for alert in replay.step(post).alerts}
    async with worker(broker, tmp_path, meter=meter) as (running, task):
        queues = running.app.flow_control._queues
        for time in range(TIMES):
            await publish(broker, STORY[time * 40 : time * 40 + 40])
            async with asyncio.timeout(60):
                while not any(queue.qsize() for queue in queues):
                    await asyncio.sleep(0)
            running.app.flow_control.clear()
        await worked_off(broker, task, seconds=200)
    sent = [decode(message.value, Alert) for message in await everything(broker, ALERTS)]
    assert {alert.alert_id: alert for alert in sent} == expected
    assert len(sent) == len(expected)
    assert meter.counts["marqab_reads_repeated_total"] >= 1
