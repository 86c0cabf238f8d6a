"""The connectors' sink keeps law 1 on every broker."""

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer

from connectors import publish
from connectors.base import Batch
from connectors.publish import KafkaSink
from marqab import admin, embedded
from schemas.codec import decode
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from schemas.records import Post, Source
from schemas.topics import POSTS

pytestmark = pytest.mark.broker

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sink_to(broker):
    return KafkaSink(broker.connection, prefix=broker.prefix, idempotent=broker.kind == "kafka")


def post(native_id, source="s", text="نص"):
    return Post(source=Source(id=source, kind=SourceKind.FEED), native_id=native_id, text=text, published_at=NOON)


async def read_posts(broker, count):
    consumer = AIOKafkaConsumer(
        POSTS.named(broker.prefix),
        auto_offset_reset="earliest",
        fetch_max_bytes=2**26,
        max_partition_fetch_bytes=2**26,
        **broker.connection,
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()


async def test_posts_arrive_with_headers_and_the_cursor_comes_back(broker):
    await broker.create_topics(partitions=2)
    async with sink_to(broker) as sink:
        assert await sink.positions() == {}
        await sink.deliver(Batch(source_id="s", posts=(post("1"), post("2")), position={"n": 2, "نص": [1, None]}))
        await sink.deliver(Batch(source_id="t", posts=(post("1", "t"),), position={"n": 1}))
        await sink.deliver(Batch(source_id="t", position={"n": 9}))
    async with sink_to(broker) as sink:
        assert await sink.positions() == {"s": {"n": 2, "نص": [1, None]}, "t": {"n": 9}}
    by_key = {}
    for message in await read_posts(broker, 3):
        by_key.setdefault(message.key, []).append(decode(message.value, Post).native_id)
        headers = dict(message.headers)
        assert headers["ce_type"] == b"org.marqab.post.v1"
        assert headers["ce_id"].startswith(b"p-")
        assert headers["traceparent"].startswith(b"00-")
    assert by_key == {b"s": ["1", "2"], b"t": ["1"]}


async def test_a_post_of_many_megabytes_arrives_and_a_monstrous_one_does_not_stop_the_source(broker):
    await broker.create_topics()
    big, monstrous, small = post("big", text="م" * 5_000_000), post("monster", text="x" * 34_000_000), post("small")
    async with sink_to(broker) as sink:
        await sink.deliver(Batch(source_id="s", posts=(big, monstrous, small), position={"n": 3}))
        assert await sink.positions() == {"s": {"n": 3}}
    assert [decode(m.value, Post).native_id for m in await read_posts(broker, 2)] == ["big", "small"]


async def test_many_sources_deliver_at_once(broker):
    await broker.create_topics(partitions=3)
    async with sink_to(broker) as sink:
        batches = [Batch(source_id=f"s{n}", posts=(post("1", f"s{n}"),), position={"n": n}) for n in range(200)]
        await asyncio.gather(*(sink.deliver(batch) for batch in batches))
        assert await sink.positions() == {f"s{n}": {"n": n} for n in range(200)}


async def test_a_missing_topic_is_told(broker):
    async with sink_to(broker) as sink:
        with pytest.raises(Misconfigured, match="marqab topics create"):
            await sink.positions()


async def test_no_broker_is_told():
    with pytest.raises(SourceDown, match="does not answer"):
        async with KafkaSink({"bootstrap_servers": "127.0.0.1:9"}, idempotent=False):
            pass


async def test_a_broker_that_goes_away_only_delays(monkeypatch):
    monkeypatch.setattr(publish, "RETRY_SECONDS", (0.1,))
    monkeypatch.setattr(publish, "REQUEST_TIMEOUT_MS", 1000)
    running = contextlib.AsyncExitStack()
    address = await running.enter_async_context(embedded.broker())
    connection = {"bootstrap_servers": address}
    await admin.create(connection, admin.declared(partitions=1))
    async with KafkaSink(connection, idempotent=False) as sink:
        await sink.deliver(Batch(source_id="s", posts=(post("1"),), position={"n": 1}))
        await running.aclose()
        waiting = [
            asyncio.ensure_future(
                sink.deliver(Batch(source_id=f"s{n}", posts=(post("2", f"s{n}"),), position={"n": 2}))
            )
            for n in range(3)
        ]
        await asyncio.sleep(3)  # long enough for several attempts to fail
        assert not any(task.done() for task in waiting)
        async with embedded.broker(port=int(address.rpartition(":")[2])):
            await admin.create(connection, admin.declared(partitions=1))
            async with asyncio.timeout(150):
                await asyncio.gather(*waiting)
            assert await sink.positions() == {f"s{n}": {"n": 2} for n in range(3)}
