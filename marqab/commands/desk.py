"""`marqab desk`: a live page on the alert topic."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab import logs
from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import alerts_broker, run_until_stopped, settings_from
from marqab.settings import Settings

if TYPE_CHECKING:
    from subscribers.desk.server import DeskSettings


@click.command()
@BROKER_OPTION
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; anything else is public.")
@click.option("--port", default=9466, show_default=True, help="Port to listen on; 0: any free one.")
@click.option("--base", default="", metavar="URL", help="Public address of the desk behind a proxy.")
@click.option("--since", default="30d", show_default=True, metavar="SPAN", help="Show the incidents of the last SPAN.")
@click.option(
    "--subscribers", type=click.Path(path_type=Path), help="Subscribers file, for its table [cap]: who speaks in CAP."
)
def desk(host: str, port: int, base: str, since: str, subscribers: Path | None, **options: Any) -> None:
    """Show the incidents on a live page, in Arabic and English, until stopped.

    \b
    marqab desk                              http://127.0.0.1:9466
    marqab desk --since 7d --port 0
    Also there: /alerts.atom, /alerts.geojson, /alerts/ID.cap, with the page's filters.

    Reading needs no password: put a proxy that asks for one before it when you let others in.
    """
    from marqab.commands.tail import span_of
    from subscribers.cap import Profile
    from subscribers.desk.server import DeskSettings, is_loopback
    from subscribers.settings import load_subscribers

    settings, _ = settings_from(**options)
    logs.configure(settings, "desk")
    if not is_loopback(host):
        click.echo(f"marqab desk: whoever reaches {host}:{port} can read it; it asks for no password", err=True)
    profile = load_subscribers(subscribers, os.environ).cap if subscribers else Profile()
    how = DeskSettings(host=host, port=port, base=base.rstrip("/"), profile=profile)
    begin = datetime.now(UTC) - span_of(since)
    run_until_stopped(lambda: show_desk(settings, how, alerts_broker(settings), begin))


async def show_desk(settings: Settings, how: "DeskSettings", bootstrap: str, since: datetime | None) -> int:
    """Serve the desk until cancelled; `marqab up` and the demo may call it beside their own work."""
    from marqab.health import Check, Health, endpoints
    from marqab.kafka import admitted, client_options
    from marqab.metrics import Metrics
    from subscribers.desk.server import Desk, catch_up, serving
    from subscribers.heard import Counted
    from subscribers.reader import alert_stream

    await admitted(settings, bootstrap, "reader")
    page, metrics, health, whole = Desk(how), Metrics("desk"), Health(), asyncio.Event()
    health.register("desk", lambda: Check(whole.is_set(), "reading the alerts that are there already"))
    health.measures.append(lambda told: told.gauge("marqab_desk_viewers", len(page.live.viewers)))
    opened = alert_stream(
        bootstrap,
        prefix=settings.topic_prefix,
        since=since,
        from_start=since is None,
        options=client_options(settings),
    )
    async with endpoints(settings.http_host, settings.desk_metrics_port, metrics, health), opened as source:
        stream = Counted(source, metrics)
        await catch_up(page, stream, await source.ends())
        whole.set()
        async with serving(page) as address, asyncio.TaskGroup() as tasks:
            click.echo(f"marqab desk: {address}", err=True)
            tasks.create_task(page.read(stream), name="desk reader")
    return 0
