"""`marqab worker`: the pure stages with their settings, lifted by Faust, with endpoints beside them."""

import asyncio
import signal
from datetime import timedelta

from agents.app import Config, run
from agents.progress import Progress
from agents.stages import Stages, shipped
from marqab.health import Check, Health, endpoints
from marqab.kafka import client_options
from marqab.metrics import Metrics
from marqab.settings import Settings


def stages_of(settings: Settings) -> Stages:
    """The four stages with what the settings say; loads lexicon, model and gazetteer."""
    return shipped(
        settings.gazetteer,
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
    )


async def run_worker(settings: Settings, bootstrap: str) -> None:
    """Work until SIGINT or SIGTERM, then drain and commit.

    Raises:
        SourceDown: the broker is away, or the worker stood still; start it again.
        Misconfigured: it cannot work like this.
    """
    stages = await asyncio.to_thread(stages_of, settings)
    metrics, health, progress = Metrics("worker"), Health(), Progress()

    def working() -> Check:
        reason = progress.reason()
        return Check(reason is None, reason or "")

    health.register("worker", working)
    async with endpoints(settings.http_host, settings.worker_port, metrics, health):
        await run(config_of(settings, bootstrap), stages, metrics, progress)


def main(settings: Settings, bootstrap: str) -> None:
    """The worker as a process of its own; signals before Faust listens end it at once."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(run_worker(settings, bootstrap))
