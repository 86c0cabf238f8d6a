"""The app put together, started, and ended in order."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import faust
from faust.exceptions import ConsistencyError
from faust.transport.drivers import aiokafka as driver
from yarl import URL

from agents.app.config import Config
from agents.app.reader import Consumer, EmbeddedConsumer
from agents.app.sender import Producer
from agents.app.table import Table
from agents.duties import BESIDE, KEEPS, PAST, READS
from agents.lease import Lease
from agents.progress import STALLED_SECONDS, Progress
from agents.stages import Stages
from agents.watch import watch
from agents.worker import Worker
from schemas.errors import MarqabError, Misconfigured, SourceDown
from schemas.metrics import Meter, NoMeter
from schemas.topics import MAX_MESSAGE_BYTES, Topic

DRAIN_SECONDS: Final = 5.0
STOP_SECONDS: Final = 3.0
THREADS_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


class App(faust.App):  # type: ignore[misc]
    """Faust's app, which knows whom it serves, and for how long."""

    lease: Lease

    worker: Worker
    """Set by `declare`."""


def create_app(config: Config) -> App:
    """A Faust app with the settings that fit us, and nothing declared yet."""
    # The embedded broker lets a joining member wait for half the session timeout; Kafka takes none below 6 s.
    session = 6.0 if config.embedded else config.session_seconds
    app = App(
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
        broker_max_poll_records=100,
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
        # Room for whole fetches (broker_max_poll_records) above the four fifths at which a partition is paused: a full
        # queue of one agent would stop the reading for all.
        stream_buffer_maxsize=1024,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
    )
    app.lease = Lease(session)
    if config.embedded:
        app.transport.Consumer = EmbeddedConsumer
    else:
        app.transport.Consumer = Consumer
        app.transport.Producer = Producer
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
    worker = app.worker = Worker(
        app,
        tables,
        config.prefix,
        stages,
        meter or NoMeter(),
        progress or Progress(),
        config.most_rejects,
        accept_lost_rows=config.accept_lost_rows,
        tick_seconds=config.tick_seconds,
    )
    for stage, topic in READS.items():
        app.agent(_channel(app, config, topic), name=stage)(worker.intake.read)
    for stage, topic in [*BESIDE.items(), *PAST.items()]:
        app.agent(_channel(app, config, topic), name=f"{stage} of {topic.name}")(worker.intake.read)
    app.on_partitions_revoked.connect(worker.revoked)
    app.on_rebalance_complete.connect(worker.recovered)
    return worker


def _channel(app: App, config: Config, topic: Topic) -> Any:
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


def _table(app: App, config: Config, name: str) -> Table:
    table = Table(
        app,
        name=name,
        key_type=bytes,
        value_type=bytes,
        partitions=config.partitions,
        extra_topic_configs={
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "LogAppendTime",  # a worker's wrong clock makes Kafka refuse no row
        },
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
            if waited.done() and waited.cancelled():  # not by us: Faust cancels what is its own when it crashes
                raise SourceDown(f"Faust ended by itself: {worker.app.crash_reason!r}")
            if waited.done():
                waited.result()
    finally:
        worker.progress.broken = worker.progress.broken or "stopping"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        worker.fatal.cancel()
        await _leave(worker)


async def _run_faust(app: App) -> None:
    try:
        await app.start()
    except (driver.KafkaError, OSError) as error:
        raise SourceDown(f"no Kafka broker answers: {error}") from error
    await app.wait_until_stopped()
    if isinstance(app.crash_reason, ConsistencyError):
        told = "A local store has rows that its changelog in Kafka lacks: the topic was made anew, or lost its end. "
        told += "Restore the topic, or remove the local store (MARQAB_STATE_DIR) to go on with what Kafka has. "
        raise Misconfigured(told + " ".join(str(app.crash_reason).split()))
    raise SourceDown(f"Faust ended by itself: {app.crash_reason!r}")


async def _leave(worker: Worker) -> None:
    """Finish what lanes have begun, commit, stop: each within its time, whatever the broker does."""
    lanes = {*worker.intake.lanes.values()}
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


def _end_for_sure(code: int, why: str = "") -> None:
    """See to it that the process ends: whoever starts it again waits for that, and wants to know why it did.

    Faust's threads are no daemons. Where the broker is in trouble they may not stop in time, and Python would wait for
    them for ever: a process that does nothing and that nobody replaces (seen in one broker restart out of three).
    """

    def end() -> None:
        log.error("threads did not stop within %s s: the process ends without them. %s", THREADS_SECONDS, why)
        logging.shutdown()
        os._exit(code)

    last = threading.Timer(THREADS_SECONDS, end)
    last.daemon = True
    last.start()


async def run(config: Config, stages: Stages, meter: Meter | None = None, progress: Progress | None = None) -> None:
    """`marqab worker`: work until SIGINT or SIGTERM, then drain and commit; the process ends within 10 seconds.

    Raises:
        SourceDown: the broker is away, or the worker stood still; to be started again.
        Misconfigured: it cannot work like this.
    """
    stop, code, why = asyncio.Event(), MarqabError.exit_code, ""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        await serve(declare(config, stages, meter, progress), stop, stalled_seconds=config.stalled_seconds)
        code = 0
    except MarqabError as error:
        code, why = error.exit_code, f"It ends because {error}"
        raise
    finally:
        _end_for_sure(code, why)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
