"""`marqab check`: what is configured, and whether it would work."""

import json
from pathlib import Path
from typing import Any

import click

from marqab.commands.service import BROKER_OPTION, SOURCES_OPTION
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.rights import ROLES, Role
from marqab.settings import Settings, Told
from schemas.errors import MarqabError

Finding = tuple[str, bool, str]
"""What was looked at, whether it is well, and a sentence."""


@click.command()
@SOURCES_OPTION
@BROKER_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--role", type=click.Choice(list(ROLES)), help="Ask Kafka whether this login may do what the role needs.")
def check(as_json: bool, role: Role | None, **options: Any) -> None:
    """Print every setting with its origin (secrets starred), then verify broker, topics, rights and sources.

    Ends with 0 when all is well, 1 when something is not.
    """
    settings, told = settings_from(**options)
    run_until_stopped(lambda: _check(settings, told, role, as_json))


async def _check(settings: Settings, told: list[Told], role: Role | None, as_json: bool) -> int:
    findings = [_sources(settings.sources), *await _broker(settings, role)]
    well = all(ok for _, ok, _ in findings)
    if as_json:
        document = {
            "settings": [{"name": t.name, "value": t.value, "origin": t.origin, "meaning": t.sentence} for t in told],
            "checks": [{"name": name, "ok": ok, "says": says} for name, ok, says in findings],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for t in told:
            click.echo(f"{t.name:<28} {t.value:<26} {t.origin:<14} {t.sentence}")
        click.echo()
        for name, ok, says in findings:
            click.secho(f"{'✓' if ok else '✗'} {name}: {says}", fg=None if ok else "red")
    return 0 if well else 1


def _sources(path: Path) -> Finding:
    from connectors.sources import load_sources

    try:
        sources = load_sources(path)
    except MarqabError as error:
        return "sources", False, str(error)
    enabled = [source for source in sources if source.enabled]
    kinds = ", ".join(sorted({source.kind for source in enabled}))
    return "sources", bool(enabled), f"{len(enabled)} of {len(sources)} sources enabled in {path} ({kinds or 'none'})"


async def _broker(settings: Settings, role: Role | None) -> list[Finding]:
    from marqab import admin, embedded
    from marqab.kafka import admitted
    from marqab.up import wanted_topics

    if settings.embedded:
        try:
            where = embedded.binary()
        except MarqabError as error:
            return [("broker", False, str(error))]
        return [("broker", True, f"embedded ({where}); it keeps nothing when it stops")]
    try:
        connection = await admitted(settings, settings.kafka_bootstrap_servers, role)
        found: list[Finding] = [("broker", True, f"Kafka answers at {settings.kafka_bootstrap_servers}")]
        if role:
            found.append(("rights", True, f"this login may do all that {role} needs"))
        if role not in (None, "operator"):  # only an operator sees all topics and how they are set
            return found
        outcome = await admin.verify(connection, wanted_topics(settings))
    except MarqabError as error:
        return [("broker", False, str(error))]
    if outcome.missing:
        sentence = f"missing, or not to be seen by this user: {', '.join(outcome.missing)}; run `marqab topics create`"
        found.append(("topics", False, sentence))
    found += [("topics", False, sentence) for sentence in outcome.differences]
    if all(ok for _, ok, _ in found):
        found.append(("topics", True, "all are there as declared"))
    return found
