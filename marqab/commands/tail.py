"""`marqab tail`: alerts as they arrive, readable or as JSON lines."""

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from marqab.commands.service import BROKER_OPTION
from marqab.commands.shared import alerts_broker, run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured
from schemas.kinds import AlertKind, EventType, Level

if TYPE_CHECKING:
    from subscribers.desk.wanted import Wanted

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@click.command()
@BROKER_OPTION
@click.option("--since", metavar="SPAN", help="Begin with the alerts of the last SPAN, for example 30m, 2h, 7d.")
@click.option("--from-start", is_flag=True, help="Begin with the oldest alert kept.")
@click.option("--country", metavar="CC", help="Only this country (ISO 3166-1, for example SY).")
@click.option("--severity", type=click.Choice([one.value for one in Level]), help="At least this grave.")
@click.option(
    "--type", "event_type", type=click.Choice([one.value for one in EventType]), metavar="TYPE",
    help="Only this type of incident: armed_attack, ied_mine …",
)  # fmt: skip
@click.option("--kind", type=click.Choice([one.value for one in AlertKind]), help="Only this kind of alert.")
@click.option("--search", default="", metavar="TEXT", help="Only where headline, place, actor or source holds this.")
@click.option("--tests", is_flag=True, help="Show alerts that are marked as tests (canaries), too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")
def tail(
    since: str | None,
    from_start: bool,
    country: str | None,
    severity: str | None,
    event_type: str | None,
    kind: str | None,
    search: str,
    tests: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Print alerts as they arrive, without end.

    \b
    marqab tail                       what comes from now on
    marqab tail --since 2h --country SY --severity high
    marqab tail --from-start --json | jq .incident.toll_summary
    """
    from subscribers.desk.wanted import Wanted

    settings, _ = settings_from(**options)
    begin = datetime.now(UTC) - span_of(since) if since else None
    wanted = Wanted(
        country=country.upper() if country else None,
        severity=Level(severity) if severity else None,
        type=EventType(event_type) if event_type else None,
        search=search,
        tests=tests,
    )
    run_until_stopped(lambda: _tail(settings, begin, from_start, wanted, kind, as_json))


def span_of(text: str) -> timedelta:
    """`2h` as two hours.

    Raises:
        Misconfigured: it is no number with one of s, m, h, d behind it.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in UNITS or not number.isdigit():
        raise Misconfigured(f"--since {text}: write a whole number and s, m, h or d, for example 2h")
    return timedelta(seconds=int(number) * UNITS[unit])


async def _tail(
    settings: Settings, since: datetime | None, from_start: bool, wanted: "Wanted", kind: str | None, as_json: bool
) -> int:
    from rich.console import Console

    from marqab.kafka import admitted, client_options
    from schemas.codec import encode
    from subscribers.reader import read_alerts
    from subscribers.show import show

    console = Console(highlight=False)
    await admitted(settings, alerts_broker(settings), "reader")
    alerts = read_alerts(
        alerts_broker(settings),
        prefix=settings.topic_prefix,
        since=since,
        from_start=from_start,
        options=client_options(settings),
    )
    async for alert in alerts:
        if not wanted.fits(alert) or (kind and alert.kind != kind):
            continue
        if as_json:
            sys.stdout.buffer.write(encode(alert) + b"\n")
            sys.stdout.flush()
        else:
            show(alert, console)
    return 0
