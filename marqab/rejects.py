"""What was set aside: list it, look at it, send it again. Reads and writes Kafka like `marqab.admin` does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from schemas.errors import Misconfigured, SourceDown
from schemas.topics import MAX_MESSAGE_BYTES, REJECTS

ERRORS: Final = "__connect.errors."
"""Start of the headers that say what went wrong (Kafka Connect's names)."""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """One message that was set aside, whole.

    Attributes:
        number: `partition/offset` in the rejects' topic; names it in commands.
        at: when it was set aside.
        topic: where it stood, and is sent again.
        stage: which stage could not handle it.
        reason: why, in words.
        key, value: as they were.
        headers: as they were, without those about the error.
        told: all headers about the error.
    """

    number: str
    at: datetime
    topic: str
    stage: str
    reason: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    told: Mapping[str, str]


@asynccontextmanager
async def _reader(connection: Mapping[str, Any]) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **connection,
        enable_auto_commit=False,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        fetch_max_bytes=MAX_MESSAGE_BYTES,
    )
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        raise SourceDown(f"no Kafka broker answers at {connection['bootstrap_servers']}: {error}") from None
    try:
        yield consumer
    except TopicAuthorizationFailedError as error:
        raise _refused(connection, error) from error
    finally:
        await consumer.stop()


def _refused(connection: Mapping[str, Any], error: Exception) -> Misconfigured:
    return Misconfigured(
        f"Kafka at {connection['bootstrap_servers']} does not let this user do that ({error!r}). "
        "`marqab topics acls --role operator` prints the commands that grant it."
    )


async def read(connection: Mapping[str, Any], prefix: str, since: datetime | None = None) -> AsyncIterator[Rejected]:
    """All that was set aside since then (or ever), up to now, partition by partition.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic.
    """
    topic = REJECTS.named(prefix)
    async with _reader(connection) as consumer:
        places = [
            TopicPartition(topic, p)
            for p in sorted(consumer.partitions_for_topic(topic) or await _partitions(consumer, topic))
        ]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        starts = await consumer.beginning_offsets(places)
        if since is not None:
            found = await consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
            starts = {place: found[place].offset if found[place] else ends[place] for place in places}
        for place in places:
            consumer.seek(place, starts[place])
        left = {place for place in places if starts[place] < ends[place]}
        consumer.pause(*[place for place in places if place not in left])
        while left:
            message = await consumer.getone(*left)
            place = TopicPartition(message.topic, message.partition)
            if message.offset < ends[place]:
                yield _rejected(message)
            if await consumer.position(place) >= ends[place]:
                left.discard(place)


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    if topic not in await consumer.topics():
        raise Misconfigured(
            f"there is no topic {topic}, or this user may not see it: run `marqab topics create`, or grant what "
            "`marqab topics acls --role operator` prints"
        )
    await consumer.end_offsets([TopicPartition(topic, 0)])  # makes the client learn of the topic's partitions
    return consumer.partitions_for_topic(topic) or {0}


def _rejected(message: Any) -> Rejected:
    told = {k.removeprefix(ERRORS): v.decode("utf-8", "replace") for k, v in message.headers if k.startswith(ERRORS)}
    return Rejected(
        number=f"{message.partition}/{message.offset}",
        at=datetime.fromtimestamp(message.timestamp / 1000, UTC),
        topic=told.get("topic", ""),
        stage=told.get("stage", ""),
        reason=told.get("exception.message", ""),
        key=message.key,
        value=message.value,
        headers=tuple((k, v) for k, v in message.headers if not k.startswith(ERRORS)),
        told=told,
    )


Send = Callable[[Rejected, bytes | None], Awaitable[None]]


@asynccontextmanager
async def sender(connection: Mapping[str, Any], *, idempotent: bool = True) -> AsyncIterator[Send]:
    """What sends messages to the topics where they stood, mended where a new value is given, once acknowledged.

    Raises:
        SourceDown: no broker answers, or it did not take a message.
        Misconfigured: a message does not tell where it stood, or this user may not send it there.
    """
    producer = AIOKafkaProducer(
        **connection, acks="all", enable_idempotence=idempotent, max_request_size=MAX_MESSAGE_BYTES + (1 << 20)
    )

    async def send(rejected: Rejected, mended: bytes | None) -> None:
        if not rejected.topic:
            raise Misconfigured(f"{rejected.number} does not tell in which topic it stood; send it with your own tool")
        value = rejected.value if mended is None else mended
        try:
            await producer.send_and_wait(rejected.topic, value, key=rejected.key, headers=list(rejected.headers))
        except TopicAuthorizationFailedError as error:
            raise _refused(connection, error) from error
        except KafkaError as error:
            raise SourceDown(f"{rejected.number} could not be sent to {rejected.topic}: {error!r}") from error

    try:
        try:
            await producer.start()
        except KafkaError as error:
            raise SourceDown(f"no Kafka broker answers at {connection['bootstrap_servers']}: {error!r}") from error
        yield send
    finally:
        await producer.stop()
