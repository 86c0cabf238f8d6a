"""A sink that stands for Kafka in tests, with its failures, and the check that nothing was lost or doubled."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from telethon.tl.types import MessageService

from connectors.base import Setup
from connectors.health import HealthBoard
from connectors.settings import ConnectorSettings
from schemas.codec import decode, encode
from schemas.metrics import BY_NAME
from schemas.records import Cursor, Post


class Topic:
    """Posts and cursors as they would lie in Kafka; survives the connectors that write to it."""

    def __init__(self):
        self.posts, self.cursors = [], {}
        self.up = asyncio.Event()
        self.up.set()
        self.die_before_cursor = False  # acknowledged, then cancelled before the cursor is stored
        self.delivered = 0

    async def positions(self):
        return dict(self.cursors)

    async def deliver(self, batch):
        await self.up.wait()
        await asyncio.sleep(0)
        self.posts += [decode(encode(post), Post) for post in batch.posts]
        if self.die_before_cursor and batch.posts:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if batch.position is not None:
            row = Cursor(source_id=batch.source_id, position=dict(batch.position), updated_at=batch_time(batch))
            self.cursors[batch.source_id] = decode(encode(row), Cursor).position
        self.delivered += 1

    def last(self):
        """The newest revision of every post."""
        newest = {}
        for post in self.posts:
            if post.native_id not in newest or post.revision > newest[post.native_id].revision:
                newest[post.native_id] = post
        return newest

    def repeats(self):
        """How often a post was published again under the same revision."""
        return sum(Counter((post.native_id, post.revision) for post in self.posts).values()) - len(
            {(post.native_id, post.revision) for post in self.posts}
        )


def batch_time(batch):
    return max((p.fetched_at for p in batch.posts if p.fetched_at), default=datetime(2020, 1, 1, tzinfo=UTC))


class Counting:
    """A meter that remembers."""

    def __init__(self):
        self.counts, self.gauges = Counter(), {}

    def count(self, name, value=1, **labels):
        assert tuple(sorted(labels)) == tuple(sorted(BY_NAME[name].labels)), name
        self.counts[name, *(labels[label] for label in sorted(labels))] += value

    def gauge(self, name, value, **labels):
        assert tuple(sorted(labels)) == tuple(sorted(BY_NAME[name].labels)), name
        self.gauges[name, *(labels[label] for label in sorted(labels))] = value

    def observe(self, name, value, **labels):
        self.count(name, **labels)

    def forget(self, **labels):
        pass


def setup_of(sources, topic, *, once=False, now=None, meter=None, hold=None, **settings):
    """All that a connector under test is built from."""
    fields = {"fetch_host_spacing_seconds": 0.0, "fetch_allow_private": True, "fetch_timeout_seconds": 5.0, **settings}
    known = {} if now is None else {"now": now}
    return Setup(
        sources=tuple(sources),
        settings=ConnectorSettings(**fields),
        positions=dict(topic.cursors),
        sink=topic,
        health=HealthBoard(),
        meter=meter or Counting(),
        once=once,
        hold=hold,
        **known,
    )


def differences(topic, channels, deleted=()):
    """What the topic says that the world does not: lost, stale, undeleted, or one revision with two texts."""
    newest, wrong, texts = topic.last(), [], {}
    for post in topic.posts:
        words = texts.setdefault((post.native_id, post.revision), (post.text, post.deleted))
        if words != (post.text, post.deleted):
            wrong.append(("two texts", post.native_id, post.revision, words, post.text))
    for channel in channels:
        for number, message in channel.messages.items():
            if isinstance(message, MessageService):
                continue
            post = newest.get(f"tg:{channel.id}:{number}")
            if post is None:
                wrong.append(("lost", channel.id, number))
            elif post.deleted or post.text != message.message:
                wrong.append(("stale", channel.id, number, post.text, message.message))
    for channel_id, number in deleted:
        post = newest.get(f"tg:{channel_id}:{number}")
        if post is not None and not post.deleted:
            wrong.append(("undeleted", channel_id, number))
    return wrong


async def until(condition, seconds=20):
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions are many and none is an event
            await asyncio.sleep(0.002)
