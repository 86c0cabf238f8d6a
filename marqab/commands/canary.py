"""`marqab canary`: does a known post still come out as an alert?"""

from typing import Any

import click
import msgspec

from marqab import logs
from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import EXIT_FAILED, alerts_broker, run_until_stopped, settings_from
from marqab.settings import Settings


@click.command()
@BROKER_OPTION
@click.option("--once", is_flag=True, help="Release one, say what became of it, and end (0 when all is well, else 1).")
def canary(once: bool, **options: Any) -> None:
    """Publish a known post every few minutes and watch for its alert, which is marked as a test.

    \b
    marqab canary --once          is the service working, from end to end?
    marqab canary                 every MARQAB_CANARY_SECONDS, for ever; figures at :9469/metrics

    No subscriber is told of it unless it asks for tests, and it joins no real incident.
    """
    settings, _ = settings_from(**options)
    if settings.embedded:  # the broker of `marqab up` on this machine
        settings = msgspec.structs.replace(settings, embedded_broker=True)
    logs.configure(settings, "canary")
    run_until_stopped(lambda: _canary(settings, once))


async def _canary(settings: Settings, once: bool) -> int:
    from marqab.canary import Outcome, begin, fly, fly_once
    from marqab.health import Check, Health, endpoints
    from marqab.kafka import admitted
    from marqab.metrics import Metrics

    metrics, health = Metrics("canary"), Health()
    begin(metrics, settings)
    connection = await admitted(settings, alerts_broker(settings), "canary")
    if once:
        result = await fly_once(settings, connection, metrics)
        click.echo(f"{result.outcome}: {result.words}")
        return 0 if result.outcome is Outcome.ON_TIME else EXIT_FAILED
    health.register("canary", lambda: Check(True))
    async with endpoints(settings.http_host, settings.canary_port, metrics, health, settings.metrics_token):
        await fly(settings, connection, metrics)
    return 0
