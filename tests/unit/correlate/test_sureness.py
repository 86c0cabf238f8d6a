"""How sure one can be: Admiralty codes per statement, Airwars' grades per incident, and figures that stand or fall."""

import pytest

from schemas.kinds import EventType, Grade, Modality, Party, SourceRole, TollKind
from schemas.records import Evidence, Incident, Sighting, Source, Toll, TollSummary
from tests.unit.correlate.builders import Desk, attacker, sighting, source, toll

TEXTS = [  # one attack in the words of several outlets, so that none is a copy of another
    "هجوم مسلح على سجن في مدينة الرقة ومقتل أربعة من قوى الأمن الداخلي واشتباكات في محيط المكان",
    "قوات الأمن تعلن إحباط محاولة اقتحام استهدفت السجن في مدينة الرقة وسقوط أربعة قتلى في صفوفها",
    "أربعة قتلى من عناصر الأمن بهجوم استهدف سجن الرقة مساء وانتشار أمني كثيف في أحياء المدينة",
]


def told(number: int, by: Source, **fields: object) -> Sighting:
    return sighting(str(number), TEXTS[number], 5 * number, by, **{"tolls": [toll(4)], **fields})


def heard(*sightings: Sighting) -> Incident:
    desk = Desk()
    for one in sightings:
        desk.hear(one)
    (incident,) = desk.incidents.values()
    return incident


def codes(incident: Incident) -> list[tuple[str | None, int]]:
    return [(s.source_reliability, s.information_credibility) for s in incident.statements]


def total(incident: Incident, kind: TollKind) -> TollSummary:
    return next(t for t in incident.toll_summary if t.kind is kind and t.party is None)


@pytest.mark.parametrize(("reliability", "code"), [("A", 3), ("C", 3), ("D", 6), ("F", 6)])
def test_one_voice_alone_is_worth_its_source(reliability: str, code: int) -> None:
    incident = heard(told(0, source("one", reliability=reliability)))
    assert codes(incident) == [(reliability, code)]
    assert incident.grade is Grade.WEAK


def test_each_is_confirmed_by_the_others_and_two_origins_are_fair() -> None:
    outlets = [source(name, reliability="C") for name in ("one", "two", "three")]
    assert codes(heard(told(0, outlets[0]), told(1, outlets[1]))) == [("C", 2), ("C", 2)]
    incident = heard(*(told(n, outlet) for n, outlet in enumerate(outlets)))
    assert codes(incident) == [("C", 1)] * 3
    assert (incident.grade, incident.origins) == (Grade.FAIR, ["one", "three", "two"])


def test_a_denial_contests_what_one_voice_says() -> None:
    denial = sighting("d", TEXTS[1], 20, source("ministry", SourceRole.OFFICIAL), modality=Modality.NEGATED)
    incident = heard(told(0, source("one", reliability="B")), denial)
    assert incident.grade is Grade.CONTESTED
    assert codes(incident) == [("B", 4), ("F", 6)]


def test_an_accused_party_that_accepts_confirms_and_a_claim_does_not() -> None:
    coalition = source("coalition-press", SourceRole.OFFICIAL, speaks_for="coalition", reliability="C")
    accused = told(0, source("one", reliability="C"), actors=[attacker("coalition")])
    assert heard(accused).grade is Grade.WEAK
    assert heard(accused, told(1, coalition, actors=[attacker("coalition")])).grade is Grade.CONFIRMED


def test_an_older_figure_that_stands_later_in_the_text_does_not_win_and_stays_in_the_ledger() -> None:
    incident = heard(told(0, source("one"), tolls=[toll(6), toll(4, superseded=True)]))
    assert (total(incident, TollKind.KILLED).low, total(incident, TollKind.KILLED).best) == (6, 6)
    assert sorted((row.low, row.superseded) for row in incident.tolls) == [(4, True), (6, False)]


def test_speakers_who_disagree_give_low_best_and_high() -> None:
    """Best is the newest figure of the most reliable origin, not the highest and not the last."""
    monitor, outlet = source("monitor", reliability="B"), source("outlet", reliability="D")
    incident = heard(
        told(0, outlet, tolls=[toll(9)]), told(1, monitor, tolls=[toll(6)]), told(2, outlet, tolls=[toll(11)])
    )
    killed = total(incident, TollKind.KILLED)
    assert (killed.low, killed.best, killed.high) == (6, 6, 11)
    assert killed.origins == ["monitor"]
    assert sorted((row.low, row.superseded_by is not None) for row in incident.tolls) == [
        (6, False), (9, True), (11, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outlet", "best"),
    [(source("late"), 6), (source("first"), 5), (source("press-office", speaks_for="sdf"), 5)],
    ids=["another outlet is behind", "the same outlet corrects itself", "the speaker corrects it"],
)
def test_fewer_from_a_cited_speaker_is_a_correction_only_from_who_told_more(outlet: Source, best: int) -> None:
    first = told(0, source("first"), tolls=[toll(6, said_by="sdf")])
    incident = heard(first, told(1, outlet, tolls=[toll(5, said_by="sdf")]))
    assert total(incident, TollKind.KILLED).best == best
    assert sorted(row.low for row in incident.tolls) == [5, 6], "both stay in the ledger"
    assert [row.superseded_by is None for row in incident.tolls if row.low == best] == [True]


def test_several_parties_of_one_speaker_do_not_lower_the_total() -> None:
    security, civilians = toll(6, said_by="sdf"), toll(2, said_by="sdf", party=Party.CIVILIANS)
    incident = heard(told(0, source("one"), tolls=[security]), told(1, source("two"), tolls=[civilians]))
    killed = total(incident, TollKind.KILLED)
    assert (killed.low, killed.best, killed.high) == (2, 6, 6)


def at(start: int, quote: str) -> Evidence:
    return Evidence(post_id="p", start=start, end=start + len(quote), quote=quote)


def test_what_the_title_counts_is_not_added_to_what_the_text_counts() -> None:
    title = "Four security men, two terrorists killed"
    counted = [
        toll(4, evidence=at(0, "Four security men")),
        toll(5, evidence=at(50, "five security men")),
        toll(1, party=Party.CIVILIANS, evidence=at(80, "a passer-by")),
    ]
    killed = total(heard(told(0, source("one"), title=title, tolls=counted)), TollKind.KILLED)
    assert (killed.low, killed.best, killed.high) == (6, 6, 6)


@pytest.mark.parametrize(("start", "best"), [(300, 4), (40, 8)], ids=["further down", "in one sentence"])
def test_what_a_text_says_again_further_down_counts_once(start: int, best: int) -> None:
    again = toll(4, actor_id="asayish", evidence=at(start, "four members of the forces"))
    incident = heard(told(0, source("one"), title="", tolls=[toll(4, evidence=at(0, "four guards")), again]))
    assert total(incident, TollKind.KILLED).best == best


@pytest.mark.parametrize(
    ("kind", "quote", "dead"),
    [
        (EventType.PRISON_ATTACK, "two militants", 4),
        (EventType.PRISON_ATTACK, "مقتل إرهابيين اثنين", 4),  # two terrorists
        (EventType.PRISON_ATTACK, "two of its members", 6),
        (EventType.AIR_DRONE_STRIKE, "two militants", 6),
    ],
)
def test_militants_who_die_in_an_assault_of_a_named_group_are_its_own(kind: EventType, quote: str, dead: int) -> None:
    counted = [toll(4), toll(2, party=Party.NON_STATE_ARMED, evidence=at(60, quote))]
    incident = heard(told(0, source("one"), event_type=kind, actors=[attacker("is")], tolls=counted))
    assert total(incident, TollKind.KILLED).best == dead


def test_a_floor_that_others_exceed_is_not_the_best_figure() -> None:
    floor = Toll(kind=TollKind.KILLED, party=Party.SECURITY_FORCES, low=4, high=None, said_by="late")
    incident = heard(told(0, source("one"), tolls=[toll(6)]), told(1, source("late"), tolls=[floor]))
    killed = total(incident, TollKind.KILLED)
    assert (killed.low, killed.best, killed.high) == (4, 6, 6)
    alone = heard(told(0, source("late"), tolls=[floor]))
    assert total(alone, TollKind.KILLED).best == 4


def test_unknown_stays_null() -> None:
    several = Toll(
        kind=TollKind.WOUNDED, party=Party.CIVILIANS, low=None, high=None, said_by="one", vague_word="عدد من"
    )
    incident = heard(told(0, source("one"), tolls=[toll(4), several]))
    wounded = total(incident, TollKind.WOUNDED)
    assert (wounded.low, wounded.best, wounded.high) == (None, None, None)
