"""One holder at a time for something that must not be used twice, such as a Telegram session.

Kafka knows who lives: every process that wants the thing joins one consumer group, and Kafka gives the single partition
of `<prefix>cursors` to one member of it. A member that already holds keeps it (`Incumbent`), so a second process learns
within seconds that it may not start, and takes over when the first has died: Kafka notices after `SESSION_MS`.
Nothing is read from the topic, and no lock file can be left behind or be on another machine's disk.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from schemas.errors import Misconfigured, SourceDown
from schemas.ids import digest
from schemas.topics import CURSORS, PREFIX

log = logging.getLogger(__name__)

SESSION_MS: Final = 10_000
HEARTBEAT_MS: Final = 2_000
REBALANCE_MS: Final = 6_000
PATIENCE_SECONDS: Final = 25.0
"""Longer than Kafka needs to notice that a former holder has died."""
FOREVER_MS: Final = 2**31 - 1
"""We never poll: membership alone counts."""


class Turn(ConsumerRebalanceListener):  # type: ignore[misc]
    """Whether it is ours now: `mine` is set while it is, `lost` once it no longer is."""

    def __init__(self) -> None:
        self.mine, self.lost = asyncio.Event(), asyncio.Event()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Kafka has decided; every rebalance decides anew."""
        if list(assigned):
            self.mine.set()
        elif self.mine.is_set():
            self.lost.set()

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """A rebalance begins; who holds is decided at its end."""


def incumbent_first(turn: Turn) -> type[AbstractPartitionAssignor]:
    """An assignor for one member, which tells the others whether it holds already."""

    class Incumbent(AbstractPartitionAssignor):  # type: ignore[misc]
        """All partitions go to the member that holds them already, else to the first by name."""

        name = "marqab-incumbent"
        version = 0

        @classmethod
        def assign(
            cls, cluster: Any, members: Mapping[str, ConsumerProtocolMemberMetadata]
        ) -> dict[str, ConsumerProtocolMemberAssignment]:
            """Decide, on behalf of all members."""
            holder = min(members, key=lambda member: (members[member].user_data != b"holds", member))
            topics = sorted({topic for metadata in members.values() for topic in metadata.subscription})
            everything = [(topic, sorted(cluster.partitions_for_topic(topic) or {0})) for topic in topics]
            return {
                member: ConsumerProtocolMemberAssignment(cls.version, everything if member == holder else [], b"")
                for member in members
            }

        @classmethod
        def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
            """What we tell when we join (again)."""
            holds = turn.mine.is_set() and not turn.lost.is_set()
            return ConsumerProtocolMemberMetadata(cls.version, list(topics), b"holds" if holds else b"waits")

        @classmethod
        def on_assignment(cls, assignment: ConsumerProtocolMemberAssignment) -> None:
            """Nothing to keep."""

    return Incumbent


@asynccontextmanager
async def held(
    name: str, connection: Mapping[str, Any], *, prefix: str = PREFIX, patience_seconds: float = PATIENCE_SECONDS
) -> AsyncIterator[asyncio.Event]:
    """Hold what this name stands for; the event is set when it is lost, and then it must not be used any more.

    Args:
        name: any text; secret ones are hashed before Kafka sees them.
        connection: aiokafka's `bootstrap_servers` and TLS and SASL arguments.
        prefix: before every topic's name.
        patience_seconds: how long to wait for a former holder to be given up by Kafka.

    Raises:
        Misconfigured: another process holds it.
        SourceDown: Kafka does not answer.
    """
    turn = Turn()
    consumer = AIOKafkaConsumer(
        group_id=f"{prefix}holder-{digest('holder', name)}",
        enable_auto_commit=False,
        auto_offset_reset="latest",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=HEARTBEAT_MS,
        rebalance_timeout_ms=REBALANCE_MS,
        max_poll_interval_ms=FOREVER_MS,
        partition_assignment_strategy=(incumbent_first(turn),),
        **connection,
    )
    try:
        try:
            consumer.subscribe([CURSORS.named(prefix)], listener=turn)
            await consumer.start()
            async with asyncio.timeout(patience_seconds):
                await turn.mine.wait()
        except TimeoutError as error:
            raise Misconfigured(
                "Another marqab uses this Telegram session, and Telegram would end it for good if two did. Stop the "
                "other one, or give this one an account of its own."
            ) from error
        except (GroupAuthorizationFailedError, TopicAuthorizationFailedError) as error:
            raise Misconfigured(
                f"Kafka does not let us ask who holds the Telegram session ({error!r}). Grant what "
                "`marqab topics acls --role connectors` prints."
            ) from error
        except (KafkaError, OSError) as error:
            raise SourceDown(f"Kafka does not say who holds the Telegram session ({error}).") from error
        yield turn.lost
    finally:
        await consumer.stop()
