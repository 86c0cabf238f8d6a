"""Village level for an operator's own countries: GeoNames dumps and OCHA's p-code lists into a gazetteer file.

An imported file stands beside the built-in one (`Gazetteer.default(folder)` opens all of a folder); nothing is merged
on disk, and the built-in names of governorates are used so that both agree on where a place lies.

GeoNames: a country dump (`SY.txt` from `SY.zip`) or `allCountries.txt`, tab separated without heading: geonameid, name,
asciiname, alternatenames (comma separated), latitude, longitude, feature class, feature code, country code, cc2, admin1
code, admin2 code, admin3 code, admin4 code, population, elevation, dem, timezone, modification date. Optionally
`alternateNamesV2.txt` (or a country's own): alternateNameId, geonameid, language, name, preferred, short, colloquial,
historic, from, to.

OCHA COD-AB: CSV with a heading, one row for each smallest unit, its columns named in one of OCHA's ways:
`admin1Name_en, admin1Name_ar, admin1Pcode, …`, `ADM1_EN, ADM1_AR, ADM1_PCODE, …` or `adm1_name, adm1_name_ar,
adm1_pcode`, levels 0 to 4 (level 4 is a settlement), coordinates in any column of `LATITUDES` and `LONGITUDES` or none.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.classify.places.draft import Draft, save, variants
from agents.classify.places.gazetteer import Gazetteer, Kind
from agents.classify.places.sources import GEONAMES, OCHA, SOURCES, plain, preferred, usable
from schemas.errors import Misconfigured

Progress = Callable[[int, int], None]
"""Told every `EVERY` rows, and at the end: rows read so far, places kept so far."""
EVERY = 10_000
LONGEST_LINE = 100_000
"""Characters; a longer one is no line of such a file."""
LONGEST_NAME = 250
"""Characters; a longer one is a note, no name."""

LATITUDES = ("latitude", "lat", "center_lat", "latitude_y", "y_coord", "y", "point_y")
LONGITUDES = ("longitude", "lon", "long", "center_lon", "longitude_x", "x_coord", "x", "point_x")
LANGUAGES = frozenset({"ar", "en", "fa", "ckb", "ku", "tr", "fr"})

_FEATURES = {
    "PPLX": Kind.NEIGHBOURHOOD,
    "CMPRF": Kind.CAMP,
    "CMP": Kind.CAMP,
    "PRN": Kind.SITE,
    "AIRB": Kind.SITE,
    "AIRP": Kind.SITE,
    "AIRF": Kind.SITE,
    "DAM": Kind.SITE,
    "HSP": Kind.SITE,
    "MILB": Kind.SITE,
    "INSM": Kind.SITE,
    "PSN": Kind.SITE,
    "MT": Kind.AREA,
    "MTS": Kind.AREA,
    "DSRT": Kind.AREA,
    "PLN": Kind.AREA,
    "VAL": Kind.AREA,
    "LK": Kind.AREA,
    "RSV": Kind.AREA,
    "RGN": Kind.REGION,
    "ADM1": Kind.GOVERNORATE,
    "ADM2": Kind.DISTRICT,
    "ADM3": Kind.SUBDISTRICT,
}
_GONE = frozenset({"PPLH", "PPLQ", "PPLW", "PPLCH"})
"""Settlements that are no more."""
_COD_COLUMN = re.compile(
    r"(?:adm|admin)_?(?P<level>[0-4])_?(?P<alt>alt\w*?)?_?(?:name)?_?(?P<tail>pcode|ref\w*|[a-z]{2,3}\d?)?$"
)
_COD_KINDS = {1: Kind.GOVERNORATE, 2: Kind.DISTRICT, 3: Kind.SUBDISTRICT, 4: Kind.VILLAGE}


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        path: the gazetteer file written.
        rows: rows read.
        places: places kept.
        skipped: rows that could not be read (broken numbers, too few columns).
    """

    path: Path
    rows: int
    places: int
    skipped: int


def import_geonames(
    dump: Path,
    output: Path,
    *,
    alternate_names: Path | None = None,
    countries: frozenset[str] | None = None,
    known: Gazetteer | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Read a GeoNames dump into a gazetteer file.

    Args:
        dump: `SY.txt` or `allCountries.txt`.
        output: the file to write; it appears whole or not at all.
        alternate_names: names with their language; without it the dump's own list of alternate names is used.
        countries: keep only these (ISO 3166-1 alpha-2); all without it.
        known: whose names for governorates to use (the built-in gazetteer without it).
        progress: told of the rows read.

    Raises:
        Misconfigured: a file cannot be read, or no line of it is a GeoNames line.
    """
    reading = _GeoNames(countries, progress)
    for line in _lines(dump):
        reading.take(line)
    if alternate_names is not None:
        for line in _lines(alternate_names):
            reading.name(line)
    return _finish(reading.places(), output, dump, reading.rows, reading.skipped, GEONAMES, known, progress)


def import_cod(
    table: Path, output: Path, *, country: str, known: Gazetteer | None = None, progress: Progress | None = None
) -> Imported:
    """Read one of OCHA's COD-AB lists of names and p-codes (CSV) into a gazetteer file.

    Args:
        table: the CSV file.
        output: the file to write; it appears whole or not at all.
        country: ISO 3166-1 alpha-2 code of the country that the list is of.
        known: whose names for governorates to use (the built-in gazetteer without it).
        progress: told of the rows read.

    Raises:
        Misconfigured: the file cannot be read, or its heading names no unit that this reader knows.
    """
    units: dict[tuple[int, str], Draft] = {}
    rows = skipped = 0
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = _cod_columns(reader.fieldnames or [])
            if not columns:
                raise Misconfigured(
                    f"{table} has no column like admin1Name_en, ADM1_EN or adm1_name; is it a COD-AB list of names?"
                )
            for row in reader:
                rows += 1
                skipped += not _cod_row(row, columns, country, units)
                if progress and rows % EVERY == 0:
                    progress(rows, len(units))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(f"{table} cannot be read as CSV ({error})") from error
    return _finish(list(units.values()), output, table, rows, skipped, OCHA, known, progress)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf8") as lines:
            yield from lines
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"{path} cannot be read as UTF-8 text ({error}); unpack it first if it is a .zip"
        ) from error


class _GeoNames:
    """A dump being read."""

    def __init__(self, countries: frozenset[str] | None, progress: Progress | None) -> None:
        self.rows = self.skipped = 0
        self._countries = countries
        self._progress = progress
        self._kept: dict[int, tuple[Draft, tuple[str, ...]]] = {}
        self._units: dict[tuple[str, ...], Draft] = {}

    def take(self, line: str) -> None:
        """Read one line of the dump."""
        self.rows += 1
        if self._progress and self.rows % EVERY == 0:
            self._progress(self.rows, len(self._kept))
        cells = line.rstrip("\n").split("\t")
        try:
            number, latitude, longitude, population = (
                int(cells[0]),
                float(cells[4]),
                float(cells[5]),
                int(cells[14] or 0),
            )
            country, code = cells[8], cells[7]
        except (IndexError, ValueError):
            self.skipped += 1
            return
        if not _on_earth(latitude, longitude) or not 0 <= population < 2**32 or len(line) > LONGEST_LINE:
            self.skipped += 1
            return
        kind = _FEATURES.get(code) or (_settlement(population) if cells[6] == "P" and code not in _GONE else None)
        if (
            kind is None
            or not re.fullmatch("[A-Z]{2}", country)
            or (self._countries and country not in self._countries)
        ):
            return
        names = {name for name in cells[3].split(",") if 0 < len(name) <= LONGEST_NAME and usable(name)}
        draft = Draft(
            kind,
            country,
            GEONAMES,
            preferred([name for name in sorted(names) if name > "\u05ff"]),
            plain(cells[1][:LONGEST_NAME]),
            latitude,
            longitude,
            population=population,
            aliases=names | {cells[2]},
        )
        codes = (country, *cells[10:13])
        self._kept[number] = (draft, codes)
        level = {Kind.GOVERNORATE: 1, Kind.DISTRICT: 2, Kind.SUBDISTRICT: 3}.get(kind)
        if level is not None and code.startswith("ADM"):
            self._units[codes[: level + 1]] = draft

    def name(self, line: str) -> None:
        """Read one line of the alternate names: preferred Arabic and English ones are shown, historic ones left out."""
        cells = line.rstrip("\n").split("\t")
        if len(cells) < 4 or cells[2] not in LANGUAGES or not cells[1].isdecimal() or int(cells[1]) not in self._kept:
            return
        flags = [*cells[4:8], "", "", "", ""]
        draft = self._kept[int(cells[1])][0]
        if flags[3] == "1":
            draft.aliases.discard(cells[3])
            return
        draft.aliases.add(cells[3])
        if cells[2] == "ar" and (flags[0] == "1" or not draft.name_ar):
            draft.name_ar = cells[3]
        elif cells[2] == "en" and flags[0] == "1":
            draft.name_en = cells[3]

    def places(self) -> list[Draft]:
        """Return the places, each with the units that its codes name."""
        for draft, codes in self._kept.values():
            one, two, three = (self._units.get(codes[: level + 1]) if codes[level] else None for level in (1, 2, 3))
            draft.admin = tuple(unit if unit is not draft else None for unit in (one, two, three))  # type: ignore[assignment]
        return [draft for draft, _ in self._kept.values()]


def _on_earth(latitude: float, longitude: float) -> bool:
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _settlement(population: int) -> Kind:
    return Kind.CITY if population >= 50_000 else Kind.TOWN if population >= 10_000 else Kind.VILLAGE


def _cod_columns(heading: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return what each column says: its level, and `pcode`, `latin`, `local`, `alias`, or `lat` and `lon` (level 9)."""
    columns: dict[str, tuple[int, str]] = {}
    for column in heading:
        plain = column.strip().lower()
        match = _COD_COLUMN.match(plain)
        if plain in LATITUDES or plain in LONGITUDES:
            columns[column] = (9, "lat" if plain in LATITUDES else "lon")
        elif match:
            tail = match["tail"] or "en"
            if match["alt"] or tail.startswith("ref"):
                part = "alias"
            elif tail == "pcode":
                part = "pcode"
            else:
                part = "latin" if tail in {"en", "fr"} else "local"
            columns[column] = (int(match["level"]), part)
    return columns if any(level < 9 for level, _ in columns.values()) else {}


def _cod_row(
    row: Mapping[str, str | None],
    columns: dict[str, tuple[int, str]],
    country: str,
    units: dict[tuple[int, str], Draft],
) -> bool:
    """Add the units of one row that are not known yet; False for a row without any."""
    cells: dict[tuple[int, str], list[str]] = {}
    for column, place in columns.items():
        value = (row.get(column) or "").strip(" \u200e\u200f")
        if value and value != "NA" and len(value) <= LONGEST_NAME:
            cells.setdefault(place, []).append(value)
    above: list[Draft | None] = [None, None, None]
    levels = [level for level in _COD_KINDS if (level, "latin") in cells or (level, "local") in cells]
    for level in levels:
        code = cells.get((level, "pcode"), [""])[0]
        latin, local = cells.get((level, "latin"), [""])[0], cells.get((level, "local"), [""])[0]
        key = (level, code or f"{local}|{latin}|{[id(unit) for unit in above]}")
        if key not in units:
            one, two, three = above
            units[key] = Draft(
                _COD_KINDS[level], country, OCHA, local, latin, pcode=code, admin=(one, two, three),
                aliases=set(cells.get((level, "alias"), [])),
            )  # fmt: skip
        if level < 4:
            above[level - 1] = units[key]
        if level == levels[-1]:
            _put(units[key], cells)
    return bool(levels)


def _put(unit: Draft, cells: Mapping[tuple[int, str], list[str]]) -> None:
    try:
        latitude, longitude = float(cells[9, "lat"][0]), float(cells[9, "lon"][0])
    except (KeyError, ValueError):
        return
    if -90 <= latitude <= 90 and -180 <= longitude <= 180:
        unit.lat, unit.lon = latitude, longitude


def _finish(
    drafts: list[Draft],
    output: Path,
    read: Path,
    rows: int,
    skipped: int,
    source: int,
    known: Gazetteer | None,
    progress: Progress | None,
) -> Imported:
    if not drafts:
        raise Misconfigured(
            f"no place could be read from {read} ({rows} rows, {skipped} broken); is it the right file?"
        )
    gazetteer = known or Gazetteer.default()
    for unit in drafts:
        if unit.kind is Kind.GOVERNORATE:
            unit.name_en = _known_name(unit, gazetteer)
    credit = (
        "GeoNames (geonames.org), CC BY 4.0" if source == GEONAMES else "OCHA / Humanitarian Data Exchange (COD-AB)"
    )
    save(output, drafts, SOURCES, [credit])
    if progress:
        progress(rows, len(drafts))
    return Imported(output, rows, len(drafts), skipped)


def _known_name(unit: Draft, gazetteer: Gazetteer) -> str:
    """Return the name under which the gazetteer already knows a governorate, or the unit's own."""
    for name in sorted(unit.spellings):
        for key, _ in variants(name):
            for entry in gazetteer.find(key):
                if entry.kind is Kind.GOVERNORATE and entry.country == unit.country:
                    return entry.name_en
    return unit.name_en
