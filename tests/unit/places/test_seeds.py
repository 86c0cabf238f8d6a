"""The acceptance case: where both seed documents say that it happened, and where it did not."""

import pytest

from agents.classify.places import Gazetteer, find_places, main_place
from schemas.kinds import PlaceRole
from tests.paths import SHARED, needs_shared
from tests.unit.places.reports import a_report


@needs_shared
@pytest.mark.parametrize("name", ["000_225182bcdbf2fae4", "002_e5e46b150cc7256f"])
def test_both_seeds_happened_in_raqqa_and_neither_in_hasakah(name):
    title, _, text = (SHARED / "seeds" / f"{name}.txt").read_text(encoding="utf8").partition("\n")
    report = a_report(text, title=title)
    places = find_places(report, Gazetteer.default())
    main = main_place(places, report)
    assert main is not None
    assert (main.country, main.admin1) == ("SY", "Ar-Raqqa")
    assert main.lat == pytest.approx(35.95, abs=0.05)
    happened = [place for place in places if place.role is not PlaceRole.CONTEXT]
    assert not [place.name for place in happened if place.admin1 == "Al-Hasakeh" or "غويران" in place.name]
