"""`marqab gazetteer import` on a list made here, and a place that is only known from it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from marqab.__main__ import main

# geonameid, name, asciiname, alternatenames, latitude, longitude, class, code, country, cc2, admin1…4, population …
VILLAGE = (
    "90000001\tMarqabiya Test\tMarqabiya Test\tالمرقبية التجريبية\t35.5\t39.5\tP\tPPL\tSY\t\t04"
    "\t\t\t\t1200\t\t250\tAsia/Damascus\t2026-01-01"
)
POST = {
    "source": {"id": "a", "kind": "feed", "country": "SY"},
    "native_id": "1",
    # Two civilians killed by the explosion of a mine in the village of al-Marqabiya al-Tajribiya.
    "text": "مقتل مدنيين اثنين بانفجار لغم أرضي في قرية المرقبية التجريبية",
    "published_at": "2026-03-10T06:00:00Z",
}


def test_a_village_is_found_after_the_import_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump = tmp_path / "SY.txt"
    dump.write_text(VILLAGE + "\n", "utf-8")
    posts = tmp_path / "posts.jsonl"
    posts.write_text(json.dumps(POST) + "\n")

    def latitude() -> float | None:
        done = CliRunner().invoke(main, ["replay", str(posts), "--output", str(tmp_path / "out")])
        assert done.exit_code == 0, done.output
        (line,) = (tmp_path / "out" / "sightings.jsonl").read_text("utf-8").splitlines()
        place = json.loads(line)["place"] or {}
        found: float | None = place.get("lat")
        return found

    assert latitude() != pytest.approx(35.5, abs=0.01)
    target = tmp_path / "gazetteer" / "SY.gaz"
    done = CliRunner().invoke(main, ["gazetteer", "import", "geonames", str(dump), "--output", str(target)])
    assert done.exit_code == 0, done.output
    assert "1 places of 1 rows" in done.output
    monkeypatch.setenv("MARQAB_GAZETTEER", str(target.parent))
    assert latitude() == pytest.approx(35.5, abs=0.01)
    shown = CliRunner().invoke(main, ["gazetteer", "show"])
    assert "GeoNames" in shown.output


def test_what_is_missing_is_a_sentence(tmp_path: Path) -> None:
    table = tmp_path / "cod.csv"
    table.write_text("admin1Name_en,admin1Pcode\nAr-Raqqa,SY11\n")
    done = CliRunner().invoke(main, ["gazetteer", "import", "cod", str(table), "--output", str(tmp_path / "x.gaz")])
    assert done.exit_code == 2
    assert "--country" in done.output
