"""What else posts state, read off sentences written for this test; nobody in them is real."""

import pytest

from agents.classify import Classifier
from schemas.kinds import ActorRole, FactKind, MeasureKind
from schemas.records import Fact
from tests.unit.test_classify_lexicon import report
from tests.unit.test_classify_story import telling

CLASSIFIER = Classifier.default()


def facts(text: str, kind: FactKind, language: str = "ar") -> list[Fact]:
    return [fact for fact in CLASSIFIER.classify(report(text, language)).facts if fact.kind is kind]


@pytest.mark.parametrize(
    ("text", "language", "kind", "values"),
    [
        ("هجوم بالأسلحة الرشاشة وقنبلة يدوية على حاجز", "ar", FactKind.WEAPON, ["machine_gun", "grenade"]),
        # an attack with machine guns and a hand grenade on a checkpoint
        ("مقتل جندي بانفجار عبوة ناسفة", "ar", FactKind.WEAPON, ["ied"]),  # a soldier killed by a bomb
        ("A drone fired two missiles at a convoy, killing three", "en", FactKind.WEAPON, ["drone", "rocket"]),
        ("هجوم مسلح على مقر أمني", "ar", FactKind.TARGET, ["security_hq"]),  # an attack on a security headquarters
        ("Gunmen attacked a police checkpoint", "en", FactKind.TARGET, ["checkpoint"]),
        ("هاجم مسلحون السجن لتحرير أسراهم", "ar", FactKind.MOTIVE, ["free_prisoners"]),  # to free their prisoners
        ("أحبطت القوات هجوما على حاجز", "ar", FactKind.OUTCOME, ["foiled"]),  # forces foiled an attack
        ("مقتل مدني بهجوم ونقل الجرحى إلى مستشفى المدينة", "ar", FactKind.TARGET, []),  # taken to the city's hospital
        ("قصف على مشفى المدينة", "ar", FactKind.TARGET, ["hospital"]),  # shelling of the city's hospital
        ("Gunmen attacked a bus and two of the wounded died in hospital", "en", FactKind.TARGET, []),
        ("Gunmen attacked a hospital", "en", FactKind.TARGET, ["hospital"]),
        ("هجوم على سوق القرية في المدينة", "ar", FactKind.TARGET, ["market"]),  # an attack on the market
    ],
)
def test_a_word_for_what_is_stated(text: str, language: str, kind: FactKind, values: list[str]) -> None:
    assert [fact.value for fact in facts(text, kind, language)] == values


@pytest.mark.parametrize(
    ("text", "language", "figures"),
    [
        ("هاجم 4 مسلحين حاجزا للشرطة", "ar", [(4, 4)]),  # 4 gunmen attacked a police checkpoint
        ("هجوم نفذه انتحاريان على مقر أمني", "ar", []),  # by two suicide bombers: "by" stands between
        ("فجر أحدهم قنبلة وأطلق الآخر النار خلال الهجوم", "ar", [(2, None)]),  # one threw a bomb, the other fired
        ("Three gunmen attacked a police post", "en", [(3, 3)]),
        ("مقتل 4 مسلحين في هجوم على حاجز", "ar", []),  # 4 gunmen were killed: nobody says how many attacked
        ("هجوم على 4 مسلحين قرب القرية", "ar", []),  # they were attacked
    ],
)
def test_how_many_attacked(text: str, language: str, figures: list[tuple[int, int | None]]) -> None:
    assert [(f.low, f.high) for f in facts(text, FactKind.ATTACKERS, language)] == figures


def test_a_prison_s_inmates_are_a_population() -> None:
    text = "هجوم على سجن يضم نحو 900 عنصر من تنظيم الدولة"  # an attack on a prison that holds some 900 of the group
    sighting = CLASSIFIER.classify(report(text))
    (held,) = facts(text, FactKind.PRISONERS)
    assert (held.low, held.high, held.approximate, held.actor_id) == (900, 900, True, "isis")
    assert sighting.tolls == []


def test_an_official_has_an_office_and_a_name_a_witness_has_none() -> None:
    text = "قال العقيد في قيادة الشرطة، محمد، إن الهجوم أوقع قتيلا. وقال شهود عيان إن هجوما وقع"
    # The colonel of the police command, Muhammad, said that the attack left one dead. Eyewitnesses spoke of an attack.
    (official,) = facts(text, FactKind.OFFICIAL)
    assert (official.value, official.name) == ("العقيد في قيادة الشرطة", "محمد")
    (witness,) = facts(text, FactKind.WITNESS)
    assert (witness.value, witness.name) == ("eyewitness", None)


def test_who_holds_whom_responsible() -> None:
    text = "أعلن المرصد السوري لحقوق الإنسان هجوما نفذته خلايا تنظيم الدولة على حاجز"
    # SOHR announced an attack by cells of the Islamic State on a checkpoint
    (told,) = facts(text, FactKind.ATTRIBUTION)
    assert (told.actor_id, told.said_by) == ("isis", "sohr")


def test_what_is_past_or_feared_states_nothing() -> None:
    assert facts("هجوم على حاجز. قبل سنوات هاجم مسلحون سجنا بقنابل يدوية", FactKind.WEAPON) == []  # years ago


def test_a_measure_until_further_notice() -> None:
    text = "انفجار في المدينة وفرض حظر تجول حتى إشعار آخر"  # an explosion; a curfew until further notice
    (curfew,) = [m for m in CLASSIFIER.classify(report(text)).measures if m.kind is MeasureKind.CURFEW]
    assert curfew.until == "further_notice"


def test_gunmen_of_a_group_s_cells_are_the_group() -> None:
    assert {a.actor_id for a in telling(0).actors if a.role is ActorRole.ATTACKER} == {"isis"}
    assert {a.actor_id for a in telling(1).actors if a.role is ActorRole.ATTACKER} <= {"isis"}
    text = "هجوم على مسلحين من خلايا تنظيم الدولة"  # an attack on gunmen of the group's cells
    assert {a.role for a in CLASSIFIER.classify(report(text)).actors if a.actor_id == "isis"} == {ActorRole.VICTIM}


def test_targets_are_tags_for_severity() -> None:
    assert "target:market" in CLASSIFIER.classify(report("قصف على سوق القرية")).tags  # shelling of the village market
