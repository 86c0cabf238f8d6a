"""The built-in gazetteer: what every reader may rely on."""

import pytest

from agents.classify.places import build, draft, sources
from agents.classify.places.fold import key
from agents.classify.places.gazetteer import BUILT_IN, Gazetteer, Kind, km
from tests.paths import SHARED, needs_shared


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.default()


@pytest.mark.parametrize(
    ("name", "kind", "country", "lat", "lon"),
    [
        ("الرقة", Kind.CITY, "SY", 35.95, 39.01),
        ("دير الزور", Kind.CITY, "SY", 35.34, 40.14),
        ("ديرالزور", Kind.CITY, "SY", 35.34, 40.14),
        ("Deir Ezzor", Kind.CITY, "SY", 35.34, 40.14),
        ("Deir-ez-Zor", Kind.CITY, "SY", 35.34, 40.14),
        ("الموصل", Kind.CITY, "IQ", 36.34, 43.12),
        ("Idlib", Kind.GOVERNORATE, "SY", 35.93, 36.63),
        ("اعزاز", Kind.CITY, "SY", 36.59, 37.05),
        ("صنعاء", Kind.CITY, "YE", 15.35, 44.21),
        ("كابل", Kind.CITY, "AF", 34.53, 69.17),
        ("Quetta", Kind.CITY, "PK", 30.18, 67.0),
    ],
)
def test_places_that_the_news_names_are_there(gazetteer, name, kind, country, lat, lon):
    found = [e for e in gazetteer.find(key(name)) if e.kind is kind and e.country == country]
    assert found
    assert min(km(e.lat, e.lon, lat, lon) for e in found) < 15


def test_a_governorate_stands_at_its_capital(gazetteer):
    unit = next(e for e in gazetteer.find(key("الرقة")) if e.kind is Kind.GOVERNORATE)
    assert (unit.pcode, unit.name_en) == ("SY11", "Ar-Raqqa")
    assert km(unit.lat, unit.lon, 35.95, 39.01) < 5


def test_a_settlement_knows_its_units(gazetteer):
    town = next(e for e in gazetteer.find(key("بنش")) if e.kind in {Kind.TOWN, Kind.CITY})
    assert (town.country, town.admin1, town.admin2) == ("SY", "Idleb", "Idleb")


@pytest.mark.parametrize("name", ["الباب", "السلام", "الثورة", "has", "can"])
def test_ordinary_words_are_marked(gazetteer, name):
    assert all(entry.common for entry in gazetteer.find(key(name)))


@pytest.mark.parametrize("name", ["حلب", "بغداد", "كوباني", "Aleppo", "Mosul"])
def test_unmistakable_names_are_not(gazetteer, name):
    assert any(not entry.common for entry in gazetteer.find(key(name)))


@pytest.mark.parametrize("word", ["مدينة", "قرية", "city", "village"])
def test_type_words_are_no_names(gazetteer, word):
    assert gazetteer.find(key(word)) == ()


def test_the_licences_names_are_given(gazetteer):
    told = " ".join(gazetteer.attribution)
    assert all(name in told for name in ("OCHA", "GeoNames", "CC BY 4.0", "Airwars"))
    assert (BUILT_IN.parent / "ATTRIBUTION.txt").read_text(encoding="utf8").count("CC BY") >= 2


def test_it_is_small():
    assert BUILT_IN.stat().st_size < 8_000_000


@needs_shared
def test_the_command_makes_the_shipped_file(tmp_path):
    drafts = build.gather(SHARED / "data" / "geo")
    draft.save(tmp_path / "again.gaz", drafts, sources.SOURCES, sources.ATTRIBUTION)
    assert (tmp_path / "again.gaz").read_bytes() == BUILT_IN.read_bytes()
