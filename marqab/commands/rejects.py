"""`marqab rejects`: what could not be handled, why, and sending it again when it is mended."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab.commands.service import BROKER_OPTION, named_broker
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.commands.tail import span_of
from marqab.settings import Settings
from schemas.errors import Misconfigured
from subscribers.safe import terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from marqab.rejects import Rejected


@click.group()
def rejects() -> None:
    """Messages that were set aside whole: list, show, replay."""


async def _connection(settings: Settings) -> dict[str, Any]:
    from marqab.kafka import admitted

    bootstrap = f"127.0.0.1:{settings.embedded_port}" if settings.embedded else named_broker(settings, "rejects")
    return await admitted(settings, bootstrap, None)


@rejects.command("list")
@BROKER_OPTION
@click.option("--since", metavar="SPAN", help="Only those of the last SPAN, for example 2h.")
@click.option("--stage", help="Only those of this stage.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(since: str | None, stage: str | None, as_json: bool, **options: Any) -> None:
    """List what was set aside: number, time, stage, topic and reason, oldest first."""
    settings, _ = settings_from(**options)
    begin = datetime.now(UTC) - span_of(since) if since else None
    run_until_stopped(lambda: _list(settings, begin, stage, as_json))


async def _list(settings: Settings, since: datetime | None, stage: str | None, as_json: bool) -> int:
    from marqab.rejects import read

    count = 0
    async for one in read(await _connection(settings), settings.topic_prefix, since):
        if stage and one.stage != stage:
            continue
        count += 1
        if as_json:
            told = {"number": one.number, "at": one.at.isoformat(), "bytes": len(one.value or b""), **one.told}
            click.echo(json.dumps({k: v for k, v in told.items() if k != "exception.stacktrace"}, ensure_ascii=False))
        else:
            said = f"{one.number:<8} {one.at:%Y-%m-%d %H:%M:%S} {one.stage:<11} {one.topic:<18} {one.reason}"
            click.echo(terminal(said))
    if not count and not as_json:
        click.echo("nothing was set aside", err=True)
    return 0


@rejects.command()
@click.argument("number")
@BROKER_OPTION
def show(number: str, **options: Any) -> None:
    """Print the message NUMBER (partition/offset): its error on standard error, its value byte for byte."""
    settings, _ = settings_from(**options)
    run_until_stopped(lambda: _show(settings, number))


async def _show(settings: Settings, number: str) -> int:
    one = await _find(settings, number)
    for name, value in one.told.items():
        click.echo(terminal(f"{name}: {value}"), err=True)
    sys.stdout.buffer.write(one.value or b"")
    sys.stdout.flush()
    return 0


@rejects.command()
@click.argument("number", required=False)
@BROKER_OPTION
@click.option(
    "--value", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the mended value."
)
@click.option("--stage", help="All of this stage.")
@click.option("--reason", help="All whose reason holds this text.")
@click.option("--since", metavar="SPAN", help="All of the last SPAN, for example 2h.")
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
def replay(
    number: str | None,
    value: Path | None,
    stage: str | None,
    reason: str | None,
    since: str | None,
    *,
    everything: bool,
    **options: Any,
) -> None:
    """Send the message NUMBER, or all of a kind, to the topic where it stood, with key and headers.

    \b
    marqab rejects show 0/17 > post.json                         mend post.json
    marqab rejects replay 0/17 --value post.json
    marqab rejects replay --stage classifier --since 2d          after a mistake of ours was mended

    They stay in the list: it tells what happened.
    """
    settings, _ = settings_from(**options)
    of_a_kind = everything or stage or reason or since
    if bool(number) == bool(of_a_kind):
        raise click.UsageError("name one message, or a kind with --stage, --reason, --since or --all; not both")
    if value and not number:
        raise click.UsageError("--value mends one message: name it")
    mended = value.read_bytes() if value else None
    begin = datetime.now(UTC) - span_of(since) if since else None

    def wanted(one: "Rejected") -> bool:
        if number:
            return one.number == number
        return (not stage or one.stage == stage) and (not reason or reason in one.reason)

    run_until_stopped(lambda: _replay(settings, wanted, begin, mended, number or ""))


async def _replay(
    settings: Settings, wanted: "Callable[[Rejected], bool]", since: datetime | None, mended: bytes | None, number: str
) -> int:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from marqab.rejects import read, sender

    connection, sent, topics = await _connection(settings), 0, set()
    idempotent = not (settings.embedded or settings.embedded_broker)
    columns = (SpinnerColumn(), TextColumn("{task.completed} sent again"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=bool(number)) as progress:
        task = progress.add_task("", total=None)
        async with sender(connection, idempotent=idempotent) as send:
            async for one in read(connection, settings.topic_prefix, since):
                if wanted(one):
                    await send(one, mended)
                    topics.add(one.topic)
                    sent += 1
                    progress.advance(task)
    if number and not sent:
        raise _nothing_under(number)
    click.echo(f"sent {number or sent} again to {', '.join(sorted(topics)) or 'no topic'}", err=True)
    return 0


async def _find(settings: Settings, number: str) -> Any:
    from marqab.rejects import read

    async for one in read(await _connection(settings), settings.topic_prefix):
        if one.number == number:
            return one
    raise _nothing_under(number)


def _nothing_under(number: str) -> Misconfigured:
    return Misconfigured(f"nothing is set aside under {number}; `marqab rejects list` shows the numbers")
