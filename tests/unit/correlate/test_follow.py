"""What papers write of a big attack for days joins it; another attack on the same city next day does not."""

import pytest

from agents.correlate.follow import refers_back
from agents.correlate.words import words
from schemas.kinds import Accuracy, DocRole, EventType, Party
from schemas.records import Sighting
from tests.unit.correlate.builders import Desk, place, sighting, toll

DAY = 1440.0
BACK = [
    "ارتفاع عدد ضحايا التفجير الذي استهدف السوق إلى 14",  # the victims of the bombing of the market rise to 14
    "القبض على ثلاثة أشخاص على صلة بتفجير السوق",  # three arrested in connection with the bombing
    "مجلس الأمن يدين بشدة الهجوم الإرهابي على السوق",  # the Security Council condemns the attack
    "أمير المنطقة يزور مصابي التفجير الإرهابي",  # the governor visits the wounded
    "وفاة أحد المصابين متأثرا بجراحه في تفجير السوق",  # one of the wounded dies
    "جموع تشيع ضحايا الانفجار بعد صلاة الجمعة",  # crowds bury the victims
    "تنظيم داعش يعلن مسؤوليته عن الهجوم على السوق",  # claims responsibility
    "الداخلية تكشف أن ثلاثة من الموقوفين في تفجير السوق وفروا المأوى للمنفذ",  # three of those held over it
    "Two suspects were arrested on Sunday in connection with the market bombing",
    "The Security Council condemned in the strongest terms the market bombing",
    "The death toll from Thursday's market bombing rose to 14",
]
FIRST = [
    "مقتل تسعة أشخاص وإصابة العشرات في تفجير انتحاري استهدف سوقا",  # nine killed in a suicide bombing
    "قتلى وجرحى بتفجير سيارة مفخخة في سوق شعبي",  # dead and wounded by a car bomb
    "انفجار عنيف يهز وسط المدينة وسيارات الإسعاف تهرع إلى المكان",  # a blast shakes the city
    "انتحاري يفجر نفسه بين المصلين",  # a suicide bomber blows himself up
    "A suicide bomber killed nine people at a market on Thursday, police said",
    "At least nine people died in an explosion at a market",
]


@pytest.mark.parametrize("text", BACK)
def test_a_text_that_comes_back_to_an_attack_is_known_by_its_words(text: str) -> None:
    assert refers_back(words(text))


@pytest.mark.parametrize("text", FIRST)
def test_a_first_report_does_not_come_back_to_anything(text: str) -> None:
    assert not refers_back(words(text))


def bombing(outlet: str, minutes: float, text: str, killed: int | None, **fields: object) -> Sighting:
    where = place("Mosul", 36.34, 43.13, accuracy=Accuracy.CITY, country="IQ")
    tolls = [] if killed is None else [toll(killed, party=Party.CIVILIANS)]
    return sighting(outlet, text, minutes, by=outlet, place=where, event_type=EventType.IED_MINE, tolls=tolls, **fields)


# A car bomb on the market of Mosul; arrests, a condemnation, the toll two days later; a bomb at a bus station.
OPENING = "قتل 11 مدنيا وأصيب أربعون آخرون في تفجير سيارة مفخخة استهدف سوقا شعبيا وسط مدينة الموصل"
ARREST = "أعلنت شرطة مدينة الموصل القبض على ثلاثة أشخاص على صلة بتفجير السوق الشعبي"
CONDEMNED = "مجلس الوزراء يدين التفجير الإرهابي في مدينة الموصل ويتعهد بملاحقة منفذي الهجوم على السوق"
RISEN = "ارتفع عدد ضحايا التفجير الذي استهدف سوق الموصل الشعبي إلى 14 بعد وفاة مصابين"
STATION = "قتل تسعة مدنيين بتفجير عبوة ناسفة قرب محطة حافلات في مدينة الموصل بحسب الشرطة"


def follow_ups() -> list[Sighting]:
    return [
        bombing("third", 1.2 * DAY, ARREST, None),
        bombing("fourth", 1.6 * DAY, CONDEMNED, None),
        bombing("fifth", 2.4 * DAY, RISEN, 14, doc_role=DocRole.UPDATE),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_follow_ups_of_three_days_are_one_incident_with_one_opening(turned: bool) -> None:
    desk = Desk()
    heard = [bombing("first", 0, OPENING, 11), *follow_ups()]
    for one in reversed(heard) if turned else heard:
        desk.hear(one)
    (standing,) = (i for i in desk.incidents.values() if i.state == "open")
    assert len(standing.statements) == 4
    killed = next(t for t in standing.toll_summary if t.kind == "killed" and t.party is None)
    assert killed.high == 14
    if not turned:
        assert desk.kinds.count("new") == 1


def test_another_bombing_of_the_city_next_day_is_an_incident_of_its_own() -> None:
    desk = Desk()
    for one in [bombing("first", 0, OPENING, 11), bombing("second", DAY, STATION, 9), *follow_ups()]:
        desk.hear(one)
    homes = [{s.source_id for s in i.statements} for i in desk.incidents.values() if i.state == "open"]
    assert len(homes) == 2, homes
    assert not any({"first", "second"} <= home for home in homes)


def test_a_soldier_killed_days_after_a_bombing_is_not_its_follow_up() -> None:
    text = "مقتل جندي برصاص قناص في مدينة الموصل بعد التفجير الذي استهدف السوق الشعبي"
    assert refers_back(words(text))
    desk = Desk()
    for one in [bombing("first", 0, OPENING, 11), *follow_ups()[:2], bombing("second", 1.9 * DAY, text, 1)]:
        desk.hear(one)
    homes = [{s.source_id for s in i.statements} for i in desk.incidents.values() if i.state == "open"]
    assert {"second"} in homes, homes


def test_a_small_attack_is_not_written_of_for_days() -> None:
    desk = Desk()
    for one in [bombing("first", 0, OPENING.replace("11", "1"), 1), *follow_ups()[:1]]:
        desk.hear(one)
    assert len(desk.incidents) == 2
