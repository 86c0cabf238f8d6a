"""English told in many ways: words whose stems meet, deeds and who does them, kinds put together from small tags."""

import pytest

from agents.classify import Classifier
from agents.classify.text import read
from tests.unit.test_classify_lexicon import matcher, report

CLASSIFIER = Classifier.default()


def figures(text: str) -> list[tuple[str, int | None, int | None]]:
    found = CLASSIFIER.classify(report(text, "en")).tolls
    return [(t.kind.value, t.low, t.high) for t in found if t.of_which is None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Five gunmen killed nine farmers in the village.", [("killed", 9, 9)]),
        ("Five rebels attacked the village and killed nine farmers.", [("killed", 9, 9)]),
        ("Two soldiers were killed and three policemen wounded.", [("killed", 2, 2), ("wounded", 3, 3)]),
        ("Three soldiers and two civilians killed in the attack.", [("killed", 3, 3), ("killed", 2, 2)]),
        ("Gunmen killed a polio worker near the clinic.", [("killed", 1, 1)]),
        ("Rebels shot dead three trainee priests.", [("killed", 3, 3)]),
        ("A father of four was killed in the strike.", [("killed", 1, 1)]),
        ("A boy of nine was killed by a landmine.", [("killed", 1, 1)]),
        ("A man and his two sons were killed by a shell.", [("killed", 3, 3)]),
        ("Police fire at marchers: student dies in hospital.", [("killed", 1, 1)]),
        ("The attack left a death toll of 22.", [("killed", 22, 22)]),
        ("An airstrike killed a couple; more than 2,000 people were killed since October.", [("killed", 2, 2)]),
    ],
)
def test_who_was_killed_and_not_who_killed(text: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("On 14 March the road was open.", "protest"),
        ("I went home, I said.", "ied"),
        ("The office is closed.", "force"),
        ("Downing Street said so.", "intercept"),
        ("The village is far away.", "civilian"),
        ("It cost ten pounds.", "bombard"),
        ("Liberal members spoke.", "regain"),
        ("He was taken to the hospital.", "wound"),
        ("The power plant is old.", "ied"),
        ("The operation went well.", "militant"),
    ],
)
def test_a_word_is_not_taken_for_another_of_the_same_stem(text: str, tag: str) -> None:
    assert tag not in {hit.tag for hit in matcher("en").find(read(report(text, "en")))}


@pytest.mark.parametrize(
    ("text", "sub_event"),
    [
        ("Fighters swept into the district centre as soldiers fled.", "Non-state actor overtakes territory"),
        ("Troops wrested the hill from the rebels.", "Government regains territory"),
        ("A canister fell on a house and residents had difficulty breathing.", "Chemical weapon"),
        ("Jets struck a depot outside the town.", "Air/drone strike"),
        ("He triggered his vest beside the guards.", "Suicide bomb"),
        ("Two herders were hurt when they stepped on a device.", "Remote explosive/landmine/IED"),
        ("Three travellers were taken by rebels on the highway.", "Abduction/forced disappearance"),
        ("Security units pulled in four suspected members of the cell.", "Arrests"),
        ("The army fired at a crowd and wounded two people.", "Excessive force against protesters"),
        ("Supporters of the loser set the electoral office on fire.", "Violent demonstration"),
        ("Residents beat a suspected thief to death.", "Mob violence"),
        ("Soldiers erected a watchtower above the village.", "Headquarters or base established"),
        ("Militiamen torched shops and granaries.", "Looting/property destruction"),
        ("The rebels left the base and police moved in without a shot.", "Non-violent transfer of territory"),
        ("Remains of twelve people were unearthed near the camp.", "Other"),
        ("Elders of the two clans make peace after months of killings.", "Agreement"),
    ],
)
def test_kinds_are_put_together_from_small_tags(text: str, sub_event: str) -> None:
    sighting = CLASSIFIER.classify(report(text, "en"))
    assert (sighting.relevant, sighting.acled_sub_event_type) == (True, sub_event)


@pytest.mark.parametrize(
    ("text", "sub_event"),
    [
        ("Fighters launched an assault on an army outpost, killing six troops.", "Armed clash"),
        ("A vehicle packed with explosives was rammed into a police convoy.", "Suicide bomb"),
        ("Armed men stormed a farm, hacked four workers to death and torched the sheds.", "Attack"),
        ("Villagers attacked a health team with sticks and burned its vehicle over rumours.", "Mob violence"),
        ("Supporters of two clubs clashed with knives in the street; one was stabbed.", "Mob violence"),
    ],
)
def test_what_stands_beside_does_not_change_the_kind(text: str, sub_event: str) -> None:
    sighting = CLASSIFIER.classify(report(text, "en"))
    assert (sighting.relevant, sighting.acled_sub_event_type) == (True, sub_event)


def test_firefighters_are_in_no_firefight() -> None:
    text = "A gas leak caused the blast that injured a cook, firefighters said."
    assert CLASSIFIER.classify(report(text, "en")).acled_sub_event_type != "Armed clash"
