"""What every fault test compares with: the alerts of an undisturbed run."""

import asyncio
import contextlib
from datetime import timedelta
from functools import partial

from aiokafka.errors import KafkaError

from agents.announce import announce
from agents.correlate import Rules
from agents.replay import Replay
from schemas.codec import decode
from schemas.records import Alert
from schemas.topics import ALERTS, POSTS
from tests.contracts.harness import committed, everything
from tests.contracts.posts import WITHIN_A_WEEK, posts

STORY = posts(400, WITHIN_A_WEEK)
PATIENCE_SECONDS = 240.0
"""Deadlines are for a busy machine; on a quiet one everything is done in a tenth of it."""


def undisturbed(story=STORY) -> dict[str, Alert]:
    return _told(Replay(), story)


def unsettled(story=STORY) -> dict[str, Alert]:
    """Where `marqab worker` runs with MARQAB_SETTLE_SECONDS=0: nothing is held back, so no clock has a say in it."""
    none = timedelta(0)
    return _told(Replay(rules=Rules(settle=none), announcer=partial(announce, settle=none)), story)


def _told(replay: Replay, story) -> dict[str, Alert]:
    return {alert.alert_id: alert for post in story for alert in replay.step(post).alerts}


async def alerts(broker) -> dict[str, Alert]:
    found = [decode(message.value, Alert) for message in await everything(broker, ALERTS)]
    return {alert.alert_id: alert for alert in found}


async def until_committed(broker, at_least: int, topic=POSTS) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with contextlib.suppress(KafkaError):  # a broker that is just being hurt
                if await committed(broker, topic) >= at_least:
                    return
            await asyncio.sleep(0.05)
