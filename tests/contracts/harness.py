"""Posts in, a worker in this process or one of its own, everything out; waiting is on conditions, with deadlines."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from agents.app import Config, declare, serve
from agents.stages import Stages, shipped
from schemas.codec import encode
from schemas.metrics import Meter
from schemas.records import Post
from schemas.topics import BACKFILL, FEEDBACK, INCIDENTS, MAX_MESSAGE_BYTES, POSTS, REPORTS, SIGHTINGS, Topic
from tests.contracts.conftest import Broker
from tests.paths import ROOT

DEADLINE_SECONDS = 150.0
"""For a machine that does ten other things; on a quiet one nothing here takes more than some seconds."""
HOPS = (POSTS, BACKFILL, REPORTS, SIGHTINGS, FEEDBACK, INCIDENTS)


def config(broker: Broker, folder: Path, partitions: int = 1, store: str = "disk", **more) -> Config:
    return Config(
        bootstrap_servers=broker.bootstrap,
        embedded=broker.kind == "embedded",
        prefix=broker.prefix,
        app_id=broker.app_id,
        partitions=partitions,
        store=store,
        folder=folder,
        # Without ticks: what these tests compare with has no clock, and a busy machine leaves lanes idle for long.
        **{"commit_seconds": 0.3, "session_seconds": 6.0, "stalled_seconds": 60.0, "tick_seconds": 86_400.0, **more},
    )


async def publish(broker: Broker, posts: Iterable[Post | bytes], topic: Topic = POSTS) -> None:
    """Posts, or bytes that are none, in this order."""
    producer = AIOKafkaProducer(linger_ms=5, acks="all", max_request_size=MAX_MESSAGE_BYTES, **broker.connection)
    await producer.start()
    try:
        sent = []
        for post in posts:
            key = post.source.id.encode() if isinstance(post, Post) else b"raw"
            value = encode(post) if isinstance(post, Post) else post
            sent.append(await producer.send(topic.named(broker.prefix), value, key=key, headers=[("origin", b"test")]))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def everything(broker: Broker, topic: Topic) -> list:
    """All messages of a topic, partition by partition in order."""
    async with _consumer(broker) as consumer:
        places = await _places(broker, topic)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await _ends(consumer, places)
        found = {place: [] for place in places}
        async with asyncio.timeout(DEADLINE_SECONDS):
            for place in places:
                while await consumer.position(place) < ends[place]:
                    for at, messages in (await consumer.getmany(timeout_ms=200)).items():
                        found[at] += messages
        return [message for place in places for message in found[place]]


async def worked_off(
    broker: Broker, while_running: "asyncio.Future | None" = None, *, seconds: float = DEADLINE_SECONDS
) -> None:
    """Return when the worker's group has committed the end of every topic, in the order of the flow."""
    async with asyncio.timeout(seconds):
        for topic in HOPS:
            places = await _places(broker, topic)
            while True:
                if while_running is not None and while_running.done():
                    while_running.result()
                with contextlib.suppress(KafkaError):  # the coordinator of a new group takes its time
                    async with _consumer(broker) as consumer:
                        consumer.assign(places)
                        ends = await _ends(consumer, places)
                    async with _admin(broker) as admin:
                        done = await admin.list_consumer_group_offsets(broker.app_id, partitions=places)
                    if all(end == 0 or (place in done and done[place].offset >= end) for place, end in ends.items()):
                        break
                await asyncio.sleep(0.05)


async def committed(broker: Broker, topic: Topic) -> int:
    """How many messages of a topic the worker's group has committed."""
    places = await _places(broker, topic)
    async with _admin(broker) as admin:
        try:
            done = await admin.list_consumer_group_offsets(broker.app_id, partitions=places)
        except KafkaError:  # no coordinator yet
            return 0
        return sum(max(0, place.offset) for place in done.values())


async def count(broker: Broker, topic: Topic) -> int:
    """How many messages a topic holds."""
    async with _consumer(broker) as consumer:
        places = await _places(broker, topic)
        consumer.assign(places)
        return sum((await _ends(consumer, places)).values())


async def _ends(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Where the partitions end; the embedded broker tells it too low (`test_embedded.py`), a fetch tells the truth."""
    told = await consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(0, told[place] - 1))
    while any(told[place] and consumer.highwater(place) is None for place in places):
        await consumer.getmany(timeout_ms=20)
    for place in places:
        consumer.seek(place, 0)
    return {place: (consumer.highwater(place) if told[place] else 0) for place in places}


@contextlib.asynccontextmanager
async def _consumer(broker: Broker) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(max_partition_fetch_bytes=1 << 26, fetch_max_wait_ms=50, **broker.connection)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@contextlib.asynccontextmanager
async def _admin(broker: Broker) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def _places(broker: Broker, topic: Topic) -> list[TopicPartition]:
    """A topic's partitions; asked anew, by a new client, while the cluster knows of no broker.

    A broker that was frozen for longer than the controller waits for it (9 s) is fenced for a moment when it wakes:
    it answers, and tells of no broker. A client that begins then cannot be told better before minutes have passed.
    """
    name = topic.named(broker.prefix)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            with contextlib.suppress(KafkaError):
                async with _admin(broker) as client:
                    described = await client.describe_topics()
                [told] = [entry for entry in described if entry["topic"] == name]
                return [TopicPartition(name, number) for number in range(len(told["partitions"]))]
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def worker(
    broker: Broker, folder: Path, partitions: int = 1, stages: Stages | None = None, meter: Meter | None = None, **more
):
    """A worker in this process; its task fails the test when it ends by itself."""
    stop = asyncio.Event()
    # A long session: this process does much else, and a worker that misses heartbeats ends to be started again.
    told = config(broker, folder, partitions, **{"session_seconds": 30.0, **more})
    made = declare(told, stages or shipped(), meter)
    task = asyncio.create_task(serve(made, stop, stalled_seconds=told.stalled_seconds))
    try:
        yield made, task
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


async def run_through(broker: Broker, folder: Path, partitions: int = 1, stages: Stages | None = None) -> None:
    """Start a worker, return when it has worked everything off and has stopped."""
    async with worker(broker, folder, partitions, stages) as (_, task):
        await worked_off(broker, task)


class Process:
    """A worker in a process of its own, to be killed."""

    def __init__(self, broker: Broker, folder: Path, partitions: int = 1, **more) -> None:
        self._told = {
            "more": more,
            "kind": broker.kind,
            "bootstrap": broker.bootstrap,
            "prefix": broker.prefix,
            "app_id": broker.app_id,
            "folder": str(folder),
            "partitions": partitions,
        }
        self.process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Future | None = None

    async def start(self) -> "Process":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.contracts.harness", json.dumps(self._told), cwd=ROOT, start_new_session=True
        )
        return self

    def tell(self, number: int) -> None:
        os.kill(self.process.pid, number)

    async def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.tell(number)
        async with asyncio.timeout(20):
            return await self.process.wait()

    def gone(self) -> "asyncio.Future":
        """Fails the wait for it when it ends by itself."""

        async def watch() -> None:
            raise AssertionError(f"the worker ended with {await self.process.wait()}")

        self._watch = asyncio.ensure_future(watch())
        return self._watch

    async def __aenter__(self) -> "Process":
        return await self.start()

    async def __aexit__(self, *_) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


if __name__ == "__main__":
    import logging

    from agents.app import run

    logging.basicConfig(
        level=os.environ.get("MARQAB_TEST_LOG", "ERROR"), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    told = json.loads(sys.argv[1])
    here = Broker(told["kind"], told["bootstrap"], told["prefix"], told["app_id"])
    asyncio.run(run(config(here, Path(told["folder"]), told["partitions"], **told["more"]), shipped()))
