"""`marqab collect` and `marqab replay`: without a broker, from sources to a file and from a file to alerts."""

import sys
from pathlib import Path
from typing import Any

import click

from marqab import logs
from marqab.commands.service import connector_settings, shard_of
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings


@click.command()
@click.option("--sources", type=click.Path(path_type=Path), required=True, help="Sources file (TOML).")
@click.option("--cursors", type=click.Path(path_type=Path), required=True, help="Folder for where each source stopped.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Posts are appended here, a line each.")
@click.option("--once", is_flag=True, help="Read every source once, then end.")
@click.option("--shard", metavar="I/N", help="Read only share I of N of the sources.")
def collect(cursors: Path, output: Path, once: bool, shard: str | None, **options: Any) -> None:
    """Run the connectors without a broker and write the posts they would publish as JSON lines.

    For trying sources, for archives, and as input of `marqab replay`. Run it again with the same folder of cursors and
    only what is new is added.
    """
    settings, _ = settings_from(**options)
    logs.configure(settings, "collect")
    run_until_stopped(lambda: _collect(settings, cursors, output, once, shard))


async def _collect(settings: Settings, cursors: Path, output: Path, once: bool, shard: str | None) -> int:
    from connectors.runner import collect as run_collect

    written, board = await run_collect(
        settings.sources, cursors, output, connector_settings(settings), once=once, shard=shard_of(shard)
    )
    states = board.snapshot()
    for source_id, health in states.items():
        if health.reason:
            click.echo(f"{source_id}: {health.state}: {health.reason}", err=True)
    click.echo(f"{written} posts from {len(states)} sources written to {output}", err=True)
    return 1 if states and all(health.reason for health in states.values()) else 0


@click.command()
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the results."
)
@click.option(
    "--feedback",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What people said, a JSON line each (`marqab feedback list --json`): applied at its time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def replay(posts: Path, output: Path, feedback: Path | None, as_json: bool) -> None:
    """Run the stages over a file of posts, in event time, without broker or network.

    \b
    Writes to the folder
      sightings.jsonl   one line a post, in order
      incidents.jsonl   the incidents as they stand in the end
      alerts.jsonl      the alerts in the order in which they were sent
    The same posts in the same order, with the same feedback, give the same bytes.
    """
    settings, _ = settings_from()
    logs.configure(settings, "replay")
    from marqab.replay import replay_file

    with _progress(posts) as lines:
        summary = replay_file(posts.name, lines, output, settings, feedback)
    if as_json:
        import json

        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        click.echo(", ".join(f"{value} {name.replace('_', ' ')}" for name, value in summary.items()), err=True)
    sys.exit(0)


def _progress(path: Path) -> Any:
    from rich.progress import open as open_with_progress

    return open_with_progress(path, "rb", description=path.name, transient=True, disable=not sys.stderr.isatty())
