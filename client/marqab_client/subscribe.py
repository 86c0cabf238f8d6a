"""The one door to Kafka of this client."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError

from marqab_client.errors import Misconfigured, refused, why
from marqab_client.records import Alert

REMEMBERED = 100_000
"""Alert ids that are recognized when they come again; a repetition follows a crash within seconds."""
_decoder = msgspec.json.Decoder(Alert)


async def subscribe(
    bootstrap_servers: str,
    *,
    topic: str = "marqab.alerts",
    group: str | None = None,
    from_start: bool = False,
    tests: bool = False,
    **options: Any,
) -> AsyncGenerator[Alert, None]:
    """Alerts as they arrive, without end.

    Args:
        bootstrap_servers: brokers, host:port with commas.
        topic: the alerts' topic.
        group: keep the position in Kafka under this name; a crash repeats the alert being worked on (at-least-once).
        from_start: a group without position, or no group at all, begins with the oldest alert kept.
        tests: give alerts marked as tests, too; a running service makes one every few minutes.
        options: further arguments of `aiokafka.AIOKafkaConsumer`, for example for TLS.

    Raises:
        Misconfigured: an argument is wrong, or Kafka does not let this user in or read; it says what to change.
        SourceDown: no broker answers; subscribe again later.
        msgspec.ValidationError: a message is not an alert; the topic is probably another one.
    """
    try:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if from_start else "latest",
            **options,
        )
    except ValueError as error:  # aiokafka's word for options that do not go together
        raise Misconfigured(f"The options for Kafka do not fit: {error}") from error
    told: dict[str, None] = {}
    try:
        try:
            await consumer.start()
        except KafkaConnectionError as error:
            raise await why(bootstrap_servers, options, error) from error
        async for message in consumer:
            alert = _decoder.decode(message.value)
            if alert.alert_id not in told and (tests or not alert.test):
                told[alert.alert_id] = None
                if len(told) > REMEMBERED:
                    del told[next(iter(told))]
                yield alert
            if group:
                await consumer.commit({TopicPartition(message.topic, message.partition): message.offset + 1})
    except (TopicAuthorizationFailedError, GroupAuthorizationFailedError) as error:
        raise refused(bootstrap_servers, topic, group, error) from error
    finally:
        await consumer.stop()
