"""What stands in a topic just now, for the command line: the one door through which it reads topics. Writes nothing."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from schemas.errors import Misconfigured, SourceDown
from schemas.topics import MAX_MESSAGE_BYTES

QUIET_MS: Final = 250
"""The embedded broker tells ends too low: a topic has been read when so long nothing more came."""


async def standing(connection: Mapping[str, Any], topic: str, since: datetime | None = None) -> AsyncIterator[Any]:
    """All messages of a topic from then (or ever) up to now, each partition in order.

    Args:
        connection: what every aiokafka client takes.
        topic: its full name.
        since: by the messages' own time.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    consumer = AIOKafkaConsumer(
        **connection,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=QUIET_MS // 5,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        fetch_max_bytes=MAX_MESSAGE_BYTES,
    )
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        raise SourceDown(f"no Kafka broker answers at {connection['bootstrap_servers']}: {error}") from None
    try:
        places = await _places(consumer, topic)
        consumer.assign(places)
        began, ends = datetime.now(UTC).timestamp() * 1000, await consumer.end_offsets(places)
        if since is not None:
            found_at = await consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
            for place in places:
                consumer.seek(place, found_at[place].offset if found_at[place] else ends[place])
        while True:
            batch = await consumer.getmany(timeout_ms=QUIET_MS)
            found = [(place, message) for place, messages in batch.items() for message in messages]
            for place, message in found:
                if message.offset < ends[place] or message.timestamp <= began:  # what comes meanwhile is not of now
                    yield message
            newest = max((message.timestamp for _, message in found), default=0)
            behind = [place for place in places if await _behind(consumer, place, ends[place])]
            if not behind and (not batch or newest > began):
                return
    except TopicAuthorizationFailedError as error:
        raise refused(connection, error) from error
    finally:
        await consumer.stop()


def refused(connection: Mapping[str, Any], error: Exception) -> Misconfigured:
    """What to say where Kafka does not let this user read or write a topic."""
    return Misconfigured(
        f"Kafka at {connection['bootstrap_servers']} does not let this user do that ({error!r}). "
        "`marqab topics acls --role operator` prints the commands that grant it."
    )


async def _behind(consumer: AIOKafkaConsumer, place: TopicPartition, end: int) -> bool:
    """Whether a partition is not read to its end, or no fetch was answered yet: only that tells of a right withheld."""
    return consumer.highwater(place) is None or await consumer.position(place) < end


async def _places(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    if topic not in await consumer.topics():
        raise Misconfigured(
            f"there is no topic {topic}, or this user may not see it: run `marqab topics create`, or grant what "
            "`marqab topics acls --role operator` prints"
        )
    await consumer.end_offsets([TopicPartition(topic, 0)])  # makes the client learn of the topic's partitions
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or {0})]
