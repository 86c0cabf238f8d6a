"""`marqab gazetteer`: village level for your own countries, in one command."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from marqab.commands.shared import settings_from
from schemas.errors import Misconfigured

FOLDER = Path("gazetteer")


@click.group()
def gazetteer() -> None:
    """The places that marqab knows: what is there, and bringing more."""


@gazetteer.command()
@click.option("--gazetteer", type=click.Path(path_type=Path), help="File or folder (MARQAB_GAZETTEER).")
def show(**options: Any) -> None:
    """Tell how many places and names are known, and whom they come from."""
    from agents.classify.places import Gazetteer

    settings, _ = settings_from(**options)
    known = Gazetteer.default(settings.gazetteer)
    click.echo(f"{known.places:,} places under {known.names:,} names")
    for line in known.attribution:
        click.echo(line)


@gazetteer.command("import")
@click.argument("kind", type=click.Choice(["geonames", "cod"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, default gazetteer/<name of FILE>.gaz; set MARQAB_GAZETTEER to its folder.",
)
@click.option("--country", metavar="CC", help="ISO 3166-1 alpha-2; needed for cod, a filter for geonames.")
@click.option(
    "--alternate-names",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoNames' alternateNamesV2.txt, or a country's own: names with their language.",
)
def import_(kind: str, file: Path, output: Path | None, country: str | None, alternate_names: Path | None) -> None:
    """Read a list of places into a gazetteer file that stands beside the built-in one.

    \b
    marqab gazetteer import geonames SY.txt       a country dump of GeoNames, unpacked (CC BY 4.0)
    marqab gazetteer import cod syr_adm.csv --country SY     OCHA's names and p-codes
    export MARQAB_GAZETTEER=gazetteer
    """
    from agents.classify.places.importers import import_cod, import_geonames

    target = output or FOLDER / f"{file.stem}.gaz"
    code = country.upper() if country else None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"{target.parent} cannot be made ({error.strerror}); choose another --output") from None
    with _progress(file.name) as progress:
        if kind == "geonames":
            countries = frozenset({code}) if code else None
            done = import_geonames(
                file, target, alternate_names=alternate_names, countries=countries, progress=progress
            )
        elif code is None:
            raise Misconfigured("a COD-AB list does not say whose it is: add --country, for example --country SY")
        else:
            done = import_cod(file, target, country=code, progress=progress)
    click.echo(
        f"{done.places:,} places of {done.rows:,} rows written to {done.path}; {done.skipped:,} rows were unreadable. "
        f"Set MARQAB_GAZETTEER={target.parent} to use it."
    )


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A line that counts, on terminals only."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)

        def tell(rows: int, places: int) -> None:
            bar.update(task, description=f"{name}: {rows:,} rows read, {places:,} places kept")

        yield tell
