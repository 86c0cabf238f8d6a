"""What was set aside: list it, look at it, send it again. Sends to Kafka; reads through `marqab.standing`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from marqab.standing import refused, standing
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


async def read(connection: Mapping[str, Any], prefix: str, since: datetime | None = None) -> AsyncIterator[Rejected]:
    """All that was set aside since then (or ever), up to now, each partition in order.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    async for message in standing(connection, REJECTS.named(prefix), since):
        yield _rejected(message)


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
            raise refused(connection, error) from error
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
