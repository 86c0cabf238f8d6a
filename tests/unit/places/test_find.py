"""Where it happened: sentences written for the tests, each with what a careful reader would say."""

import pytest

from agents.classify.places import Gazetteer, find_places, main_place
from schemas.kinds import Accuracy, PlaceRole
from tests.unit.places.reports import a_report


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.default()


def main_of(gazetteer, text, **fields):
    report = a_report(text, **fields)
    return main_place(find_places(report, gazetteer), report)


@pytest.mark.parametrize(
    ("text", "english", "admin1", "country", "accuracy"),
    [
        # a car bomb exploded in the city of Raqqa
        ("انفجرت سيارة مفخخة في مدينة الرقة", "Raqqa", "Ar-Raqqa", "SY", Accuracy.CITY),
        # prefixes: in Mosul; and in Daraa
        ("قتل شخصان بالموصل", "Mosul", "Ninewa", "IQ", Accuracy.CITY),
        ("إصابة مدني وبدرعا قتل آخر في مدينة درعا", "Daraa", "Dar'a", "SY", Accuracy.CITY),
        # a hashtag with an underscore; a spelling in one word
        ("انفجار عبوة ناسفة في مدينة #دير_الزور", "Deir ez-Zor", "Deir-ez-Zor", "SY", Accuracy.CITY),
        ("انفجار عبوة ناسفة في مدينة ديرالزور", "Deir ez-Zor", "Deir-ez-Zor", "SY", Accuracy.CITY),
        # artillery on the town of Binnish in the countryside of Idlib: the town, not the countryside
        ("قصف مدفعي على بلدة بنش بريف إدلب", "Binnish", "Idleb", "SY", Accuracy.TOWN),
        # near Azaz; the outskirts of Azaz; east of Azaz
        ("انفجار قرب اعزاز", "Azaz", "Aleppo", "SY", Accuracy.NEAR),
        ("اشتباكات على أطراف مدينة اعزاز", "Azaz", "Aleppo", "SY", Accuracy.NEAR),
        # the governorate of Hasakah; the northern countryside of Aleppo
        ("اشتباكات في محافظة الحسكة", "Hasakah", "Al-Hasakeh", "SY", Accuracy.GOVERNORATE),
        ("غارة جوية على ريف حلب الشمالي", "Aleppo", "Aleppo", "SY", Accuracy.GOVERNORATE),
        # an ordinary word is a city only where the text says so: al-Bab ("the gate")
        ("انفجار في مدينة الباب شرقي حلب", "Al Bab", "Aleppo", "SY", Accuracy.CITY),
        # a place before a colon opens the post of a local network
        ("الشحيل: انفجار عبوة ناسفة", "Al Shahil", "Deir-ez-Zor", "SY", Accuracy.VILLAGE),
        # an adjective that is also a town's name (peaceful; Salamiyah)
        ("مظاهرة سلمية في مدينة السويداء", "Suwayda", "As-Sweida", "SY", Accuracy.CITY),
        # another spelling of a listed name, inside the right governorate
        ("قصف على قرية معرة نعسان بريف إدلب", "Maarat Al Nasaan", "Idleb", "SY", Accuracy.TOWN),
        ("قصف على معرة النعسان بريف إدلب", "Maarat Al Nasaan", "Idleb", "SY", Accuracy.TOWN),
        # a hashtag in which the place stands behind what happened there (the massacre of al-Bab)
        ("صور من #مجزرة_الباب التي وقعت اليوم في ريف حلب", "Al Bab", "Aleppo", "SY", Accuracy.CITY),
        (
            "Gunmen attacked a patrol near al-Shuhayl in eastern Deir ez-Zor",
            "Al Shahil",
            "Deir-ez-Zor",
            "SY",
            Accuracy.NEAR,
        ),
        # English
        ("A car bomb exploded in Mosul on Monday", "Mosul", "Ninewa", "IQ", Accuracy.CITY),
        ("Shelling hit Khan Shaykhun in Idlib province", "Khan Shaykhun", "Idleb", "SY", Accuracy.TOWN),
        ("Gunmen killed four in the northern Syrian city of Raqqa", "Raqqa", "Ar-Raqqa", "SY", Accuracy.CITY),
        (
            "ISIS Attempts Prison Break in Raqqa. The attack killed four guards.",
            "Raqqa",
            "Ar-Raqqa",
            "SY",
            Accuracy.CITY,
        ),
        ("Clashes erupted in Deir Ezzor province", "Deir ez-Zor", "Deir-ez-Zor", "SY", Accuracy.GOVERNORATE),
    ],
)
def test_the_place_of_the_incident(gazetteer, text, english, admin1, country, accuracy):
    place = main_of(gazetteer, text)
    assert place is not None
    assert (place.name_en, place.admin1, place.country, place.accuracy) == (english, admin1, country, accuracy)


def test_a_place_points_at_its_words_in_the_original(gazetteer):
    text = "عاجل: هـ ـجـ ـوم في قرية #بنش"  # urgent: attack in the village of Binnish; "attack" is torn
    report = a_report(text)
    (place,) = find_places(report, gazetteer)
    assert text[place.evidence.start : place.evidence.end].endswith("بنش")
    assert place.evidence.rule == "place.gazetteer"


@pytest.mark.parametrize(
    ("text", "name", "accuracy", "admin1"),
    [
        # a neighbourhood, a village and a camp that no list knows stand in the place around them
        ("اشتباكات في حي السنابلة بمدينة الرقة", "حي السنابلة", Accuracy.NEIGHBOURHOOD, "Ar-Raqqa"),
        ("قصف على قرية كفرسنابل بريف عفرين", "قرية كفرسنابل", Accuracy.NEAR, "Aleppo"),
        ("قصف على قرية كفرسنابل بريف إدلب", "قرية كفرسنابل", Accuracy.GOVERNORATE, "Idleb"),
        ("حريق في مخيم السنابل قرب سرمدا", "مخيم السنابل", Accuracy.NEARBY_LANDMARK, "Idleb"),
        (
            "Gunmen attacked Kafr Sanabil village in Idlib province",
            "Kafr Sanabil village",
            Accuracy.GOVERNORATE,
            "Idleb",
        ),
    ],
)
def test_unknown_names_are_no_more_exact_than_what_surrounds_them(gazetteer, text, name, accuracy, admin1):
    place = main_of(gazetteer, text)
    assert place is not None
    assert (place.name, place.accuracy, place.admin1, place.method) == (name, accuracy, admin1, "pattern")
    assert (place.lat is None) == (accuracy is Accuracy.GOVERNORATE)


def test_a_quarter_is_known_without_the_word_for_it_and_named_after_its_city(gazetteer):
    report = a_report("انفجار في درعا البلد", country="SY")  # an explosion in Daraa al-Balad
    place = main_place(find_places(report, gazetteer), report)
    assert place is not None
    assert (place.accuracy, place.admin1) == (Accuracy.NEIGHBOURHOOD, "Dar'a")
    aleppo = main_of(gazetteer, "اشتباكات في حي الشيخ مقصود بحلب")  # clashes in Sheikh Maqsoud in Aleppo
    assert aleppo is not None
    assert (aleppo.name_en or "").startswith("Aleppo – ")


def test_a_neighbourhood_is_named_as_acled_does(gazetteer):
    place = main_of(gazetteer, "هجوم على مقر أمني في حي الانتفاضة في الرقة")  # attack in al-Intifada, Raqqa
    assert place is not None
    assert (place.name_en, place.neighbourhood, place.geo_precision) == ("Raqqa – Al Intifada", "الانتفاضة", 1)


def test_a_prison_is_a_target_inside_a_place(gazetteer):
    report = a_report("هجوم على سجن السنابل في مدينة الحسكة")  # attack on the prison of Sanabil in the city of Hasakah
    places = find_places(report, gazetteer)
    assert [p.role for p in places if p.site] == [PlaceRole.TARGET_SITE]
    place = main_place(places, report)
    assert place is not None
    assert (place.site, place.admin1, place.role) == ("سجن السنابل", "Al-Hasakeh", PlaceRole.EVENT)


@pytest.mark.parametrize(
    ("text", "country", "lat"),
    [
        # Ariha lies in Syria, Jericho (the same name) in Palestine: the governorate, the country or the source decides
        ("قصف على أريحا جنوب إدلب", None, 35.81),
        ("اقتحام مخيم في أريحا بالضفة الغربية في فلسطين", None, 31.87),
        ("إصابة شاب في أريحا", "PS", 31.87),
    ],
)
def test_one_name_for_two_places(gazetteer, text, country, lat):
    place = main_of(gazetteer, text, country=country)
    assert place is not None
    assert place.lat == pytest.approx(lat, abs=0.05)
    assert place.candidates


def test_a_name_that_contradicts_its_surroundings_is_not_believed(gazetteer):
    place = main_of(gazetteer, "قصف على قرية بنش بريف دمشق")  # a Binnish in the countryside of Damascus is not Idlib's
    assert place is not None
    assert place.admin1 != "Idleb"


@pytest.mark.parametrize(
    "text",
    [
        "The ambassador told reporters that Assad would not resign",
        "Ali Khan has been the man of the match",
        "فتح الباب وخرج إلى الجبل في سلام",  # he opened the door and went out to the mountain in peace
        "ثورة الشباب من أجل الحرية والعمل",  # the young people's revolution for freedom and work
        "صورة واحدة تكفي لوصف جمال الشمال",  # one picture suffices to tell the beauty of the north
    ],
)
def test_ordinary_words_and_persons_are_no_places(gazetteer, text):
    assert find_places(a_report(text), gazetteer) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("قوات سوريا الديمقراطية تنفذ حملة دهم في مدينة الطبقة", "سوريا"),  # Syrian Democratic Forces raid Tabqa
        ("مراسل حلب اليوم: قصف على مدينة الباب", "حلب"),  # Halab Today's correspondent: shelling of al-Bab
        ("طائرة مسيرة تركية تستهدف سيارة في عين عيسى", "تركية"),  # a Turkish drone
    ],
)
def test_names_of_organisations_and_nationalities_are_no_places(gazetteer, text, wrong):
    assert wrong not in [place.name for place in find_places(a_report(text), gazetteer)]


@pytest.mark.parametrize(
    ("text", "context", "event"),
    [
        # like the events of Hasakah: attack on a post in Raqqa
        ("على غرار أحداث الحسكة، هجوم على مقر أمني في الرقة", "الحسكة", "الرقة"),
        # after the deadliest attack in Hasakah … an attack in Raqqa
        ("بعد الهجوم الأكثر دموية في الحسكة.. هجوم على سجن في الرقة", "الحسكة", "الرقة"),
        # a man from Qamishli was killed in an explosion in Afrin
        ("مقتل شاب ينحدر من القامشلي بانفجار في مدينة عفرين", "القامشلي", "عفرين"),
        # a man of Daraa was killed in Homs: what is said of the first place is not said of the second
        ("مقتل شاب من أبناء درعا في مدينة حمص", "درعا", "مدينة حمص"),
        # the name of the publisher behind the last bar
        ("قصف مدفعي على بلدة مارع واستشهاد شخص وإصابة آخرين | كوباني قلب الحدث", "كوباني", "مارع"),
        # shelling of Mare' from Tall Rifat
        ("قصف على مدينة مارع انطلقت من تل رفعت", "تل رفعت", "مارع"),
        # in 2014 the group took Mosul. Today a car bomb exploded in Kirkuk
        ("سيطر التنظيم عام 2014 على الموصل. انفجرت اليوم سيارة مفخخة في كركوك", "الموصل", "كركوك"),
    ],
)
def test_places_named_for_another_reason_are_context(gazetteer, text, context, event):
    report = a_report(text)
    places = find_places(report, gazetteer)
    roles = {place.name: place.role for place in places}
    assert roles[context] is PlaceRole.CONTEXT
    main = main_place(places, report)
    assert main is not None
    assert main.name == event


def test_boilerplate_names_no_place_of_an_incident(gazetteer):
    report = a_report("انفجار في مدينة عفرين\nشاهد أيضا: معارك الموصل")  # see also: the battles of Mosul
    places = find_places(report, gazetteer)
    assert report.boilerplate
    assert {p.name: p.role for p in places if p.name == "الموصل"} == {"الموصل": PlaceRole.CONTEXT}


def test_the_source_stands_in_where_nothing_is_named(gazetteer):
    place = main_of(gazetteer, "مقتل شخص بانفجار عبوة", country="IQ")  # one killed by a device
    assert place is not None
    assert (place.country, place.name, place.accuracy, place.lat) == ("IQ", "العراق", Accuracy.COUNTRY, None)
    assert place.method == "source's country"
    assert main_of(gazetteer, "مقتل شخص بانفجار عبوة") is None


def test_nearness_to_what_tells_of_the_incident_is_evidence(gazetteer):
    text = "اجتماع في مدينة حمص ناقش خدمات كثيرة ومشاريع متنوعة للمياه والكهرباء والطرق وغيرها. انفجار في مدينة حماة"
    report = a_report(text)  # a meeting in Homs on services …; an explosion in Hama
    at = report.text.index("انفجار")
    places = find_places(report, gazetteer, near=[(at, at + 6)])
    main = main_place(places, report)
    assert main is not None
    assert main.name == "حماة"


class Counting:
    """A gazetteer that counts how often it is asked."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.asked = 0
        self._gazetteer = gazetteer

    def starts(self, word):
        self.asked += 1
        return self._gazetteer.starts(word)

    def find(self, key):
        self.asked += 1
        return self._gazetteer.find(key)


@pytest.mark.parametrize(
    "piece",
    [
        "قصف على قرية بنش بريف إدلب. ",
        "الرقة " * 10,
        "ـ" * 40 + " ",
        "12 345 678 ",
        "Aleppo Media Center ",
        "حي " * 9,
        "\n#",
    ],
)
def test_work_grows_with_the_text_and_no_faster(gazetteer, piece):
    def asked(times: int) -> int:
        counting = Counting(gazetteer)
        find_places(a_report(piece * times), counting)
        return counting.asked

    assert asked(400) <= 4.5 * asked(100) + 10
