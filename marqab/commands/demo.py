"""`marqab demo`: see it work in a minute, without any account, broker or network."""

import click

from marqab import logs
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings


@click.command()
def demo() -> None:
    """Watch one incident being told by four local sources, and the alerts it raises.

    Starts the embedded broker, the connectors, the Faust worker and a local web server; ends by itself.
    """
    settings, _ = settings_from()
    logs.configure(settings, "demo")
    run_until_stopped(lambda: _demo(settings))


async def _demo(settings: Settings) -> int:
    from marqab.demo.run import run_demo

    return await run_demo(settings)
