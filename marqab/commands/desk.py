"""`marqab desk`: a live page on the alert topic."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab import logs
from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import alerts_broker, run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured

if TYPE_CHECKING:
    from subscribers.desk.hands import Publish
    from subscribers.desk.server import DeskSettings


@click.command()
@BROKER_OPTION
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; anything else is public.")
@click.option("--port", default=9466, show_default=True, help="Port to listen on; 0: any free one.")
@click.option("--base", default="", metavar="URL", help="Public address of the desk behind a proxy.")
@click.option("--since", default="30d", show_default=True, metavar="SPAN", help="Show the incidents of the last SPAN.")
@click.option(
    "--open", "open_to_all", is_flag=True, help="Readers need no token: a proxy before it asks for a password."
)
@click.option(
    "--subscribers", type=click.Path(path_type=Path), help="Subscribers file, for its table [cap]: who speaks in CAP."
)
def desk(
    host: str, port: int, base: str, since: str, subscribers: Path | None, *, open_to_all: bool, **options: Any
) -> None:
    """Show the incidents on a live page, in Arabic and English, until stopped.

    \b
    marqab desk                              http://127.0.0.1:9466
    marqab desk --since 7d --port 0
    Also there: /alerts.atom, /alerts.geojson, /alerts/ID.cap, with the page's filters.

    With MARQAB_DESK_TOKEN (or MARQAB_DESK_TOKEN_FILE) people who show it can correct: merge, split, mute, not an
    incident. On this machine reading needs no token; with --host beyond it, reading needs it too, unless --open.
    """
    from marqab.commands.tail import span_of
    from subscribers.cap import Profile
    from subscribers.desk.door import SHORTEST_TOKEN
    from subscribers.desk.server import DeskSettings, is_loopback
    from subscribers.settings import load_subscribers

    settings, _ = settings_from(**options)
    logs.configure(settings, "desk")
    if settings.desk_token and len(settings.desk_token) < SHORTEST_TOKEN:
        raise Misconfigured(
            f"MARQAB_DESK_TOKEN has fewer than {SHORTEST_TOKEN} characters; make one: openssl rand -base64 24"
        )
    beyond = not is_loopback(host)
    if beyond and (open_to_all or not settings.desk_token):
        click.echo(f"marqab desk: whoever reaches {host}:{port} can read it; it asks for no password", err=True)
    profile = load_subscribers(subscribers, os.environ).cap if subscribers else Profile()
    how = DeskSettings(
        host=host,
        port=port,
        base=base.rstrip("/"),
        profile=profile,
        token=settings.desk_token,
        guards_reading=beyond and not open_to_all,
        connectors_token=settings.metrics_token,
        connectors=tuple(url.strip().rstrip("/") for url in settings.connectors_urls.split(",") if url.strip()),
    )
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
    metrics, health, whole = Metrics("desk"), Health(), asyncio.Event()
    health.register("desk", lambda: Check(whole.is_set(), "reading the alerts that are there already"))
    opened = alert_stream(
        bootstrap,
        prefix=settings.topic_prefix,
        since=since,
        from_start=since is None,
        options=client_options(settings),
    )
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(opened)
        page = Desk(how, await _publisher(settings, bootstrap, stack) if how.token else None)
        health.measures.append(lambda told: told.gauge("marqab_desk_viewers", len(page.live.viewers)))
        await stack.enter_async_context(
            endpoints(settings.http_host, settings.desk_metrics_port, metrics, health, settings.metrics_token)
        )
        stream = Counted(source, metrics)
        await catch_up(page, stream, await source.ends())
        whole.set()
        async with serving(page) as address, asyncio.TaskGroup() as tasks:
            click.echo(f"marqab desk: {address}", err=True)
            tasks.create_task(page.read(stream), name="desk reader")
            tasks.create_task(page.sources.follow(), name="desk's look at the connectors")
    return 0


async def _publisher(settings: Settings, bootstrap: str, stack: AsyncExitStack) -> "Publish":
    """What sends a correction, for as long as the stack is open."""
    from marqab.kafka import admitted, client_options
    from subscribers.feedback import FeedbackPublisher

    await admitted(settings, bootstrap, "editor")
    publisher = FeedbackPublisher(
        bootstrap,
        prefix=settings.topic_prefix,
        idempotent=not (settings.embedded or settings.embedded_broker),
        options=client_options(settings),
    )
    return (await stack.enter_async_context(publisher)).publish
