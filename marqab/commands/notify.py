"""`marqab notify`: tell the subscribers of the subscribers file: webhooks, chats, mail."""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab import logs
from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import EXIT_FAILED, run_until_stopped, settings_from
from marqab.secrets import unfolded
from marqab.settings import Settings
from schemas.errors import Misconfigured, SourceDown

if TYPE_CHECKING:
    from schemas.metrics import Meter
    from subscribers.notify import Deliver
    from subscribers.settings import Subscriber, SubscribersFile


log = logging.getLogger("marqab.notify")

BROKER_SECONDS = 5
"""Pause before a broker that does not answer is asked again."""


@click.command()
@BROKER_OPTION
@click.option(
    "--subscribers", type=click.Path(path_type=Path), default=Path("subscribers.toml"), show_default=True,
    help="Subscribers file (TOML).",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Only check the file, then end.")
@click.option("--try", "trial", metavar="ID", help="Send this subscriber one marked test message, then end.")
@click.option("--again", metavar="ID", help="Send this subscriber's dead letters again, then end.")
def notify(subscribers: Path, check: bool, trial: str | None, again: str | None, **options: Any) -> None:
    """Tell every subscriber what its rules ask for, without end.

    \b
    marqab notify --check                     is the file right?
    marqab notify --try newsroom              does a test message arrive?
    marqab notify                             go on for ever
    marqab notify --again newsroom            send what could not be delivered once more

    deploy/subscribers.example.toml explains every field.
    """
    from subscribers.settings import load_subscribers

    settings, _ = settings_from(**options)
    environ = unfolded(os.environ)
    file = load_subscribers(subscribers, environ)
    if check:
        click.echo(f"{subscribers}: {len(file.subscriber)} subscribers, all in order")
        return
    logs.configure(settings, "notify")
    if trial or again:
        run_until_stopped(lambda: _once(file, environ, trial or again or "", again=bool(again)))
    run_until_stopped(lambda: _notify(settings, file, environ))


def _named(file: "SubscribersFile", name: str) -> "Subscriber":
    for subscriber in file.subscriber:
        if subscriber.id == name:
            return subscriber
    raise Misconfigured(
        f"there is no subscriber {name}; there are {', '.join(s.id for s in file.subscriber) or 'none'}"
    )


async def _once(file: "SubscribersFile", environ: Mapping[str, str], name: str, *, again: bool) -> int:
    import aiohttp

    from schemas.codec import decode
    from schemas.records import Alert
    from subscribers.notify import World, deliverer, letters_of
    from subscribers.sample import sample_alert
    from subscribers.webhook import Delivered

    subscriber, world = _named(file, name), World()
    async with aiohttp.ClientSession() as http:
        deliver = deliverer(subscriber, environ, http, world)
        if not again:
            said = await deliver([sample_alert(world.now())])
            click.echo("delivered" if isinstance(said, Delivered) else f"not delivered: {said.reason}")
            return 0 if isinstance(said, Delivered) else EXIT_FAILED
        letters = letters_of(file)
        waiting = await asyncio.to_thread(letters.claim, name)
        done = 0
        for told in waiting:
            said = await deliver([decode(bytes(raw), Alert) for raw in told.alerts])
            if not isinstance(said, Delivered):
                click.echo(f"{done} of {len(waiting)} delivered, then: {said.reason}")
                break
            done += 1
        await asyncio.to_thread(letters.put_back, name, waiting[done:])
        click.echo(f"{done} of {len(waiting)} dead letters delivered")
        return 0 if done == len(waiting) else EXIT_FAILED


async def _notify(settings: Settings, file: "SubscribersFile", environ: Mapping[str, str]) -> int:
    import aiohttp

    from marqab.health import Check, Health, endpoints
    from marqab.metrics import Metrics
    from subscribers.notify import World, deliverer

    if not file.subscriber:
        raise Misconfigured("the subscribers file has no [[subscriber]]")
    metrics, health = Metrics("notify"), Health()
    deaf = {one.id for one in file.subscriber}
    for one in deaf:
        for outcome in ("delivered", "retried", "dead_letter"):
            metrics.count("marqab_deliveries_total", 0, subscriber=one, outcome=outcome)
    health.register("alerts", lambda: Check(not deaf, f"no alerts are read for {', '.join(sorted(deaf))}"))
    at = endpoints(settings.http_host, settings.notify_metrics_port, metrics, health, settings.metrics_token)
    async with at, aiohttp.ClientSession() as http:
        ways = [(one, deliverer(one, environ, http, World())) for one in file.subscriber]  # before the first starts
        await _admitted(settings)
        async with asyncio.TaskGroup() as tasks:
            for subscriber, deliver in ways:
                reading = _serve(settings, file, subscriber, deliver, metrics, deaf)
                tasks.create_task(reading, name=f"notify {subscriber.id}")
    return 0


async def _admitted(settings: Settings) -> None:
    """Wait for the broker; its refusals are told before the first subscriber is served."""
    from marqab.commands.shared import alerts_broker
    from marqab.kafka import admitted

    while True:
        try:
            await admitted(settings, alerts_broker(settings), "notify")
        except SourceDown as error:
            log.warning("%s; again in %d s", error, BROKER_SECONDS)
            await asyncio.sleep(BROKER_SECONDS)
        else:
            return


async def _serve(
    settings: Settings,
    file: "SubscribersFile",
    subscriber: "Subscriber",
    deliver: "Deliver",
    meter: "Meter",
    deaf: set[str],
) -> None:
    from marqab.commands.shared import alerts_broker
    from marqab.kafka import client_options
    from subscribers.heard import Counted
    from subscribers.notify import Notifier, letters_of
    from subscribers.reader import alert_stream

    while True:
        opened = alert_stream(
            alerts_broker(settings),
            prefix=settings.topic_prefix,
            group=f"{settings.app_id}-notify-{subscriber.id}",
            options=client_options(settings),
        )
        try:
            async with opened as stream:
                deaf.discard(subscriber.id)
                counted = Counted(stream, meter)
                return await Notifier(subscriber, counted, deliver, letters_of(file), meter=meter).run()
        except SourceDown as error:
            deaf.add(subscriber.id)
            log.warning("%s; again in %d s", error, BROKER_SECONDS)
            await asyncio.sleep(BROKER_SECONDS)
