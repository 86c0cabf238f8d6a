"""Quarters in English: a name that the text ties to a city, known or not, and what only looks like one."""

import pytest

from agents.classify.places import Gazetteer, find_places, main_place
from schemas.kinds import Accuracy
from tests.unit.places.reports import a_report


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.default()


def main_of(gazetteer: Gazetteer, text: str):
    report = a_report(text)
    return main_place(find_places(report, gazetteer), report)


@pytest.mark.parametrize(
    ("text", "quarter", "english"),
    [
        ("A blast in the Akrama district of Homs killed two", "Akrama", "Homs – Akrama"),
        ("A car bomb killed four in Homs' Akrama district", "Akrama", "Homs – Akrama"),
        ("A blast in Baghdad's Karrada district killed two", "Karrada", "Baghdad – Karrada"),
        ("A bomb killed two in Akrama, a neighbourhood of Homs", "Akrama", "Homs – Akrama"),
        ("A blast killed two in Karrada, a mainly Shia district in central Baghdad", "Karrada", "Baghdad – Karrada"),
        ("Gunmen shot a man dead in the Wadi Hamra quarter of Baghdad", "Wadi Hamra", "Baghdad – Wadi Hamra"),
        ("A bomb hit the Salah al-Din district of Aleppo", "Salah al-Din", "Aleppo – Salah al-Din"),
        ("Two were killed in Homs' al-Zahraa neighbourhood", "al-Zahraa", "Homs – al-Zahraa"),
        ("A blast killed four in the district of Karrada in Baghdad", "Karrada", "Baghdad – Karrada"),
        ("Two died in the Baghdad neighbourhood of Karrada after a bomb attack", "Karrada", "Baghdad – Karrada"),
        ("An air strike hit the Beirut suburb of Dahiyeh", "Dahiyeh", "Beirut – Dahiyeh"),
        (
            "Shelling of the al-Sukkari district of Aleppo killed four",
            "al-Sukkari",
            "Aleppo – As-Sukkari",
        ),  # a listed one
    ],
)
def test_a_name_tied_to_a_city_is_its_quarter(gazetteer: Gazetteer, text: str, quarter: str, english: str) -> None:
    place = main_of(gazetteer, text)
    assert (place.neighbourhood, place.name_en, place.accuracy) == (quarter, english, Accuracy.NEIGHBOURHOOD)
    assert place.lat is not None


@pytest.mark.parametrize(
    ("text", "english", "accuracy"),
    [
        # administrative units, towns of their own
        ("Clashes in the Azaz district of Aleppo killed four", "Azaz", Accuracy.CITY),
        ("Clashes in the Manbij district of Aleppo province killed four", "Manbij", Accuracy.CITY),
        ("Clashes in Afrin district killed five", "Afrin", Accuracy.CITY),
        ("A raid in Douma, a suburb of Damascus, killed four", "Douma", Accuracy.CITY),
        ("Rockets hit the Basra District of Iraq", "Basra", Accuracy.CITY),
        ("Two died in the Faisalabad District of Punjab", "Faisalabad", Accuracy.CITY),
        ("A bomb in the Kurram district of Pakistan killed 12", "Pakistan", Accuracy.COUNTRY),
        # no name
        ("A blast in the northern suburbs of Damascus killed five", "Damascus", Accuracy.CITY),
        ("A bomb in a residential neighbourhood of Homs killed two", "Homs", Accuracy.CITY),
        ("A bomb in the Shia district of Baghdad killed four", "Baghdad", Accuracy.CITY),
        ("A bomb killed two in the Old Quarter of Damascus", "Damascus", Accuracy.CITY),
        # persons
        ("Police killed Ahmad Hamza, a district chief of Homs", "Homs", Accuracy.CITY),
        ("Gunmen killed Karim Saleh, a suburb mayor in Baghdad", "Baghdad", Accuracy.CITY),
    ],
)
def test_what_is_no_quarter(gazetteer: Gazetteer, text: str, english: str, accuracy: Accuracy) -> None:
    place = main_of(gazetteer, text)
    assert (place.name_en, place.accuracy, place.neighbourhood) == (english, accuracy, None)


def test_an_unlisted_latin_name_is_not_called_arabic(gazetteer: Gazetteer) -> None:
    assert main_of(gazetteer, "A blast in the Akrama district of Homs killed two").name_ar is None
