"""`marqab sources`: what is read, trying an address before it is added, and trading lists with other readers."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from marqab.commands.service import SOURCES_OPTION, connector_settings
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured
from subscribers.safe import terminal

if TYPE_CHECKING:
    from connectors.feeds.trial import Trial


@click.group()
def sources() -> None:
    """The feeds and channels that are read: list, test, add, import, export."""


@sources.command("list")
@SOURCES_OPTION
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool, **options: Any) -> None:
    """List the sources file, one source a line."""
    from connectors.edit import summary
    from connectors.sources import load_sources

    settings, _ = settings_from(**options)
    rows = [summary(source) for source in load_sources(settings.sources)]
    if as_json:
        names = ("id", "kind", "trust", "tier", "address", "name")
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, indent=1))
        return
    widths = [max(len(row[column]) for row in rows) for column in range(5)] if rows else []
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*padded, row[5]]).rstrip())


@sources.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def test(url: str, as_json: bool) -> None:
    """Ask URL once and say in words what is there: a feed? its language, last post, rhythm, oddities?

    A site's page is searched for the feeds that it names. @name or a t.me address is a Telegram channel, which is tried
    through its public preview.
    """
    settings, _ = settings_from()
    run_until_stopped(lambda: _test(settings, url, as_json))


async def _tried(settings: Settings, url: str) -> "Trial":
    """A feed, a site or a channel, tried."""
    from connectors.feeds.trial import try_source
    from connectors.telegram_web.trial import is_channel, try_channel

    attempt = try_channel if is_channel(url) else try_source
    return await attempt(url, connector_settings(settings), proxy="" if settings.proxy == "direct" else settings.proxy)


async def _test(settings: Settings, url: str, as_json: bool) -> int:
    trial = await _tried(settings, url)
    if as_json:
        told = {"ok": trial.ok, "url": trial.url, "title": trial.title, "language": trial.language}
        click.echo(json.dumps({**told, "says": trial.sentences}, ensure_ascii=False, indent=1))
    else:
        for sentence in trial.sentences:
            click.echo(terminal(sentence))
        if trial.ok:
            click.echo(f"Add it: marqab sources add {trial.url}")
    return 0 if trial.ok else 1


@sources.command()
@click.argument("url")
@SOURCES_OPTION
@click.option("--id", "source_id", help="Your name for it; made from the host where none is given.")
@click.option("--role", type=click.Choice(["media", "monitor", "official", "citizen"]), default="media")
@click.option("--reliability", type=click.Choice(list("ABCDEF")), default="F", help="Admiralty code; F: not judged.")
@click.option("--country", metavar="CC", help="Focus country, ISO 3166-1 alpha-2.")
@click.option("--no-test", is_flag=True, help="Do not ask the address first.")
def add(
    url: str, source_id: str | None, role: str, reliability: str, country: str | None, no_test: bool, **options: Any
) -> None:
    """Try the feed or channel at URL and add it to the sources file, whose other lines stay as they are."""
    settings, _ = settings_from(**options)
    choices = {"role": role, "reliability": reliability, "country": country.upper() if country else None}
    run_until_stopped(lambda: _add(settings, url, source_id, choices, no_test))


async def _add(settings: Settings, url: str, source_id: str | None, choices: dict[str, Any], no_test: bool) -> int:
    import msgspec

    from connectors.opml import new_id
    from connectors.sources import SourceSettings
    from connectors.telegram_web.trial import is_channel

    fields: dict[str, Any] = {"kind": "telegram", "channel": url} if is_channel(url) else {"kind": "feed", "url": url}
    if not no_test:
        trial = await _tried(settings, url)
        for sentence in trial.sentences:
            click.echo(terminal(sentence), err=True)
        if not trial.ok:
            click.echo("Not added. (--no-test adds it all the same.)", err=True)
            return 1
        fields |= {"name": trial.title, "language": trial.language}
        fields |= {"channel": trial.url, "channel_id": trial.channel_id} if is_channel(url) else {"url": trial.url}
    chosen = source_id or new_id(_named(fields), _ids(settings.sources))
    fields |= {"id": chosen, **choices}
    try:
        source = msgspec.convert(fields, SourceSettings)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{url} cannot be added: {error}") from None
    _write(settings.sources, [source])
    click.echo(f"added “{chosen}” to {settings.sources}")
    return 0


@sources.command("import")
@click.argument("opml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@SOURCES_OPTION
def import_(opml: Path, **options: Any) -> None:
    """Add the feeds of an OPML file, as other readers export it; those that are there already are left out."""
    from connectors.opml import read_opml
    from connectors.sources import load_sources

    settings, _ = settings_from(**options)
    present = load_sources(settings.sources) if settings.sources.exists() else []
    known = {source.url for source in present}
    try:
        found = read_opml(opml.read_text("utf-8"), [source.id for source in present])
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{opml} cannot be read: {error}") from None
    new = [source for source in found if source.url not in known]
    _write(settings.sources, new)
    click.echo(f"{len(new)} of {len(found)} feeds added to {settings.sources}")


@sources.command()
@SOURCES_OPTION
def export(**options: Any) -> None:
    """Print the feeds as OPML, for other readers."""
    from connectors.opml import write_opml
    from connectors.sources import load_sources

    settings, _ = settings_from(**options)
    sys.stdout.write(write_opml(load_sources(settings.sources)))


def _named(fields: dict[str, Any]) -> str:
    """What an id can be made from: a feed's host, or a channel's name as if it were one."""
    channel = str(fields.get("channel", "")).rstrip("/").rpartition("/")[2].lstrip("@")
    return str(fields.get("url") or f"https://{channel.replace('_', '-')}/")


def _ids(path: Path) -> list[str]:
    from connectors.sources import load_sources

    return [source.id for source in load_sources(path)] if path.exists() else []


def _write(path: Path, new: Sequence[Any]) -> None:
    from connectors.edit import with_added

    try:
        text = path.read_text("utf-8") if path.exists() else ""
        changed = with_added(text, new, str(path))
        part = path.with_name(path.name + ".part")
        part.write_text(changed, "utf-8")
        os.replace(part, path)
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{path} cannot be changed: {error}. Mend its rights, or name another with --sources."
        ) from None
