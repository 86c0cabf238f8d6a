"""`marqab up`, `marqab connectors`, `marqab worker`: the always-on service and its halves."""

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab import logs
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured
from schemas.health import SourceStatus

if TYPE_CHECKING:
    from connectors.health import HealthBoard
    from connectors.sources import SourceSettings

SOURCES_OPTION = click.option(
    "--sources", type=click.Path(path_type=Path), help="Sources file (MARQAB_SOURCES, default sources.toml)."
)
BROKER_OPTION = click.option(
    "--kafka", "kafka_bootstrap_servers", metavar="HOST:PORT", help="Kafka brokers (MARQAB_KAFKA_BOOTSTRAP_SERVERS)."
)


@click.command()
@SOURCES_OPTION
@BROKER_OPTION
def up(**options: Any) -> None:
    """Run everything until stopped: broker if none is named, topics, connectors, worker.

    A half that ends is started again; one that is misconfigured says so and ends everything with exit code 2.

    \b
    marqab up                                     embedded broker, sources.toml
    marqab up --kafka localhost:9092              your own Kafka
    marqab up --sources deploy/sources.example.toml
    """
    settings, _ = settings_from(**options)
    logs.configure(settings, "up")
    run_until_stopped(lambda: _up(settings))


async def _up(settings: Settings) -> int:
    from connectors.sources import load_sources
    from marqab.supervise import run_all
    from marqab.up import broker_of, create_topics, halves

    load_sources(settings.sources)  # a wrong file is told here, once, before anything starts
    async with broker_of(settings) as bootstrap:
        outcome = await create_topics(settings, bootstrap)
        for difference in outcome.differences:
            click.echo(f"marqab: {difference}", err=True)
        click.echo(
            f"marqab is up: Kafka at {bootstrap}, alerts in {settings.topic_prefix}alerts (marqab tail), metrics at "
            f"http://{settings.http_host}:{settings.worker_port}/metrics and :{settings.connectors_port}/metrics. "
            "Ctrl-C stops it.",
            err=True,
        )
        await run_all(halves(settings, bootstrap))
    return 0


def named_broker(settings: Settings, half: str) -> str:
    """The brokers that were named.

    Raises:
        Misconfigured: none was, and this command brings none of its own.
    """
    if settings.embedded:
        raise Misconfigured(
            f"`marqab {half}` needs a broker: set MARQAB_KAFKA_BOOTSTRAP_SERVERS or --kafka host:port. "
            "(`marqab up` brings an embedded one.)"
        )
    return settings.kafka_bootstrap_servers


@click.command()
@SOURCES_OPTION
@BROKER_OPTION
@click.option("--shard", metavar="I/N", help="Read only share I of N of the sources, chosen by their ids.")
def connectors(shard: str | None, **options: Any) -> None:
    """Run only the connectors: sources → marqab.posts. SIGHUP reads the sources file again."""
    settings, _ = settings_from(**options)
    logs.configure(settings, "connectors")
    run_until_stopped(lambda: _connectors(settings, shard_of(shard)))


def shard_of(text: str | None) -> tuple[int, int] | None:
    """`2/5` as (2, 5); None stays None."""
    if text is None:
        return None
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise Misconfigured(f"--shard {text}: write I/N with 1 ≤ I ≤ N, for example 2/5")
    return int(index), int(count)


def connector_settings(settings: Settings) -> Any:
    """The part of the settings that connectors know, with the environment for `headers_from`."""
    from connectors.settings import ConnectorSettings

    told = {f.name: getattr(settings, f.name) for f in fields(ConnectorSettings) if hasattr(settings, f.name)}
    return ConnectorSettings(**told, environ=dict(os.environ))


def statuses(sources: "Sequence[SourceSettings]", board: "HealthBoard") -> list[SourceStatus]:
    """How the sources are that this process reads."""
    now = board.snapshot()
    return [
        SourceStatus(
            id=one.id,
            name=one.name,
            kind=one.kind,
            usual_pause_seconds=board.usual_pause(one.id),
            **vars(now[one.id]),
        )
        for one in sources
        if one.id in now
    ]


async def _connectors(settings: Settings, shard: tuple[int, int] | None) -> int:
    import signal

    from connectors.health import HealthBoard
    from connectors.publish import KafkaSink
    from connectors.runner import run
    from connectors.sources import load_sources
    from marqab.health import Check, Health, endpoints
    from marqab.kafka import admitted
    from marqab.metrics import Metrics

    bootstrap = named_broker(settings, "connectors")
    sources = load_sources(settings.sources)
    known = list(sources)

    def read_again() -> "list[SourceSettings]":
        known[:] = load_sources(settings.sources)
        return known

    metrics, health = Metrics("connectors"), Health()
    board = HealthBoard(metrics)

    def answering() -> Check:
        reason = board.unready(datetime.now(UTC))
        return Check(not reason, reason)

    health.register("sources", answering)
    health.pages["/sources"] = lambda: statuses(known, board)
    reload_requested = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload_requested.set)
    sink = KafkaSink(
        await admitted(settings, bootstrap, "connectors"),
        prefix=settings.topic_prefix,
        idempotent=not settings.embedded_broker,
        meter=metrics,
    )
    async with endpoints(settings.http_host, settings.connectors_port, metrics, health, settings.metrics_token), sink:
        await run(
            sources,
            sink,
            connector_settings(settings),
            meter=metrics,
            health=board,
            shard=shard,
            reload=read_again,
            reload_requested=reload_requested,
        )
    return 0


@click.command()
@BROKER_OPTION
def worker(**options: Any) -> None:
    """Run only the worker: marqab.posts → marqab.alerts. Start more of them to share the partitions."""
    settings, _ = settings_from(**options)
    logs.configure(settings, "worker")
    bootstrap = named_broker(settings, "worker")
    from marqab.worker import main

    try:
        main(settings, bootstrap)
    except KeyboardInterrupt:  # asked to stop before there was anything to drain
        sys.exit(130)
