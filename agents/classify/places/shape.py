"""From a decided mention to the record: names, units, coordinates and the field's three codes of precision."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from agents.classify.places.draft import NAMES
from agents.classify.places.gazetteer import RADIUS_M, Entry, Kind, km
from agents.classify.places.latin import quarter as name_quarter
from agents.classify.places.latin import romanize
from agents.classify.places.resolve import Resolved
from schemas.kinds import Accuracy, PlaceRole
from schemas.records import Place, Report

CODES = {
    Kind.COUNTRY: (Accuracy.COUNTRY, 3, 6),
    Kind.REGION: (Accuracy.REGION, 3, 5),
    Kind.GOVERNORATE: (Accuracy.GOVERNORATE, 3, 4),
    Kind.DISTRICT: (Accuracy.DISTRICT, 2, 3),
    Kind.SUBDISTRICT: (Accuracy.SUBDISTRICT, 2, 3),
    Kind.CITY: (Accuracy.CITY, 1, 1),
    Kind.TOWN: (Accuracy.TOWN, 1, 1),
    Kind.VILLAGE: (Accuracy.VILLAGE, 1, 1),
    Kind.NEIGHBOURHOOD: (Accuracy.NEIGHBOURHOOD, 1, 1),
    Kind.CAMP: (Accuracy.NEARBY_LANDMARK, 1, 1),
    Kind.SITE: (Accuracy.EXACT, 1, 1),
    Kind.AREA: (Accuracy.NEAR, 2, 2),
}
"""Kind of place to Airwars' accuracy, ACLED's geo_precision and UCDP's where_prec (their code books)."""
NEAR = (Accuracy.NEAR, 2, 2)
NOWHERE = (Accuracy.REGION, 3, 7)
"""A name alone: not even its country is known."""
NEAR_M, COUNTRYSIDE_M = 5_000, 15_000
_EXACT = {
    Accuracy.EXACT: 2.2,
    Accuracy.NEARBY_LANDMARK: 2.0,
    Accuracy.STREET: 2.0,
    Accuracy.NEIGHBOURHOOD: 2.0,
    Accuracy.VILLAGE: 2.0,
    Accuracy.TOWN: 1.8,
    Accuracy.CITY: 1.8,
    Accuracy.NEAR: 1.2,
    Accuracy.SUBDISTRICT: 1.5,
    Accuracy.DISTRICT: 1.0,
    Accuracy.GOVERNORATE: 0.0,
    Accuracy.REGION: -0.5,
    Accuracy.COUNTRY: -1.5,
}
_COARSE = frozenset({Kind.COUNTRY, Kind.REGION, Kind.GOVERNORATE})
_QUARTERS = frozenset({Kind.NEIGHBOURHOOD, Kind.SITE, Kind.CAMP})


@cache
def country_names() -> dict[str, tuple[str, str]]:
    """Return the Arabic and English name of every country, by its ISO 3166-1 alpha-2 code."""
    lines = (Path(__file__).parent / "countries.tsv").read_text(encoding="utf8").splitlines()
    return {code: (arabic, english) for code, arabic, english, *_ in (line.split("\t") for line in lines)}


def whole_country(code: str, language: str) -> Place:
    """Make the record of a country that stands in where nothing more is known."""
    arabic, english = country_names().get(code, (code, code))
    accuracy, geo_precision, where_prec = CODES[Kind.COUNTRY]
    return Place(
        name=arabic if language == "ar" else english,
        name_ar=arabic,
        name_en=english,
        country=code,
        accuracy=accuracy,
        geo_precision=geo_precision,
        where_prec=where_prec,
        radius_m=RADIUS_M[Kind.COUNTRY],
        method="source's country",
    )


class Where(NamedTuple):
    """A decided mention and the known place around it, as far as the text names one."""

    decided: Resolved
    around: Entry | None
    second: Entry | None = None
    """The other end of "between … and …"."""


def exactness(place: Place) -> float:
    """Return how much an exact place is preferred to a wide one when both could be meant."""
    if place.method == "pattern":
        return 0.8 if place.site is not None else 1.7
    if place.accuracy is Accuracy.CITY and place.admin1 in {place.name_en, None}:
        return 1.5  # the name of a governorate's capital may mean the governorate
    return (
        _EXACT[place.accuracy] if place.method != "pattern" or place.lat is not None else _EXACT[place.accuracy] - 0.3
    )


def place_of(report: Report, where: Where, role: PlaceRole) -> Place:
    """Make the record of one place."""
    return _known(report, where, where.decided.entry, role) if where.decided.entry else _unknown(report, where, role)


def _known(report: Report, where: Where, entry: Entry, role: PlaceRole) -> Place:
    mention = where.decided.mention
    loose = mention.near or mention.countryside or bool(mention.direction) or mention.between
    codes, radius = CODES[entry.kind], entry.radius_m
    site = mention.called if mention.cue in {Kind.SITE, Kind.CAMP} else None
    if entry.kind in {Kind.SITE, Kind.CAMP}:
        site = mention.name
    if loose and entry.kind not in _COARSE:
        codes, radius = NEAR, max(radius, COUNTRYSIDE_M if mention.countryside else NEAR_M)
    elif site and entry.kind not in _QUARTERS | _COARSE:
        codes = (Accuracy.NEARBY_LANDMARK, 1, 1) if entry.kind in {Kind.VILLAGE, Kind.TOWN} else CODES[entry.kind]
    lat, lon = (entry.lat, entry.lon) if entry.kind not in _COARSE else (None, None)
    second = where.second
    if second and lat is not None and lon is not None and second.lat is not None and second.lon is not None:
        radius = max(radius, round(500 * km(lat, lon, second.lat, second.lon)))
        lat, lon = (lat + second.lat) / 2, (lon + second.lon) / 2
    quarter = Kind.NEIGHBOURHOOD in {entry.kind, mention.cue}
    codes = CODES[Kind.NEIGHBOURHOOD] if quarter else codes
    english = _shown(entry.name_en) or romanize(entry.name_ar)
    english = name_quarter(_city(entry), english) if quarter else english
    return Place(
        name=site or mention.name,
        name_ar=entry.name_ar or None,
        name_en=english or None,
        role=role,
        country=entry.country or None,
        admin1=_governorate(entry)[0],
        admin1_ar=_governorate(entry)[1],
        admin2=(entry.name_en if entry.kind is Kind.DISTRICT else entry.admin2) or None,
        admin3=(entry.name_en if entry.kind is Kind.SUBDISTRICT else entry.admin3) or None,
        pcode=entry.pcode or None,
        neighbourhood=mention.name if quarter else None,
        site=site,
        lat=lat,
        lon=lon,
        radius_m=radius,
        accuracy=codes[0],
        geo_precision=codes[1],
        where_prec=codes[2],
        method="gazetteer",
        candidates=[f"{_shown(e.name_en) or e.name_ar} ({e.admin1 or e.country})" for e in where.decided.others],
        evidence=report.evidence(mention.start, mention.end, "place.gazetteer"),
    )


def _governorate(entry: Entry) -> tuple[str | None, str | None]:
    """Its name in English and Arabic; the place itself may be it."""
    itself = entry.kind is Kind.GOVERNORATE
    english, arabic = (entry.name_en, entry.name_ar) if itself else (entry.admin1, entry.admin1_ar)
    return english or None, arabic or None


_SEATS = {"Jebel Saman": "Aleppo"}
"""Subdistricts that are called otherwise than the city in them, whose quarters OCHA lists."""


def _city(entry: Entry) -> str:
    return _SEATS.get(entry.admin3) or _shown(entry.admin3 or entry.admin1)


def _shown(name: str) -> str:
    """Return what newsrooms call a place that a list names officially."""
    shown: str = NAMES["english"].get(name, name)
    return shown


def _english(name: str, kind: Kind, around: Entry | None) -> str | None:
    latin = romanize(name) if name[0] > "\u05ff" else name
    return name_quarter(_shown(around.name_en), latin) if around and kind is Kind.NEIGHBOURHOOD else latin


def _unknown(report: Report, where: Where, role: PlaceRole) -> Place:
    """Place a name known only by its pattern at the known place around it, no more exactly than that place is known."""
    mention, around = where.decided.mention, where.around
    kind = mention.cue or Kind.VILLAGE
    codes = CODES[around.kind] if around else CODES[Kind.COUNTRY] if report.source.country else NOWHERE
    radius = around.radius_m if around else None
    if around and kind in _QUARTERS and around.kind not in _COARSE:
        codes = CODES[kind] if kind is Kind.NEIGHBOURHOOD else (Accuracy.NEARBY_LANDMARK, 1, 1)
    elif around and around.kind >= Kind.CITY:
        codes, radius = NEAR, COUNTRYSIDE_M
    point = around is not None and around.kind not in _COARSE
    return Place(
        name=mention.called or mention.name,
        name_ar=mention.name if mention.name[0] > "\u05ff" else None,
        name_en=_english(mention.name, kind, around),
        role=role,
        country=(around.country or None) if around else report.source.country,
        admin1=((around.name_en if around.kind is Kind.GOVERNORATE else around.admin1) or None) if around else None,
        admin1_ar=((around.name_ar if around.kind is Kind.GOVERNORATE else around.admin1_ar) or None)
        if around
        else None,
        admin2=(around.admin2 or None) if around else None,
        admin3=(around.admin3 or None) if around else None,
        neighbourhood=mention.name if kind is Kind.NEIGHBOURHOOD else None,
        site=mention.called if kind in {Kind.SITE, Kind.CAMP} else None,
        lat=around.lat if around and point else None,
        lon=around.lon if around and point else None,
        radius_m=radius,
        accuracy=codes[0],
        geo_precision=codes[1],
        where_prec=codes[2],
        method="pattern",
        evidence=report.evidence(mention.start, mention.end, "place.pattern"),
    )
