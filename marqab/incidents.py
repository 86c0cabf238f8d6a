"""What stands in Kafka's topics of incidents and feedback just now, for the command line. Reads, never writes."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError

from schemas.codec import decode
from schemas.errors import Misconfigured, SourceDown, Undecodable
from schemas.records import Feedback, Incident
from schemas.topics import FEEDBACK, INCIDENTS, MAX_MESSAGE_BYTES, Topic

QUIET_MS: Final = 250
"""The embedded broker tells ends too low: a topic has been read when so long nothing more came."""


async def find(connection: Mapping[str, Any], prefix: str, wanted: Collection[str]) -> dict[str, Incident]:
    """The latest revision of these incidents; those that Kafka does not hold are left out.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    found: dict[str, Incident] = {}
    keys = {incident_id.encode() for incident_id in wanted}
    async for message in _everything(connection, INCIDENTS.named(prefix), INCIDENTS):
        if message.key in keys and message.value is not None:
            incident = decode(message.value, Incident)
            found[incident.incident_id] = incident
    return found


async def given(connection: Mapping[str, Any], prefix: str, since: datetime | None = None) -> list[Feedback]:
    """What people said, in order of time, each once; what cannot be read is in the rejects and left out here.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    said: dict[str, Feedback] = {}
    async for message in _everything(connection, FEEDBACK.named(prefix), FEEDBACK):
        try:
            one = decode(message.value or b"", Feedback)
        except Undecodable:
            continue
        if since is None or one.given_at >= since:
            said.setdefault(one.feedback_id, one)
    return sorted(said.values(), key=lambda one: (one.given_at, one.feedback_id))


async def _everything(connection: Mapping[str, Any], name: str, topic: Topic) -> AsyncIterator[Any]:
    """All messages of a topic up to now, partition by partition in order."""
    consumer = AIOKafkaConsumer(
        **connection,
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
        if name not in await consumer.topics():
            raise Misconfigured(f"there is no topic {name}, or this user may not see it: run `marqab topics create`")
        await consumer.end_offsets([TopicPartition(name, 0)])  # makes the client learn of the topic's partitions
        places = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name) or {0})]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        began, ends = datetime.now(UTC).timestamp() * 1000, await consumer.end_offsets(places)
        while True:
            batch = await consumer.getmany(timeout_ms=QUIET_MS)
            for messages in batch.values():
                for message in messages:
                    yield message
            newest = max((m.timestamp for messages in batch.values() for m in messages), default=0)
            behind = [place for place in places if await consumer.position(place) < ends[place]]
            if not behind and (not batch or newest > began):
                return
    except TopicAuthorizationFailedError as error:
        raise Misconfigured(f"Kafka does not let this user read {topic.name}: {error!r}") from error
    finally:
        await consumer.stop()
