"""What people say about incidents, to `marqab.feedback`; beside the reader the subscribers' door to Kafka.

    async with FeedbackPublisher("localhost:9092", options=security) as publisher:
        await publisher.publish(corrections.merge(one, other, by="Amal", note="same attack", at=now))

What to send is made by `subscribers.corrections`. The correlator applies it, tells it in the incident's next alert
(`changes[].reason`, `incident.corrected_by`), or sets it aside in `marqab.rejects` with a sentence.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from schemas.codec import encode
from schemas.errors import SourceDown
from schemas.headers import cloud_event, traceparent
from schemas.records import Feedback
from schemas.topics import FEEDBACK, PREFIX

REQUEST_TIMEOUT_MS: Final = 20_000


class FeedbackPublisher:
    """Publishes feedback; an async context."""

    def __init__(
        self,
        bootstrap_servers: str,
        *,
        prefix: str = PREFIX,
        idempotent: bool = True,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Nothing is connected until the context is entered.

        Args:
            bootstrap_servers: brokers, host:port with commas.
            prefix: what the topic's name starts with.
            idempotent: off for the embedded broker, which cannot hand out producer ids.
            options: further aiokafka options (security), as the reader takes them.
        """
        self._bootstrap = bootstrap_servers
        self._topic = FEEDBACK.named(prefix)
        self._how = {"acks": "all", "enable_idempotence": idempotent, "request_timeout_ms": REQUEST_TIMEOUT_MS}
        self._options = dict(options or {})
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            SourceDown: no broker answers.
        """
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, **self._how, **self._options)
        try:
            await producer.start()
        except BaseException as error:
            await producer.stop()
            if isinstance(error, KafkaConnectionError):
                raise SourceDown(f"no Kafka broker answers at {self._bootstrap}: {error}") from None
            raise
        self._producer = producer
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def publish(self, feedback: Feedback) -> None:
        """Return when Kafka has it; sent again after an error it counts once, for its id is the same.

        Raises:
            SourceDown: the broker did not take it.
            ValueError: it does not say where its incident is heard.
        """
        if self._producer is None:
            raise RuntimeError("publish feedback inside `async with FeedbackPublisher(…)`")
        if feedback.theatre is None:
            raise ValueError(f"{feedback.feedback_id} does not say in which theatre {feedback.incident_id} is heard")
        key = feedback.theatre.encode()
        headers = cloud_event(feedback, traceparent(feedback.feedback_id, "people"))
        try:
            await self._producer.send_and_wait(self._topic, encode(feedback), key=key, headers=headers)
        except KafkaError as error:
            raise SourceDown(f"{feedback.feedback_id} could not be sent to {self._topic}: {error!r}") from error
