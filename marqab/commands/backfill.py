"""`marqab backfill`: a source's past, marked so that it alerts nobody."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from marqab import logs
from marqab.commands.service import BROKER_OPTION, SOURCES_OPTION, connector_settings, named_broker
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured


@click.command()
@click.argument("source")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="How far back, UTC; needed but for --export.",
)
@click.option(
    "--export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="result.json of Telegram Desktop: read the channel's past from there.",
)
@click.option("--account", help="Telegram account that reads, if not the source's own.")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this file instead of Kafka; needs --cursors.")
@click.option("--cursors", type=click.Path(path_type=Path), help="Folder for where it stopped, with --output.")
@SOURCES_OPTION
@BROKER_OPTION
def backfill(
    source: str,
    since: datetime | None,
    export: Path | None,
    account: str | None,
    output: Path | None,
    cursors: Path | None,
    **options: Any,
) -> None:
    """Publish the posts of SOURCE (an id of the sources file) from now back to a day.

    They are marked as read from the past: they update what is known and alert nobody. Stopped and started again, it
    goes on where it was.

    \b
    marqab backfill enab-baladi-ar --since 2026-01-01
    marqab backfill some-channel --export result.json
    """
    if (output is None) != (cursors is None):
        raise Misconfigured("--output and --cursors belong together: give both, or neither to publish to Kafka.")
    if since is None and export is None:
        raise Misconfigured("How far back? Give --since DATE, or --export result.json for all that it holds.")
    settings, _ = settings_from(**options)
    logs.configure(settings, "backfill")
    began = since.replace(tzinfo=UTC) if since else None
    run_until_stopped(lambda: _backfill(settings, source, Wanted(began, export, account), output, cursors))


@dataclass(frozen=True)
class Wanted:
    """What is to be read: how far back, from which export, through which account; None for the usual."""

    since: datetime | None
    export: Path | None
    account: str | None


async def _backfill(
    settings: Settings, source_id: str, wanted: Wanted, output: Path | None, cursors: Path | None
) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from connectors.runner import backfill as read_past
    from connectors.sources import load_sources

    known = {source.id: source for source in load_sources(settings.sources)}
    if source_id not in known:
        raise Misconfigured(f"{settings.sources} has no source “{source_id}”. It has: {', '.join(sorted(known))}.")
    source = known[source_id]
    if wanted.account:
        source = msgspec.structs.replace(source, account=wanted.account)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"))
    async with AsyncExitStack() as stack:
        sink = await _sink(stack, settings, output, cursors)
        bar = stack.enter_context(Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)))
        began = datetime.now(UTC)
        # An export is read from its beginning, whose date nobody knows yet: its bar has no end.
        total = (began - wanted.since).total_seconds() if wanted.since and not wanted.export else None
        task = bar.add_task(source_id, total=total, told="")

        def progress(posts: int, reaches: datetime | None) -> None:
            # The bar fills as the past is reached: by days, because nobody knows how many posts there are.
            done = (began - max(reaches, wanted.since)).total_seconds() if reaches and wanted.since else 0
            way = "at" if wanted.export else "back to"
            bar.update(task, completed=done, told=f"{posts} posts, {way} {reaches:%Y-%m-%d}" if reaches else "")

        count = await read_past(
            source, wanted.since, sink, connector_settings(settings), progress=progress, export=wanted.export
        )
    reach = f" since {wanted.since:%Y-%m-%d}" if wanted.since else ""
    click.echo(f"{count} posts of {source_id}{reach} published as backfill", err=True)
    return 0


async def _sink(stack: AsyncExitStack, settings: Settings, output: Path | None, cursors: Path | None) -> Any:
    from connectors.files import FileSink
    from connectors.publish import KafkaSink
    from marqab.kafka import admitted

    if output is not None and cursors is not None:
        return FileSink(output, cursors)
    bootstrap = named_broker(settings, "backfill")
    sink = KafkaSink(
        await admitted(settings, bootstrap, "connectors"),
        prefix=settings.topic_prefix,
        idempotent=not settings.embedded_broker,
    )
    return await stack.enter_async_context(sink)
