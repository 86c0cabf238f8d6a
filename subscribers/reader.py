"""The subscribers' one reader of `marqab.alerts`; it alone here imports aiokafka."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError

from schemas.codec import decode
from schemas.errors import SourceDown
from schemas.records import Alert
from schemas.topics import ALERTS

REMEMBERED: Final = 100_000
"""Alert ids that are recognized when they come again; a repetition follows a crash within seconds."""


async def read_alerts(
    bootstrap_servers: str,
    *,
    prefix: str = "marqab.",
    since: datetime | None = None,
    from_start: bool = False,
    options: Mapping[str, Any] | None = None,
) -> AsyncGenerator[Alert, None]:
    """Alerts as they arrive, without end; each alert id once, however often it was sent.

    Args:
        bootstrap_servers: brokers, host:port with commas.
        prefix: what the topic's name starts with.
        since: begin with the alerts written at or after this moment.
        from_start: begin with the oldest alert kept; without both, only what comes from now on.
        options: further aiokafka options (security).

    Raises:
        SourceDown: no broker answers.
    """
    consumer = AIOKafkaConsumer(
        prefix + ALERTS.name,
        bootstrap_servers=bootstrap_servers,
        auto_offset_reset="earliest" if from_start or since else "latest",
        enable_auto_commit=False,
        **(options or {}),
    )
    try:
        await consumer.start()
    except KafkaConnectionError as error:
        raise SourceDown(f"no Kafka broker answers at {bootstrap_servers}: {error}") from None
    try:
        if since:
            await _seek(consumer, since)
        told: dict[str, None] = {}
        async for message in consumer:
            alert = decode(message.value, Alert)
            if alert.alert_id not in told:
                told[alert.alert_id] = None
                if len(told) > REMEMBERED:
                    del told[next(iter(told))]
                yield alert
    finally:
        await consumer.stop()


async def _seek(consumer: AIOKafkaConsumer, since: datetime) -> None:
    moment = int(since.timestamp() * 1000)
    places = await consumer.offsets_for_times(dict.fromkeys(consumer.assignment(), moment))
    for partition, found in places.items():
        if found is None:
            await consumer.seek_to_end(partition)
        else:
            consumer.seek(partition, found.offset)
