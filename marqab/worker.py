"""`marqab worker`: the pure stages with their settings, lifted by Faust, with endpoints beside them."""

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

from agents.app import Config, run
from agents.classify import plugins
from agents.duties import READS
from agents.progress import Progress
from agents.stages import Stages, shipped
from marqab.health import Check, Health, endpoints, room_at
from marqab.kafka import admitted, client_options
from marqab.metrics import Metrics
from marqab.settings import Settings
from schemas.errors import Misconfigured, Undecodable
from schemas.kinds import AlertKind, Level
from schemas.metrics import Meter


def stages_of(settings: Settings) -> Stages:
    """The four stages with what the settings say; loads lexicon, model and gazetteer."""
    return shipped(
        settings.gazetteer,
        scorers=plugins.named(settings.classifiers),
        max_age=timedelta(hours=settings.max_age_hours),
        settle=timedelta(seconds=settings.settle_seconds),
    )


def config_of(settings: Settings, bootstrap: str) -> Config:
    """What the worker needs to know of Kafka."""
    return Config(
        bootstrap_servers=bootstrap,
        security=client_options(settings),
        embedded=settings.embedded_broker,
        prefix=settings.topic_prefix,
        app_id=settings.app_id,
        partitions=settings.partitions,
        replication=settings.replication_factor,
        # A store on disk would outlive the embedded broker's changelogs and know more than they do.
        store="memory" if settings.embedded_broker else settings.store,
        folder=settings.state_dir,
        # Where Kafka asks for a login, creating topics is the operator's right (`marqab.rights`), not the worker's.
        may_create=settings.kafka_security_protocol == "PLAINTEXT",
        accept_lost_rows=settings.accept_lost_rows,
    )


def begin_at_zero(meter: Meter) -> None:
    """Show the rare counters from the start: Prometheus does not count an increase of what was not there before."""
    for severity in Level:
        for kind in AlertKind:
            meter.count("marqab_alerts_total", 0, kind=str(kind), severity=str(severity))
    for stage in READS:
        meter.count("marqab_rejects_total", 0, stage=stage, reason=Undecodable.__name__)


def make_folder(folder: Path) -> None:
    """Make the state folder with those above it; Faust makes only the last one, and wants it for tables in memory, too.

    Raises:
        Misconfigured: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"the state folder {folder} cannot be made ({error.strerror}); let MARQAB_STATE_DIR name one that can"
        ) from None


async def run_worker(settings: Settings, bootstrap: str) -> None:
    """Work until SIGINT or SIGTERM, then drain and commit.

    Raises:
        SourceDown: the broker is away, or the worker stood still; start it again.
        Misconfigured: it cannot work like this.
    """
    make_folder(settings.state_dir)
    await admitted(settings, bootstrap, "worker")
    stages = await asyncio.to_thread(stages_of, settings)
    metrics, health, progress = Metrics("worker"), Health(), Progress()
    begin_at_zero(metrics)

    def working() -> Check:
        reason = progress.reason()
        return Check(reason is None, reason or "")

    health.register("worker", working)
    if settings.store == "disk" and not settings.embedded_broker:
        health.measures.append(room_at(settings.state_dir))
    async with endpoints(settings.http_host, settings.worker_port, metrics, health, settings.metrics_token):
        await run(config_of(settings, bootstrap), stages, metrics, progress)


def main(settings: Settings, bootstrap: str) -> None:
    """The worker as a process of its own; signals before Faust listens end it at once."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(run_worker(settings, bootstrap))
