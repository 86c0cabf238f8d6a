"""Where an attacker comes from is not where the attack was."""

import pytest

from agents.classify.places import Gazetteer, find_places, main_place
from schemas.kinds import PlaceRole
from tests.unit.places.reports import a_report


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.default()


@pytest.mark.parametrize(
    ("text", "place", "home"),
    [
        # the attacker from the town of Talbiseh blew himself up in the city of Homs
        ("المهاجم من بلدة تلبيسة فجر نفسه في مدينة حمص", "Homs", "Talbiseh"),
        ("الانتحاري ولد في حلب وفجر نفسه في بغداد", "Baghdad", "Aleppo"),  # the suicide bomber was born in Aleppo
        ("المشتبه به القادم من الموصل نفذ الهجوم في بغداد", "Baghdad", "Mosul"),  # the suspect who came from Mosul
        ("The attacker, from the town of Talbiseh, blew himself up in Homs", "Homs", "Talbiseh"),
        ("The attacker, a 20-year-old from Adiyaman, blew himself up in Suruc", "Suruc", "Adiyaman"),
        ("The gunman, a resident of Mosul, opened fire in Baghdad, killing two", "Baghdad", "Mosul"),
        ("The attacker was a citizen of Saudi Arabia; four were killed in Riyadh", "Riyadh", "Saudi Arabia"),
    ],
)
def test_the_attackers_home_is_context(gazetteer: Gazetteer, text: str, place: str, home: str) -> None:
    report = a_report(text)
    places = find_places(report, gazetteer)
    assert main_place(places, report).name_en == place
    assert {p.name_en for p in places if p.role is PlaceRole.CONTEXT} == {home}


@pytest.mark.parametrize(
    "text",
    [
        "طرد المهاجمين من مدينة الرقة بعد اشتباكات",  # the attackers were driven out of Raqqa after clashes
        "Attackers were driven from Raqqa after clashes",
        "مقتل شاب من مدينة الرقة برصاص مجهولين",  # a young man from Raqqa killed by unknown gunmen: no other place
    ],
)
def test_other_uses_of_from_still_tell_where(gazetteer: Gazetteer, text: str) -> None:
    report = a_report(text)
    assert main_place(find_places(report, gazetteer), report).name_en == "Raqqa"
