"""Topics on a broker: create the declared ones, and say in words where existing ones differ.

Nothing is created by accident: brokers that make a topic when somebody asks about it (the embedded one does) would
give it the wrong partitions, so the list of all topics is asked for, never one topic by name.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from schemas.errors import Misconfigured, SourceDown
from schemas.topics import PREFIX, TABLES, TOPICS, Topic

Connection = Mapping[str, Any]
"""Keyword arguments of every aiokafka client: `bootstrap_servers`, `security_protocol`, `sasl_…`, `ssl_context`."""

_TOPIC_AUTHORIZATION_FAILED: Final = 29
KNOWN_SECONDS: Final = 15.0
"""Longest wait until the broker knows of topics that it has created."""


@dataclass(frozen=True)
class Wanted:
    """One topic as it should stand on the broker."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """One topic as it stands on the broker."""

    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What creating or checking the topics came to; `differences` are sentences."""

    created: tuple[str, ...]
    missing: tuple[str, ...]
    differences: tuple[str, ...]


def _durable(replication: int) -> dict[str, str]:
    return {"min.insync.replicas": "2"} if replication >= 3 else {}


def changelog(app_id: str, table: str, partitions: int, replication: int) -> Wanted:
    """The topic that keeps a table of the worker; it follows the partitions of the topic that the table serves."""
    settings = {**Topic(name=table, value=None, key="table key", compacted=True).settings()}
    settings |= _durable(replication)
    settings["min.compaction.lag.ms"] = "0"  # nobody reads its history: the latest row of a key is all there is to it
    return Wanted(f"{app_id}-{table}-changelog", partitions, replication, settings)


def tables(app_id: str, *, partitions: int = 4, replication: int = 1) -> tuple[Wanted, ...]:
    """The changelogs of the worker's tables; the worker makes missing ones itself, where it may."""
    return tuple(changelog(app_id, name, partitions, replication) for name in TABLES)


def declared(
    *, prefix: str = PREFIX, partitions: int = 4, replication: int = 1, topics: Iterable[Topic] = TOPICS
) -> tuple[Wanted, ...]:
    """The declared topics with this installation's prefix, partition count and replication.

    With three replicas or more, two must have a message before it counts as delivered (`min.insync.replicas`).
    """
    return tuple(
        Wanted(
            topic.named(prefix),
            1 if topic.single_partition else partitions,
            replication,
            {**topic.settings(), **_durable(replication)},
        )
        for topic in topics
    )


def compare(wanted: Wanted, found: Found) -> list[str]:
    """Sentences on how a topic differs from its declaration; none when it does not."""
    told = []
    if found.partitions != wanted.partitions:
        told.append(f"{wanted.name} has {found.partitions} partitions, declared are {wanted.partitions}")
    if found.replication < wanted.replication:
        told.append(f"{wanted.name} has {found.replication} replicas, declared are {wanted.replication}")
    for name, value in wanted.settings.items():
        if name in found.settings and found.settings[name] != value:
            told.append(f"{wanted.name} has {name}={found.settings[name]}, declared is {value}")
    return told


async def wait_until_ready(connection: Connection, *, seconds: float) -> None:
    """Return as soon as the broker answers a metadata request.

    Raises:
        SourceDown: it did not within this time.
    """
    last: Exception | None = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await _listening(str(connection["bootstrap_servers"]))
                    async with _Admin(connection) as client:
                        await client.list_topics()
                        return
                except (KafkaError, OSError) as error:
                    last = error
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise SourceDown(_unreachable(connection, last)) from last


async def _listening(servers: str) -> None:
    """Raise OSError unless one of the servers takes a connection: quieter than a Kafka client that finds none."""
    error: OSError | None = None
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError as refused:
            error = refused
        else:
            writer.close()
            return
    raise error or OSError(f"no address in {servers!r}")


async def create(connection: Connection, topics: Sequence[Wanted]) -> Outcome:
    """Create the topics that are missing; existing ones are compared and left as they are.

    Returns when the broker tells of all of them: Kafka answers a creation before its metadata knows the topic.

    Raises:
        SourceDown: the broker does not answer.
        Misconfigured: the broker refused a topic; the sentence says which and why.
    """
    try:
        async with _Admin(connection) as client:
            existing = set(await client.list_topics())
            created = [topic.name for topic in topics if topic.name not in existing]
            for topic in topics:
                if topic.name not in existing:
                    await _create(client, topic)
            found = await _until_known(client, topics)
    except (KafkaError, OSError) as error:
        raise SourceDown(_unreachable(connection, error)) from error
    return _outcome(topics, found, created)


async def verify(connection: Connection, topics: Sequence[Wanted]) -> Outcome:
    """Compare the topics with their declaration and change nothing.

    Raises:
        SourceDown: the broker does not answer.
    """
    try:
        async with _Admin(connection) as client:
            found = await _found(client, topics)
    except (KafkaError, OSError) as error:
        raise SourceDown(_unreachable(connection, error)) from error
    return _outcome(topics, found, [])


def _outcome(topics: Sequence[Wanted], found: Mapping[str, Found], created: Sequence[str]) -> Outcome:
    told = [sentence for topic in topics if topic.name in found for sentence in compare(topic, found[topic.name])]
    missing = [topic.name for topic in topics if topic.name not in found]
    return Outcome(tuple(created), tuple(missing), tuple(told))


def _unreachable(connection: Connection, error: Exception | None) -> str:
    return (
        f"No Kafka broker answers at {connection.get('bootstrap_servers')}: {error}. Start one, "
        "or set MARQAB_KAFKA_BOOTSTRAP_SERVERS to the address of yours."
    )


class _Admin:
    """The admin client as an async context; an unreachable broker raises and leaves nothing open."""

    def __init__(self, connection: Connection) -> None:
        self._client = AIOKafkaAdminClient(**{"request_timeout_ms": 10_000, **connection})

    async def __aenter__(self) -> AIOKafkaAdminClient:
        try:
            await self._client.start()
        except BaseException:
            await self._client.close()
            raise
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


async def _create(client: AIOKafkaAdminClient, topic: Wanted) -> None:
    answer = await client.create_topics(
        [
            NewTopic(
                name=topic.name,
                num_partitions=topic.partitions,
                replication_factor=topic.replication,
                topic_configs=dict(topic.settings),
            )
        ]
    )
    for name, code, reason, *_ in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):  # somebody else may have created it meanwhile
            hint = " Give this user the ACL to create it." if code == _TOPIC_AUTHORIZATION_FAILED else ""
            raise Misconfigured(
                f"The broker refused to create topic {name}: {for_code(code).__name__}, "
                f"{reason or 'no reason given'}.{hint}"
            )


async def _until_known(client: AIOKafkaAdminClient, topics: Sequence[Wanted]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(KNOWN_SECONDS):
            while True:
                found = await _found(client, topics)
                if all(topic.name in found for topic in topics):
                    break
                await asyncio.sleep(0.05)
    return found


async def _found(client: AIOKafkaAdminClient, topics: Sequence[Wanted]) -> dict[str, Found]:
    wanted = {topic.name for topic in topics}
    described = {
        entry["topic"]: entry["partitions"] for entry in await client.describe_topics() if entry["topic"] in wanted
    }
    if not described:
        return {}
    settings: dict[str, dict[str, str]] = {name: {} for name in described}
    for answer in await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in described]):
        for _code, _message, _type, name, entries in answer.resources:
            settings[name] = {entry[0]: entry[1] for entry in entries}
    return {
        name: Found(len(partitions), min((len(p["replicas"]) for p in partitions), default=0), settings[name])
        for name, partitions in described.items()
    }


@contextlib.asynccontextmanager
async def tombstones(connection: Connection, topic: str) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """Gives what writes a tombstone for a key of this compacted topic, so that compaction removes what stands under it.

    Raises:
        SourceDown: the broker does not answer, at the start or later.
    """
    producer = AIOKafkaProducer(acks="all", **connection)

    async def bury(key: str) -> None:
        await producer.send_and_wait(topic, None, key=key.encode())

    try:
        await producer.start()
        yield bury
    except KafkaError as error:
        raise SourceDown(f"Kafka at {connection['bootstrap_servers']} does not answer: {error!r}") from error
    finally:
        await producer.stop()
