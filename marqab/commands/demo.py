"""`marqab demo`: see it work in a minute, without any account, broker or network."""

import sys

import click

from marqab import logs
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings


@click.command()
@click.option("--stay/--no-stay", default=None, help="Keep the desk open at the end [default: on a terminal].")
def demo(stay: bool | None) -> None:
    """Watch one incident being told by four local sources, and the alerts it raises.

    Starts the embedded broker, the connectors, the Faust worker, a local web server and the desk. On a terminal the
    desk stays open at the end, until Ctrl-C; elsewhere the demo ends by itself.
    """
    settings, _ = settings_from()
    logs.configure(settings, "demo")
    run_until_stopped(lambda: _demo(settings, stay=sys.stdout.isatty() if stay is None else stay))


async def _demo(settings: Settings, *, stay: bool) -> int:
    from marqab.demo.run import run_demo

    return await run_demo(settings, stay=stay)
