"""The worker: Faust reads four topics, lanes run the pure stages, tables remember. It alone imports faust.

What Faust is used for: consumer group, assignment, tables with changelogs and their recovery, commits. What it is
not trusted with (decision page "Faust in one file"): acknowledging by itself, its send buffer, its web server.
"""

import asyncio
import logging
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import faust
from faust.stores import rocksdb
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from yarl import URL

from agents.progress import STALLED_SECONDS, Progress
from agents.stage import Puts
from agents.stages import Stages
from agents.watch import watch
from agents.worker import BESIDE, KEEPS, READS, Worker
from schemas.errors import SourceDown
from schemas.metrics import Meter, NoMeter
from schemas.topics import MAX_MESSAGE_BYTES, PREFIX, Topic

log = logging.getLogger(__name__)

EMBEDDED_FETCH_WAIT_MS: Final = 20
DRAIN_SECONDS: Final = 5.0
STOP_SECONDS: Final = 4.0
# Small stores: the tables are read once at assignment, and hold days, not years.
ROCKSDB: Final = {"write_buffer_size": 8 << 20, "block_cache_size": 16 << 20, "max_open_files": 128}


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a worker needs to know.

    Attributes:
        bootstrap_servers: host:port with commas.
        security: aiokafka's words: `security_protocol`, `sasl_…`, `ssl_context`.
        embedded: the broker is the embedded one: no idempotent producer there, and short sessions.
        prefix: of the topics.
        app_id: consumer group, and start of the tables' changelogs.
        partitions: of topics that have to be created.
        replication: of topics that have to be created.
        store: where tables lie; `memory` reads all of it back from Kafka at every start. The embedded broker
            forgets its changelogs when it stops, so tables on disk would outlive them: there it is memory always.
        folder: of tables on disk, one per worker process.
        may_create: make topics that are missing; off where our login has no right to.
        linger_ms: how long the producer collects messages.
        commit_seconds: how often offsets are committed; what a crash repeats at most, beside what is on the way.
        session_seconds: a worker that is silent for so long loses its partitions.
        most_rejects: when a larger share of a minute's messages has to be set aside, the worker stops.
        stalled_seconds: a worker that finishes nothing for so long though messages wait ends itself.
    """

    bootstrap_servers: str
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)
    embedded: bool = False
    prefix: str = PREFIX
    app_id: str = "marqab"
    partitions: int = 4
    replication: int = 1
    store: Literal["memory", "disk"] = "memory"
    folder: Path = Path("marqab-state")
    may_create: bool = True
    linger_ms: int = 5
    commit_seconds: float = 1.0
    session_seconds: float = 20.0
    stalled_seconds: float = STALLED_SECONDS
    most_rejects: float = 0.5

    @property
    def on_disk(self) -> bool:
        """Whether tables lie on disk."""
        return self.store == "disk" and not self.embedded


class Table(faust.Table):  # type: ignore[misc]
    """A table that changes only by what its changelog has acknowledged, partition by partition.

    Faust's own `table[key] = value` writes locally first and sends to the changelog unwaited; a crash in between
    leaves a local store that knows more than Kafka does.
    """

    async def keep(self, producer: Any, partition: int, puts: Puts) -> None:
        """Send the rows to the changelog, wait until Kafka has them, then store them here."""
        topic = self.changelog_topic_name
        rows = [(_row_key(partition, key), value) for key, value in puts]
        sent = [await producer.send(topic, key, value, partition, None, None) for key, value in rows]
        await asyncio.wait(sent)
        place = TP(topic, partition)
        self.apply_changelog_batch(
            [
                _Row(key, value, place, delivery.result().offset)
                for (key, value), delivery in zip(rows, sent, strict=True)
            ]
        )

    def read(self, partition: int, key: str) -> bytes | None:
        """The row as stored; None where there is none.

        Raises:
            SourceDown: the local store is damaged; it has been removed, and the next start makes it anew.
        """
        with self._mended():
            row: bytes | None = self.data.get(_row_key(partition, key))
            return row

    def rows(self, partitions: Iterable[int]) -> dict[int, list[tuple[str, bytes]]]:
        """All rows of these partitions, in the order of their keys.

        Raises:
            SourceDown: as `read`.
        """
        found: dict[int, list[tuple[str, bytes]]] = {partition: [] for partition in partitions}
        with self._mended():
            for raw, value in self.data.items():
                partition, _, key = raw.partition(b"/")
                if int(partition) in found and value is not None:
                    found[int(partition)].append((key.decode(), value))
        for rows in found.values():
            rows.sort()
        return found

    @contextmanager
    def _mended(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.reset_state()
            raise SourceDown(f"table {self.name}: the local store is damaged ({error}) and is made anew") from error

    def _new_store_by_url(self, url: Any) -> Any:
        if URL(url).scheme != "rocksdb":
            return super()._new_store_by_url(url)
        raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
        return _Disk(url, self.app, self, table_name=self.name, loop=self.loop, options=dict(ROCKSDB), **raw)


class _Disk(rocksdb.Store):  # type: ignore[misc]
    """A store that cannot be opened is removed: all of it is in the changelog."""

    def _open_for_partition(self, partition: int) -> Any:
        try:
            return super()._open_for_partition(partition)
        except Exception as error:
            if "lock" in repr(error).lower():  # another worker still has it: Faust waits
                raise
            path = self.partition_path(partition)
            log.warning("%s cannot be opened (%s): it is made anew from its changelog", path, error)
            shutil.rmtree(path, ignore_errors=True)
            return super()._open_for_partition(partition)


def _row_key(partition: int, key: str) -> bytes:
    # One store may hold several partitions, and two partitions may have the same key.
    return b"%d/%s" % (partition, key.encode())


class _Row:
    """What a store wants to see of a changelog message."""

    def __init__(self, key: bytes, value: bytes | None, place: TP, offset: int) -> None:
        self.key, self.value, self.message = key, value, self
        self.tp, self.offset, self.topic, self.partition = place, offset, place.topic, place.partition


class _IdempotentProducer(driver.Producer):  # type: ignore[misc]
    """Faust offers idempotence only with its transactions; retries without it may double messages."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"enable_idempotence": True}


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Mends a habit of Faust's: messages that it fetched while it was not ready are dropped and sought again.

    It seeks to what the group has committed, and aiokafka moves nothing where that is nothing yet (or 0): the first
    messages of a partition would not be seen before the next start, after later ones (seen once in a hundred starts).
    """

    async def seek_to_committed(self) -> Mapping[TP, int]:
        committed: Mapping[TP, int] = await super().seek_to_committed()
        unread = [tp for tp, offset in committed.items() if not offset and not tp.topic.endswith("-changelog")]
        if unread:
            await self.call_thread(self._seek_each, await self.earliest_offsets(*unread))
        return committed

    async def _seek_each(self, offsets: Mapping[TP, int]) -> None:
        for tp, offset in offsets.items():
            self._ensure_consumer().seek(tp, offset)


class _Consumer(driver.Consumer):  # type: ignore[misc]
    def _new_consumer_thread(self) -> Any:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _EmbeddedThread(_Thread):
    """Mends two habits of the embedded broker (Tansu 0.6), measured with `tests/contracts/test_embedded.py`.

    A fetch that waits is answered only when its time is up, whatever arrives: it may not wait Faust's 1.5 s. And the
    end of a partition is told as the first offset of the last batch, plus one: a recovery would stop too early.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = EMBEDDED_FETCH_WAIT_MS
        return consumer

    async def _highwaters(self, partitions: list[TP]) -> Mapping[TP, int]:
        told: dict[TP, int] = dict(await super()._highwaters(partitions))
        asked = [place for place, end in told.items() if end]
        if not asked:
            return told
        servers = driver.server_list(self.transport.url, self.transport.default_port)
        reader = driver.aiokafka.AIOKafkaConsumer(
            bootstrap_servers=servers, fetch_max_wait_ms=EMBEDDED_FETCH_WAIT_MS, max_partition_fetch_bytes=1
        )
        await reader.start()
        try:
            reader.assign(asked)
            for place in asked:
                reader.seek(place, told[place] - 1)
            while missing := [place for place in asked if reader.highwater(place) is None]:
                await reader.getmany(*missing, timeout_ms=EMBEDDED_FETCH_WAIT_MS)
            return told | {place: reader.highwater(place) for place in asked}
        finally:
            await reader.stop()


class _EmbeddedConsumer(driver.Consumer):  # type: ignore[misc]
    def _new_consumer_thread(self) -> Any:
        return _EmbeddedThread(self, loop=self.loop, beacon=self.beacon)


def create_app(config: Config) -> faust.App:
    """A Faust app with the settings that fit us, and nothing declared yet."""
    # The embedded broker lets a joining member wait for half the session timeout; Kafka takes none below 6 s.
    session = 6.0 if config.embedded else config.session_seconds
    app = faust.App(
        config.app_id,
        broker=[URL(f"kafka://{server.strip()}") for server in config.bootstrap_servers.split(",")],
        broker_credentials=_credentials(config.security),
        store="rocksdb://" if config.on_disk else "memory://",
        datadir=str(config.folder),
        autodiscover=False,
        web_enabled=False,
        web_tables_enabled=False,
        topic_allow_declare=config.may_create,
        topic_partitions=config.partitions,
        topic_replication_factor=config.replication,
        topic_disable_leader=True,
        table_standby_replicas=0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 << 20,
        broker_max_poll_records=500,
        broker_max_poll_interval=300.0,
        broker_commit_interval=config.commit_seconds,
        broker_commit_livelock_soft_timeout=300.0,
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 4,
        broker_rebalance_timeout=3.0 if config.embedded else 30.0,
        broker_request_timeout=40.0,
        producer_acks=-1,
        producer_linger=config.linger_ms / 1000,
        producer_compression_type="zstd",
        producer_max_batch_size=256 << 10,
        producer_max_request_size=MAX_MESSAGE_BYTES + (1 << 20),
        producer_request_timeout=60.0,
        stream_buffer_maxsize=512,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
    )
    if config.embedded:
        app.transport.Consumer = _EmbeddedConsumer
    else:
        app.transport.Consumer = _Consumer
        app.transport.Producer = _IdempotentProducer
    return app


def _credentials(security: Mapping[str, Any]) -> Any:
    protocol, context = security.get("security_protocol", "PLAINTEXT"), security.get("ssl_context")
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=security.get("sasl_plain_username"),
            password=security.get("sasl_plain_password"),
            mechanism=security.get("sasl_mechanism"),
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if protocol == "SSL" else None


def declare(config: Config, stages: Stages, meter: Meter | None = None, progress: Progress | None = None) -> Worker:
    """The app with its tables and agents, and the worker behind them; nothing is started.

    To be called inside the running event loop.
    """
    app = create_app(config)
    tables = {stage: _table(app, config, name) for stage, name in KEEPS.items()}
    worker = Worker(app, tables, config.prefix, stages, meter or NoMeter(), progress or Progress(), config.most_rejects)
    for stage, topic in READS.items():
        app.agent(_channel(app, config, topic), name=stage)(worker.read)
    for stage, topic in BESIDE.items():
        app.agent(_channel(app, config, topic), name=f"{stage} of {topic.name}")(worker.read)
    app.on_partitions_revoked.connect(worker.revoked)
    app.on_rebalance_complete.connect(worker.recovered)
    return worker


def _channel(app: faust.App, config: Config, topic: Topic) -> Any:
    return app.topic(
        topic.named(config.prefix),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
        partitions=config.partitions,
        replicas=config.replication,
        config=topic.settings(),
    )


def _table(app: faust.App, config: Config, name: str) -> Table:
    table = Table(
        app,
        name=name,
        key_type=bytes,
        value_type=bytes,
        partitions=config.partitions,
        extra_topic_configs={"max.message.bytes": str(MAX_MESSAGE_BYTES)},
    )
    added: Table = app.tables.add(table)
    return added


async def serve(worker: Worker, stop: asyncio.Event, *, stalled_seconds: float = STALLED_SECONDS) -> None:
    """Work until `stop` is set, then finish what is begun, commit, and leave the group within ten seconds.

    Raises:
        SourceDown: the broker is away, or the worker stands still; to be started again.
        Misconfigured: it cannot work like this.
    """
    tasks: list[asyncio.Future[Any]] = [
        asyncio.create_task(_run_faust(worker.app), name="faust"),
        asyncio.create_task(watch(worker, stalled_seconds=stalled_seconds), name="watchdog"),
        asyncio.create_task(stop.wait(), name="wait for the order to stop"),
    ]
    try:
        await asyncio.wait([worker.fatal, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for waited in (worker.fatal, *tasks):
            if waited.done():
                waited.result()
    finally:
        worker.progress.broken = worker.progress.broken or "stopping"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        worker.fatal.cancel()
        await _leave(worker)


async def _run_faust(app: faust.App) -> None:
    try:
        await app.start()
    except (driver.KafkaError, OSError) as error:
        raise SourceDown(f"no Kafka broker answers: {error}") from error
    await app.wait_until_stopped()
    raise SourceDown(f"Faust ended by itself: {app.crash_reason!r}")


async def _leave(worker: Worker) -> None:
    """Finish what lanes have begun, commit, stop: each within its time, whatever the broker does."""
    lanes = list(worker.lanes.values())
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            await asyncio.gather(*(lane.drain() for lane in lanes))
            if lanes:
                await worker.app.consumer.commit()
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            await asyncio.gather(*(lane.close() for lane in lanes))
            await worker.app.stop()
    worker.executor.shutdown(wait=False, cancel_futures=True)


async def run(config: Config, stages: Stages, meter: Meter | None = None, progress: Progress | None = None) -> None:
    """`marqab worker`: work until SIGINT or SIGTERM, then drain and commit within 10 seconds.

    Raises:
        SourceDown: the broker is away, or the worker stood still; to be started again.
        Misconfigured: it cannot work like this.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(declare(config, stages, meter, progress), stop, stalled_seconds=config.stalled_seconds)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
