"""The accounts of a soak: what was published, what came out, and what should have."""

from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.soak_story import digest, expected
from schemas.codec import decode
from schemas.records import Alert, Post
from schemas.topics import ALERTS, INCIDENTS, POSTS, REJECTS, REPORTS, SIGHTINGS, Topic
from tests.contracts.conftest import Broker

FLOW: Final = (POSTS, REPORTS, SIGHTINGS, INCIDENTS)
"""What the workers read, stage by stage."""


async def end(broker: Broker, topic: Topic) -> int:
    """How many messages the only partition of a topic holds."""
    place = TopicPartition(topic.named(broker.prefix), 0)
    async with AIOKafkaConsumer(**broker.connection) as consumer:
        consumer.assign([place])
        return int((await consumer.end_offsets([place]))[place])


async def done(broker: Broker, topic: Topic) -> int:
    """How many of them the workers have finished."""
    place = TopicPartition(topic.named(broker.prefix), 0)
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        finished = await client.list_consumer_group_offsets(broker.app_id, partitions=[place])
        return max(0, finished[place].offset) if place in finished else 0
    finally:
        await client.close()


async def waiting(broker: Broker) -> int:
    """How many messages wait before all stages."""
    return sum([max(0, await end(broker, topic) - await done(broker, topic)) for topic in FLOW])


async def values(broker: Broker, topic: Topic) -> AsyncIterator[bytes]:
    """What the only partition of a topic holds now, in order."""
    place = TopicPartition(topic.named(broker.prefix), 0)
    async with AIOKafkaConsumer(max_partition_fetch_bytes=1 << 24, **broker.connection) as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        last = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < last:
            for message in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                yield message.value


async def settled(broker: Broker, posts: Path, replayed: Path, lines: int, evidence: Path) -> dict[str, Any]:
    """Count everything that so many lines of posts led to; alerts that differ are written to `evidence` as told."""
    with posts.open("rb") as file:
        wanted = {(post.post_id, post.revision) for post in (decode(line, Post) for line in islice(file, lines))}
    published: set[tuple[str, int]] = set()
    messages = 0
    async for value in values(broker, POSTS):
        post = decode(value, Post)
        published.add((post.post_id, post.revision))
        messages += 1
    alerts = expected(replayed, lines)
    found: dict[str, set[str]] = {}
    told = 0
    with evidence.open("wb") as differing:
        async for value in values(broker, ALERTS):
            told += 1
            alert = decode(value, Alert)
            found.setdefault(alert.alert_id, set()).add(digest(alert))
            if alerts.get(alert.alert_id) != digest(alert):
                differing.write(value + b"\n")
    return {
        "posts": len(wanted),
        "posts_lost": len(wanted - published),
        "posts_repeated": messages - len(published),
        "rejected": await end(broker, REJECTS),
        "alerts": len(alerts),
        "alerts_lost": len(alerts.keys() - found.keys()),
        "alerts_unexpected": len(found.keys() - alerts.keys()),
        "alerts_different": sum(1 for key, digests in found.items() if key in alerts and digests != {alerts[key]}),
        "alert_ids_with_two_contents": sum(1 for digests in found.values() if len(digests) > 1),
        "alert_messages_repeated": told - len(found),
    }
