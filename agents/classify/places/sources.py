"""Readers of the open lists that the built-in gazetteer is made from: each yields drafts, none decides between them."""

import csv
import gzip
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean

from agents.classify.places import fold
from agents.classify.places.draft import SITE_WORDS, TYPE_WORDS, Draft, nearest, variants
from agents.classify.places.gazetteer import RADIUS_M, Kind, km

OCHA, GEONAMES, INCIDENTS, MARQAB = range(4)
SOURCES = ["OCHA/HDX", "GeoNames", "Airwars", "marqab"]
ATTRIBUTION = [
    "Administrative units, names and p-codes: OCHA / Humanitarian Data Exchange (COD-AB), CC BY-IGO",
    "Settlements: GeoNames (geonames.org), CC BY 4.0",
    "Places of incidents in Syria: Airwars (airwars.org)",
]
_ARABIC = re.compile("[\u0620-\u064a]")
_OTHER_SCRIPT = re.compile("[\u0370-\u05ff\u0900-\uffff]")

AIRWARS_KIND = {
    "village": Kind.VILLAGE,
    "town": Kind.TOWN,
    "city": Kind.TOWN,
    "neighbourhood_area": Kind.NEIGHBOURHOOD,
    "subdistrict": Kind.TOWN,
    "district": Kind.DISTRICT,
    "province_governorate": Kind.GOVERNORATE,
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [
            {name: "" if value == "NA" else (value or "") for name, value in row.items()}
            for row in csv.DictReader(lines)
        ]


def countries(path: Path) -> Iterator[Draft]:
    """Read the project's own list of countries: code, Arabic, English, centre, other names."""
    for line in path.read_text(encoding="utf8").splitlines():
        code, arabic, english, lat, lon, *others = line.split("\t")
        aliases = set(others[0].split("|")) if others else set()
        yield Draft(
            Kind.COUNTRY,
            code,
            MARQAB,
            arabic,
            english,
            float(lat),
            float(lon),
            RADIUS_M[Kind.COUNTRY],
            aliases=aliases - {""},
        )


def regions(path: Path) -> Iterator[Draft]:
    """Read the project's own list of regions that are no administrative units: names, middle, reach in metres."""
    for line in path.read_text(encoding="utf8").splitlines():
        code, arabic, english, lat, lon, radius, others = line.split("\t")
        aliases = set(others.split("|")) - {""}
        yield Draft(Kind.REGION, code, MARQAB, arabic, english, float(lat), float(lon), int(radius), aliases=aliases)


def world(path: Path) -> Iterator[Draft]:
    """Read cities outside the region (GeoNames): large ones everywhere, smaller ones where there is conflict."""
    with gzip.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            code, english, arabic, others, lat, lon, population = line.rstrip("\n").split("\t")
            size = int(population)
            yield Draft(
                Kind.CITY if size >= 50_000 else Kind.TOWN, code, GEONAMES, arabic, english, float(lat), float(lon),
                population=size, aliases=set(others.split("|")) - {""}, far=True,
            )  # fmt: skip


def ocha_syria(folder: Path) -> Iterator[Draft]:
    """Read OCHA's three levels of Syria with their centres, and the neighbourhoods of its cities (at its unit)."""
    units: dict[str, Draft] = {}
    for level, kind in ((1, Kind.GOVERNORATE), (2, Kind.DISTRICT), (3, Kind.SUBDISTRICT)):
        for row in _rows(folder / f"syr_adm{level}.csv"):
            one, two = units.get(row["adm1_pcode"]), units.get(row.get("adm2_pcode", ""))
            code = row[f"adm{level}_pcode"]
            units[code] = Draft(
                kind, "SY", OCHA, row[f"adm{level}_name_ar"], row[f"adm{level}_name"],
                float(row["center_lat"]), float(row["center_lon"]), pcode=code,
                admin=(one if level > 1 else None, two if level > 2 else None, None),
            )  # fmt: skip
            yield units[code]
    for row in _rows(folder / "syr_neighborhoods.csv"):
        unit = units.get(row["adm3_pcode"])
        yield Draft(
            Kind.NEIGHBOURHOOD, "SY", OCHA, row["name_ar"], row["name_en"], pcode=row["pcode"],
            radius_m=RADIUS_M[Kind.CITY],
            admin=(units[row["adm1_pcode"]], unit.admin[1] if unit else None, unit),
        )  # fmt: skip


def ocha_names(path: Path, country: str) -> Iterator[Draft]:
    """Read one of OCHA's lists of names and p-codes without coordinates (up to three levels, any local language)."""
    units: dict[tuple[int, str], Draft] = {}
    kinds = {1: Kind.GOVERNORATE, 2: Kind.DISTRICT, 3: Kind.SUBDISTRICT}
    for row in _rows(path):
        above: list[Draft | None] = [None, None, None]
        for level, kind in kinds.items():
            code = row.get(f"admin{level}Pcode", "")
            if not code:
                break
            local = next((row[k] for k in row if re.fullmatch(f"admin{level}Name_(ar|fa|da)", k)), "").strip("\u200e ")
            latin = row.get(f"admin{level}Name_en") or row.get(f"admin{level}Name") or ""
            others = {row[k] for k in row if k.startswith(f"admin{level}AltName")} - {""}
            if (level, code) not in units:
                units[level, code] = Draft(
                    kind,
                    country,
                    OCHA,
                    local,
                    latin.strip(),
                    pcode=code,
                    admin=(above[0], above[1], None),
                    aliases=others,
                )
                yield units[level, code]
            above[level - 1] = units[level, code]


def geonames(path: Path) -> Iterator[tuple[Draft, str]]:
    """Read GeoNames settlements as JSON objects, each with GeoNames' own code of its first administrative level."""
    for place in json.loads(path.read_text(encoding="utf8")):
        population = int(place["population"])
        kind = Kind.CITY if population >= 50_000 else Kind.TOWN if population >= 10_000 else Kind.VILLAGE
        others = {name for name in place["alternatenames"] if usable(name)}
        arabic = [name for name in sorted(others) if _ARABIC.search(name)]
        yield (
            Draft(
                kind, place["countrycode"], GEONAMES, preferred(arabic), plain(place["name"]),
                place["latitude"], place["longitude"],
                population=population, aliases=others,
            ),
            place["admin1code"],
        )  # fmt: skip


def plain(name: str) -> str:
    """Write a Latin name without diacritics and signs for ayn and hamza (`Al Buşayrah`: Al Busayrah)."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub("[\u2018\u2019\u02bb\u02bc\u02be\u02bf`]", "", letters).replace("ı", "i")


def usable(name: str) -> bool:
    """Keep names in Arabic or Latin script; drop letter-by-letter transcriptions without vowels ("ftst althyb")."""
    if _OTHER_SCRIPT.search(name) or len(name) < 3:
        return False
    latin = [word for word in fold.key(name).split(" ") if word.isascii()]
    return all(re.search("[aeiouy]", word) for word in latin if len(word) > 2)


def preferred(names: list[str]) -> str:
    """Choose the display name: plain Arabic letters before Persian or Kurdish ones, then the shorter."""
    return min(names, key=lambda n: (bool(re.search("[پچژگکیەێۆڵڕ]", n)), len(n), n), default="")


def incidents(path: Path) -> Iterator[Draft]:
    """Read the places of incidents in Syria that Airwars located; rows for one name close together become one place."""
    for row in _rows(path):
        kind = AIRWARS_KIND.get(row["accuracy"], Kind.SITE)
        arabic = re.split("[,،(]", row["name_ar"])[0].strip(" ,،’'")
        english = row["name_en"].split(",")[0].strip()
        english = "" if re.search("[:&(]| - ", english) else english
        lat, lon = float(row["lat"]), float(row["lon"])
        if not (32 < lat < 38 and 35 < lon < 43):  # a few rows lost their decimal point
            continue
        if re.search(r"^ريف |\d ?km|^M\d|بين |جنوب |شمال |غرب |شرق |قرب | و |بالقرب", arabic) or kind <= Kind.DISTRICT:
            continue
        words = arabic.split(" ")
        if words[0] in {"قرية", "بلدة"}:
            kind = Kind.VILLAGE if words[0] == "قرية" else Kind.TOWN
        elif words[0] == "مخيم":
            kind = Kind.CAMP
        elif words[0] in {"جبل", "وادي", "سهل", "بادية", "نهر", "صحراء"}:
            kind = Kind.AREA
        elif kind is Kind.SITE and fold.key(words[0]) not in SITE_WORDS:
            kind = Kind.VILLAGE
        typed = fold.key(words[0]) in TYPE_WORDS and len(words) > 1 and kind is not Kind.CAMP
        yield Draft(
            kind, "SY", INCIDENTS, " ".join(words[1:]) if typed else arabic,
            re.sub(r"(?i)\b(village|town|city|neighbou?rhood)\b", "", english).strip(), lat, lon,
        )  # fmt: skip


def locate(drafts: list[Draft], coded: list[tuple[Draft, str]]) -> None:
    """Give settlements their administrative units, and units without coordinates those of their settlements.

    GeoNames' codes of the first level are matched with OCHA's units by the names that both lists share: the
    code's unit is the one that most of its settlements are named after, or lie in.
    """
    by_country: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_country[draft.country].append(draft)
    votes: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    units: dict[int, Draft] = {}
    names: dict[tuple[str, str], set[int]] = defaultdict(set)
    for draft in drafts:
        if draft.kind in {Kind.GOVERNORATE, Kind.DISTRICT, Kind.SUBDISTRICT}:
            one = draft.admin[0] or draft
            units[id(one)] = one
            for name in draft.spellings:
                for key, _ in variants(name):
                    names[draft.country, key].add(id(one))
    for place, code in coded:
        matches = set().union(*(names[place.country, key] for name in place.spellings for key, _ in variants(name)))
        if len(matches) == 1:
            votes[place.country, code][matches.pop()] += 1
    units_of = {key: units[count.most_common(1)[0][0]] for key, count in votes.items()}
    for place, code in coded:
        unit = units_of.get((place.country, code))
        if unit is not None and place.admin[0] is None:
            place.admin = (unit, None, None)
    for group in by_country.values():
        _fill_centres(group)


def _fill_centres(group: list[Draft]) -> None:
    """Locate units: at the settlement of that name inside the same unit, else at the middle of what lies inside."""
    settled: dict[str, list[Draft]] = defaultdict(list)
    for draft in group:
        if draft.kind >= Kind.CITY and draft.lat is not None:
            for name in draft.spellings:
                for key, _ in variants(name):
                    settled[key].append(draft)
    for level in (Kind.SUBDISTRICT, Kind.DISTRICT, Kind.GOVERNORATE):
        for unit in (draft for draft in group if draft.kind is level and draft.lat is None):
            seats = {id(s): s for name in unit.spellings for key, _ in variants(name) for s in settled[key]}
            home = unit if level is Kind.GOVERNORATE else unit.admin[0]
            seat = max((s for s in seats.values() if s.admin[0] is home), key=lambda s: s.population, default=None)
            inside = [d for d in group if unit in d.admin and d.lat is not None and d.lon is not None]
            if seat is not None:
                unit.lat, unit.lon = seat.lat, seat.lon
            elif inside:
                unit.lat, unit.lon = fmean(d.lat or 0 for d in inside), fmean(d.lon or 0 for d in inside)


def inside_units(drafts: list[Draft], country: str) -> None:
    """Put settlements of one country into the nearest subdistrict (its district, its governorate) of that country."""
    smallest = [d for d in drafts if d.country == country and d.kind is Kind.SUBDISTRICT and d.lat is not None]
    for draft in drafts:
        if draft.country != country or draft.kind < Kind.CITY or draft.lat is None or draft.lon is None:
            continue
        known = draft.admin[0]
        unit = nearest(draft.lat, draft.lon, [u for u in smallest if known is None or u.admin[0] is known] or smallest)
        if unit is not None:
            draft.admin = (known or unit.admin[0], unit.admin[1], unit)


SEAT_WITHIN_KM = {Kind.SUBDISTRICT: 30.0, Kind.DISTRICT: 60.0, Kind.GOVERNORATE: 120.0}
"""How far a unit's seat may lie from the middle of the unit."""


def seats(drafts: list[Draft]) -> None:
    """Put every unit at the town that it is named after, and make that town at least a town.

    A unit's middle lies in empty land as often as not; what is told of a unit mostly happened in or near its seat,
    which is also where ACLED codes it.
    """
    towns: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.kind in {Kind.CITY, Kind.TOWN, Kind.VILLAGE} and draft.lat is not None:
            for key in _plain_keys(draft):
                towns[draft.country, key].append(draft)
    for kind in (Kind.SUBDISTRICT, Kind.DISTRICT, Kind.GOVERNORATE):
        for unit in (draft for draft in drafts if draft.kind is kind and draft.lat is not None):
            named = {id(town): town for key in _plain_keys(unit) for town in towns[unit.country, key]}
            near = [town for town in named.values() if _far(unit, town) <= SEAT_WITHIN_KM[kind]]
            if near:
                _seat(unit, max(near, key=lambda town: (town.population, -_far(unit, town))))


def _seat(unit: Draft, town: Draft) -> None:
    town.kind = min(town.kind, Kind.TOWN if unit.kind is Kind.SUBDISTRICT else Kind.CITY)
    town.name_ar, town.name_en = _bare(unit.name_ar) or town.name_ar, unit.name_en or town.name_en
    town.aliases |= unit.spellings
    if unit.kind is Kind.GOVERNORATE:
        unit.aliases |= town.spellings  # "Idlib province" where the unit's list writes Idleb
    one, two, _ = unit.admin
    if unit.kind is Kind.SUBDISTRICT:
        town.admin = (one, two, unit)
    unit.lat, unit.lon = town.lat, town.lon


def _far(a: Draft, b: Draft) -> float:
    return km(a.lat or 0.0, a.lon or 0.0, b.lat or 0.0, b.lon or 0.0)


def _plain_keys(draft: Draft) -> set[str]:
    return {key for name in draft.spellings for key, weak in variants(name) if not weak}


def _bare(name: str) -> str:
    """Drop OCHA's word for a central subdistrict: `مركز الرقة` (Raqqa Centre)."""
    return name.removeprefix("مركز ").strip()


def at_their_city(drafts: list[Draft]) -> None:
    """Locate neighbourhoods without coordinates at their city: the largest settlement of their unit."""
    cities: dict[int, Draft] = {}
    for draft in drafts:
        if draft.kind in {Kind.CITY, Kind.TOWN} and draft.lat is not None and draft.admin[2] is not None:
            best = cities.get(id(draft.admin[2]))
            if best is None or draft.population > best.population:
                cities[id(draft.admin[2])] = draft
    for draft in drafts:
        if draft.kind is Kind.NEIGHBOURHOOD and draft.lat is None and (unit := draft.admin[2]) is not None:
            city = cities.get(id(unit), unit)
            draft.lat, draft.lon = city.lat, city.lon


Progress = Callable[[str, int], None]
"""Told what is being read and how many rows so far."""
