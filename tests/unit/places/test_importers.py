"""Importing GeoNames dumps and OCHA p-code lists (samples written for the tests; the villages are invented)."""

import pytest

from agents.classify.places import Gazetteer, find_places, main_place
from agents.classify.places.fold import key
from agents.classify.places.gazetteer import BUILT_IN, Kind
from agents.classify.places.importers import import_cod, import_geonames
from schemas.errors import Misconfigured
from tests.unit.places.reports import a_report


def geonames_line(
    number, name, others, lat, lon, code="PPL", population=0, country="SY", admin1="12", admin2="", cls="P"
):
    cells = [
        number, name, name, others, lat, lon, cls, code, country, "", admin1, admin2, "", "", population, "", 350,
        "Asia/Damascus", "2024-01-01",
    ]  # fmt: skip
    return "\t".join(map(str, cells)) + "\n"


@pytest.fixture
def dump(tmp_path):
    path = tmp_path / "SY.txt"
    path.write_text(
        geonames_line(1, "Muhafazat Idlib", "Idlib Governorate,محافظة إدلب", 35.8, 36.6, "ADM1", cls="A")
        + geonames_line(2, "Tall Samsam", "تل سمسم,Tell Simsim,Тель", 35.71, 36.42, population=900)
        + geonames_line(3, "Kharab Samsam", "خراب سمسم", 35.72, 36.43, "PPLQ")
        + geonames_line(4, "Sijn Samsam", "سجن سمسم", 35.73, 36.44, "PRN", cls="S")
        + geonames_line(5, "Beyond", "ما وراء", 33.0, 44.0, country="IQ", admin1="07")
        + "broken line\n",
        encoding="utf8",
    )
    return path


def test_a_geonames_dump_becomes_a_gazetteer_beside_the_built_in_one(tmp_path, dump):
    told = []
    done = import_geonames(dump, tmp_path / "own" / "SY.gaz", progress=lambda rows, places: told.append((rows, places)))
    assert (done.rows, done.places, done.skipped) == (6, 4, 1)
    assert told[-1] == (6, 4)
    gazetteer = Gazetteer.default(tmp_path / "own")
    (village,) = gazetteer.find(key("تل سمسم"))
    assert (village.kind, village.country, village.admin1) == (
        Kind.VILLAGE,
        "SY",
        "Idleb",
    )  # the built-in name of Idlib
    assert gazetteer.find(key("خراب سمسم")) == ()
    report = a_report(
        "قصف مدفعي استهدف قرية تل سمسم بريف إدلب"
    )  # shelling hit the village of Tall Samsam, Idlib countryside
    place = main_place(find_places(report, gazetteer), report)
    assert place is not None
    assert (place.lat, place.lon, place.admin1) == (35.71, 36.42, "Idleb")


def test_only_the_countries_asked_for_are_kept(tmp_path, dump):
    import_geonames(dump, tmp_path / "IQ.gaz", countries=frozenset({"IQ"}))
    gazetteer = Gazetteer(tmp_path / "IQ.gaz")
    assert gazetteer.places == 1


def test_alternate_names_come_with_their_language(tmp_path, dump):
    names = tmp_path / "alternateNamesV2.txt"
    names.write_text(
        "10\t2\tar\tتل السماسم\t1\t\t\t\n11\t2\ten\tSamsam Hill\t1\n12\t2\tar\tتل قديم\t\t\t\t1\n"
        "13\t2\twkdt\tQ1\n14\t99\tar\tلا\n",
        encoding="utf8",
    )
    import_geonames(dump, tmp_path / "SY.gaz", alternate_names=names)
    gazetteer = Gazetteer(tmp_path / "SY.gaz")
    (village,) = gazetteer.find(key("تل السماسم"))
    assert (village.name_ar, village.name_en) == ("تل السماسم", "Samsam Hill")
    assert gazetteer.find(key("تل قديم")) == ()
    assert gazetteer.find(key("samsam hill"))


def test_a_place_that_both_files_know_is_told_once(tmp_path):
    dump = tmp_path / "SY.txt"
    dump.write_text(geonames_line(7, "Binnish", "بنش", 35.9566, 36.7138, population=30354), encoding="utf8")
    import_geonames(dump, tmp_path / "SY.gaz")
    both = Gazetteer(BUILT_IN, tmp_path / "SY.gaz").find(key("بنش"))
    assert both == Gazetteer(BUILT_IN).find(key("بنش"))


@pytest.mark.parametrize(
    "heading",
    [
        "admin1Name_en,admin1Name_ar,admin1Pcode,admin4Name_en,admin4Name_ar,admin4Pcode,Lat,Lon",
        "ADM1_EN,ADM1_AR,ADM1_PCODE,ADM4_EN,ADM4_AR,ADM4_PCODE,LATITUDE_Y,LONGITUDE_X",
        "adm1_name,adm1_name_ar,adm1_pcode,adm4_name,adm4_name_ar,adm4_pcode,center_lat,center_lon",
    ],
)
def test_ochas_lists_are_read_under_each_of_their_headings(tmp_path, heading):
    table = tmp_path / "pcodes.csv"
    rows = ["Idleb,إدلب,SY07,Tal Samsam,تل سمسم,C9999,35.71,36.42", "Idleb,إدلب,SY07,Um Samsam,أم سمسم,C9998,,"]
    table.write_text("\ufeff" + "\n".join([heading, *rows]) + "\n", encoding="utf8")
    done = import_cod(table, tmp_path / "SY.gaz", country="SY")
    assert (done.rows, done.places) == (2, 3)
    gazetteer = Gazetteer(tmp_path / "SY.gaz")
    (village,) = gazetteer.find(key("تل سمسم"))
    assert (village.pcode, village.admin1, village.lat, village.kind) == ("C9999", "Idleb", 35.71, Kind.VILLAGE)
    (other,) = gazetteer.find(key("Um Samsam"))
    assert other.lat is None


def test_the_wrong_file_is_refused_with_a_sentence(tmp_path):
    wrong = tmp_path / "notes.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf8")
    with pytest.raises(Misconfigured, match="COD-AB"):
        import_cod(wrong, tmp_path / "x.gaz", country="SY")
    with pytest.raises(Misconfigured, match="no place could be read"):
        import_geonames(wrong, tmp_path / "x.gaz")
    (tmp_path / "SY.zip").write_bytes(b"PK\3\4\xff\xfe\x00")
    with pytest.raises(Misconfigured, match="unpack"):
        import_geonames(tmp_path / "SY.zip", tmp_path / "x.gaz")
    assert not (tmp_path / "x.gaz").exists()
