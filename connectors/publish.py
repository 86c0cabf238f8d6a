"""Posts and cursors to Kafka: beside `connectors.holder` the only module of the connectors that imports aiokafka.

Order is the whole point: the posts are acknowledged by all in-sync replicas before the cursor that moves past them is
sent (law 1). What a crash repeats carries the same ids (law 2), so retrying is always right.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from connectors.base import Batch, Position, note_delivered, utc_now
from connectors.holder import held
from schemas.codec import decode, encode
from schemas.errors import Misconfigured, SourceDown, Undecodable
from schemas.headers import Headers, cloud_event, traceparent
from schemas.metrics import Meter, NoMeter
from schemas.records import Cursor, Post
from schemas.topics import BACKFILL, CURSORS, MAX_MESSAGE_BYTES, POSTS, PREFIX, REJECTS, Topic

log = logging.getLogger(__name__)

LINGER_MS: Final = 20
REQUEST_TIMEOUT_MS = 20_000
RETRY_SECONDS: Final = (0.5, 1, 2, 5, 10)
"""Pauses between attempts to reach a broker that is away; the last one repeats."""
VISIBLE_ATTEMPTS: Final = 12
"""Quarter seconds for which a topic may be missing; KRaft shows a new one on every broker after some milliseconds."""
REFUSALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)


class KafkaSink:
    """A `Sink`: posts to `<prefix>posts`, the past to `<prefix>backfill`, cursors to `<prefix>cursors`; a context."""

    def __init__(
        self,
        connection: Mapping[str, Any],
        *,
        prefix: str = PREFIX,
        idempotent: bool = True,
        meter: Meter | None = None,
        compression: str = "zstd",
    ) -> None:
        """Nothing is connected until the context is entered.

        Args:
            connection: aiokafka's `bootstrap_servers` and TLS and SASL arguments.
            prefix: before every topic's name.
            idempotent: off for the embedded broker, which cannot hand out producer ids.
            meter: takes counts of what was acknowledged.
            compression: of producer batches; zstd gave 5.4× at 237 MB/s.
        """
        self._connection = dict(connection)
        self._bootstrap = self._connection.get("bootstrap_servers")
        self._prefix = prefix
        self._idempotent = idempotent
        self._meter: Meter = meter or NoMeter()
        self._compression = compression
        self._producer: AIOKafkaProducer | None = None
        self._reviving = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            SourceDown: no broker answers at the address.
            Misconfigured: the broker refuses the credentials.
        """
        try:
            self._producer = await self._started_producer()
        except REFUSALS as error:
            raise self._refused(error) from error
        except (KafkaError, OSError) as error:
            raise SourceDown(
                f"Kafka at {self._bootstrap} does not answer ({error}). Start it, or correct "
                "MARQAB_KAFKA_BOOTSTRAP_SERVERS."
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send what is buffered and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def positions(self) -> dict[str, Position]:
        """All cursors: the compacted topic read from its beginning to where it ended when we asked.

        Raises:
            Misconfigured: the topic is missing.
            SourceDown: the broker does not answer.
        """
        topic = CURSORS.named(self._prefix)
        consumer = AIOKafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
            **self._connection,
        )
        try:
            await consumer.start()
            return await _read_cursors(consumer, topic)
        except REFUSALS as error:
            raise self._refused(error) from error
        except (KafkaError, OSError) as error:
            raise SourceDown(f"Kafka at {self._bootstrap} does not answer while cursors are read ({error}).") from error
        finally:
            await consumer.stop()

    def hold(self, name: str) -> AbstractAsyncContextManager[asyncio.Event]:
        """See `connectors.holder.held`."""
        return held(name, self._connection, prefix=self._prefix)

    async def deliver(self, batch: Batch) -> None:
        """Publish, await every acknowledgement, then store the cursor and await that; see `connectors.base.Sink`."""
        messages = [message for post in batch.posts if (message := self._post(post)) is not None]
        await self._acknowledged(messages, batch.source_id)
        if batch.position is not None:
            cursor = Cursor(source_id=batch.source_id, position=dict(batch.position), updated_at=utc_now())
            value = encode(cursor)
            await self._acknowledged([(CURSORS, batch.source_id, value, cloud_event(cursor))], batch.source_id)
        note_delivered(batch, self._meter, utc_now())

    def _post(self, post: Post) -> "Message | None":
        trace = traceparent(f"{post.post_id}:{post.revision}", "connector")
        try:
            return BACKFILL if post.backfill else POSTS, post.source.id, encode(post), cloud_event(post, trace)
        except Undecodable as error:
            # Only a defect in a connector's parser can make such a post; it must not stop the source.
            log.exception("post %s of %s cannot be written and is set aside", post.native_id, post.source.id)
            self._meter.count("marqab_rejects_total", stage="connector", reason="unencodable")
            return REJECTS, post.source.id, repr(post).encode("utf-8", "backslashreplace"), _why(error)

    async def _acknowledged(self, messages: "list[Message]", source_id: str) -> None:
        """Send until every message is acknowledged, for as long as it takes."""
        waiting, attempt = messages, 0
        while waiting:
            waiting, error = await self._attempt(waiting, source_id)
            if error is None:
                return
            pause = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
            attempt += 1
            log.warning(
                "Kafka did not acknowledge %d messages of %s (%s); again in %s s", len(waiting), source_id, error, pause
            )
            await asyncio.sleep(pause)
            await self._revive()

    async def _attempt(self, messages: "list[Message]", source_id: str) -> "tuple[list[Message], Exception | None]":
        """Send all once; gives those not acknowledged and why."""
        producer = self._producer
        if producer is None:
            raise RuntimeError("deliver is only for use inside the sink's context")
        sent: list[tuple[Message, asyncio.Future[Any]]] = []
        failed: list[Message] = []
        problem: Exception | None = None
        for message in messages:
            topic, key, value, headers = message
            try:
                future = await producer.send(topic.named(self._prefix), value, key=key.encode(), headers=headers)
                sent.append((message, future))
            except MessageSizeTooLargeError as error:
                log.error(
                    "a message of %s for %s is %d bytes long and is dropped: %s",
                    source_id,
                    topic.name,
                    len(value),
                    error,
                )
                self._meter.count("marqab_rejects_total", stage="connector", reason="too_large")
            except REFUSALS as error:
                raise self._refused(error) from error
            except (KafkaError, OSError) as error:
                failed.append(message)
                problem = error
        for message, future in sent:
            try:
                await future
            except REFUSALS as error:
                raise self._refused(error) from error
            except (KafkaError, OSError) as error:
                failed.append(message)
                problem = error
        return failed, problem

    async def _revive(self) -> None:
        """A producer that has given up (fenced, closed, out of sequence) is replaced; one that works is kept."""
        async with self._reviving:
            if self._producer is None:
                return
            try:
                await self._producer.partitions_for(POSTS.named(self._prefix))
                if not _given_up(self._producer):
                    return
                old, self._producer = self._producer, await self._started_producer()
                await old.stop()
            except (KafkaError, OSError, IllegalStateError) as error:
                log.warning("Kafka at %s is still away (%s)", self._bootstrap, error)

    async def _started_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=self._idempotent,
            compression_type=self._compression,
            linger_ms=LINGER_MS,
            max_batch_size=1024 * 1024,
            max_request_size=MAX_MESSAGE_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            **self._connection,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    def _refused(self, error: Exception) -> Misconfigured:
        return Misconfigured(
            f"Kafka at {self._bootstrap} refuses us ({error!r}). Correct the credentials, or grant what "
            "`marqab topics acls --role connectors` prints."
        )


Message = tuple[Topic, str, bytes, Headers]
"""Topic, key, value, headers."""


def _why(error: Exception) -> Headers:
    return [
        ("__connect.errors.stage", b"connector"),
        ("__connect.errors.exception.class.name", type(error).__name__.encode()),
        ("__connect.errors.exception.message", str(error).encode("utf-8", "backslashreplace")[:2000]),
    ]


def _given_up(producer: AIOKafkaProducer) -> bool:
    """Whether the producer's sender has died, after which every send fails for ever."""
    sender = getattr(producer, "_sender", None)
    task = getattr(sender, "_sender_task", None)
    manager = getattr(producer, "_txn_manager", None)
    return bool(task is not None and task.done()) or bool(manager is not None and manager.is_fatal_error())


async def _read_cursors(consumer: AIOKafkaConsumer, topic: str) -> dict[str, Position]:
    await _visible(consumer, topic)
    first = TopicPartition(topic, 0)
    consumer.assign([first])
    await consumer.end_offsets([first])  # makes the client learn of the topic's partitions
    assigned = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or {0})]
    if assigned != [first]:
        consumer.assign(assigned)
    ends = await consumer.end_offsets(assigned)
    found: dict[str, Position] = {}
    for partition in assigned:
        # The embedded broker gives the start of the last batch for its end: whole fetches are taken, never records.
        while await consumer.position(partition) < ends[partition]:
            for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, []):
                _keep(found, record.key, record.value)
    return found


async def _visible(consumer: AIOKafkaConsumer, topic: str) -> None:
    """Wait a moment for a topic that was created just now.

    All topics are asked for: asking for one by name would create it on some brokers.
    """
    for _ in range(VISIBLE_ATTEMPTS):
        if topic in await consumer.topics():
            return
        await asyncio.sleep(0.25)
    raise Misconfigured(
        f"The topic {topic} does not exist, or this user may not read it. Create it with `marqab topics create`, or "
        "grant what `marqab topics acls --role connectors` prints."
    )


def _keep(found: dict[str, Position], key: bytes | None, value: bytes | None) -> None:
    source_id = (key or b"").decode("utf-8", "replace")
    if value is None:
        found.pop(source_id, None)
        return
    try:
        found[source_id] = decode(value, Cursor).position
    except Undecodable as error:
        log.warning("the cursor of %s cannot be read and counts as none: %s", source_id, error)
