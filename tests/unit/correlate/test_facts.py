"""What else is stated of an incident: each once, with everybody who says so, whoever is copied."""

from itertools import permutations

from schemas.kinds import FactKind, SourceRole
from schemas.records import Fact
from tests.unit.correlate.builders import Desk, sighting, source

ATTACK = "هجوم مسلح على سجن في حي الانتفاضة بمدينة الرقة ومقتل ستة من عناصر الأمن الداخلي"  # six killed at a prison
OTHER = "قتلى من قوى الأمن في الرقة إثر هجوم استهدف مقرا أمنيا مساء اليوم بحسب مصدر"  # dead at a headquarters, Raqqa


def weapon(value: str, said_by: str) -> Fact:
    return Fact(kind=FactKind.WEAPON, value=value, said_by=said_by)


def test_a_fact_stands_once_with_everybody_who_states_it() -> None:
    attackers = Fact(kind=FactKind.ATTACKERS, low=2, high=2, said_by="sdf")
    posts = [
        sighting("1", ATTACK, 0, "outlet", facts=[weapon("rifle", "outlet"), attackers]),
        sighting("2", OTHER, 10, "paper", facts=[weapon("grenade", "paper"), weapon("rifle", "sohr")]),
        sighting("3", ATTACK, 20, "copyist", facts=[weapon("grenade", "copyist"), weapon("knife", "copyist")]),
    ]
    told = []
    for order in permutations(posts):
        desk = Desk()
        for post in order:
            desk.hear(post)
        (incident,) = desk.incidents.values()
        told.append(incident.facts)
    assert all(facts == told[0] for facts in told)
    assert [(f.kind, f.value, f.low, f.said_by, f.origins, f.post_id) for f in told[0]] == [
        ("weapon", "rifle", None, "outlet", ["outlet", "sohr"], posts[0].post_id),
        ("weapon", "grenade", None, "paper", ["paper"], posts[1].post_id),
        ("attackers", "", 2, "sdf", ["sdf"], posts[0].post_id),
    ]


def test_the_words_of_a_claim_stay_in_the_claim() -> None:
    desk = Desk()
    desk.hear(sighting("1", ATTACK, 0, "outlet", facts=[weapon("rifle", "outlet")]))
    desk.hear(sighting("2", OTHER, 5, source("claims", SourceRole.CLAIMS), facts=[weapon("knife", "claims")]))
    assert {f.value for incident in desk.incidents.values() for f in incident.facts} == {"rifle"}
