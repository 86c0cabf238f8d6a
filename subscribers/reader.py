"""The subscribers' one reader of `marqab.alerts`; it alone here imports aiokafka."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from schemas.codec import decode
from schemas.errors import Misconfigured, SourceDown, Undecodable
from schemas.records import Alert
from schemas.topics import ALERTS
from subscribers.heard import Heard

log = logging.getLogger("marqab.subscribers")

FETCH_WAIT_MS: Final = 50
"""The embedded broker does not wake a waiting fetch when a message comes: an alert waits as long as this at most."""
REMEMBERED: Final = 100_000
"""Alert ids that are recognized when they come again; a repetition follows a crash within seconds."""
PATIENCE_MS: Final = 86_400_000
"""How long one delivery may take before Kafka gives the partitions to somebody else."""


class AlertStream:
    """Alerts with their places on the topic; each alert id once, however often it was sent."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._told: dict[str, None] = {}

    async def next(self, timeout_seconds: float | None = None) -> Heard | None:
        """The next alert; None when none came in this time. What is no alert is logged and passed over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    if heard := self._read(await self._consumer.getone()):
                        return heard
        except TimeoutError:
            return None

    def _read(self, message: Any) -> Heard | None:
        try:
            alert = decode(message.value, Alert)
        except Undecodable as error:
            log.warning("%s partition %d offset %d: %s", message.topic, message.partition, message.offset, error)
            return None
        if alert.alert_id in self._told:
            return None
        self._told[alert.alert_id] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return Heard(alert, message.partition, message.offset)

    async def remember(self, positions: Mapping[int, int]) -> None:
        """Commit these positions (the next offset of each partition); partitions that are not ours are left out."""
        ours = {place.partition: place for place in self._consumer.assignment()}
        told = {ours[partition]: offset for partition, offset in positions.items() if partition in ours}
        if not told:
            return
        try:
            await self._consumer.commit(told)
        except KafkaError as error:  # partitions were handed out anew: their new reader repeats, under the same ids
            log.warning("positions were not remembered: %s", error)

    async def ends(self) -> dict[int, int]:
        """Where the topic ends just now: the next offset of each partition that we have not read to its end."""
        found = await self._consumer.end_offsets(self._consumer.assignment())
        begin = await self._consumer.beginning_offsets(self._consumer.assignment())
        at = {place: max(begin[place], await self._consumer.position(place)) for place in found}
        return {place.partition: end for place, end in found.items() if end > at[place]}


@asynccontextmanager
async def alert_stream(
    bootstrap_servers: str,
    *,
    prefix: str = "marqab.",
    since: datetime | None = None,
    from_start: bool = False,
    group: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> AsyncIterator[AlertStream]:
    """An open reader.

    Args:
        bootstrap_servers: brokers, host:port with commas.
        prefix: what the topic's name starts with.
        since: begin with the alerts written at or after this moment.
        from_start: begin with the oldest alert kept; without both, only what comes from now on.
        group: consumer group whose positions Kafka remembers; then the two above count for its first start only.
        options: further aiokafka options (security).

    Raises:
        SourceDown: no broker answers.
        Misconfigured: the broker does not let this user read alerts, or use the group.
    """
    consumer = AIOKafkaConsumer(
        prefix + ALERTS.name,
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        auto_offset_reset="earliest" if from_start or since else "latest",
        enable_auto_commit=False,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        max_poll_interval_ms=PATIENCE_MS,
        **(options or {}),
    )
    try:
        try:
            await consumer.start()
        except KafkaConnectionError as error:
            raise SourceDown(f"no Kafka broker answers at {bootstrap_servers}: {error}") from None
        fresh = [p for p in consumer.assignment() if group is None or await consumer.committed(p) is None]
        if since and fresh:
            await _seek(consumer, since, fresh)
        if group and fresh:  # from here on nothing is missed, even if we are killed before the first delivery
            await consumer.commit({place: await consumer.position(place) for place in fresh})
        yield AlertStream(consumer)
    except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
        raise Misconfigured(
            f"Kafka at {bootstrap_servers} does not let this user read {prefix}{ALERTS.name} ({error!r}). Grant what "
            "`marqab topics acls --role reader` (with a group: `--role notify`) prints."
        ) from error
    finally:
        await consumer.stop()


async def read_alerts(
    bootstrap_servers: str,
    *,
    prefix: str = "marqab.",
    since: datetime | None = None,
    from_start: bool = False,
    options: Mapping[str, Any] | None = None,
) -> AsyncGenerator[Alert, None]:
    """Alerts as they arrive, without end (see `alert_stream`).

    Raises:
        SourceDown: no broker answers.
    """
    opened = alert_stream(bootstrap_servers, prefix=prefix, since=since, from_start=from_start, options=options)
    async with opened as stream:
        while True:
            if heard := await stream.next():
                yield heard.alert


async def _seek(consumer: AIOKafkaConsumer, since: datetime, partitions: list[TopicPartition]) -> None:
    moment = int(since.timestamp() * 1000)
    places = await consumer.offsets_for_times(dict.fromkeys(partitions, moment))
    for partition, found in places.items():
        if found is None:
            await consumer.seek_to_end(partition)
        else:
            consumer.seek(partition, found.offset)
