"""What a subscriber reads of a change: field, before, after, and the posts it rests on; nothing new makes no alert."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from agents.announce import announce
from schemas.kinds import Accuracy, AlertKind, EventType, IncidentState, Party
from schemas.records import Alert, Evidence, Sighting
from tests.unit.correlate.builders import MONITOR, Desk, attacker, place, sighting, source, story, toll

WORDS = [
    "هجوم مسلح على سجن في مدينة الرقة ومقتل أربعة من قوى الأمن الداخلي واشتباكات في محيط المكان",
    "قوات الأمن تعلن إحباط محاولة اقتحام استهدفت السجن في مدينة الرقة وسقوط أربعة قتلى في صفوفها",
    "أربعة قتلى من عناصر الأمن بهجوم استهدف سجن الرقة مساء وانتشار أمني كثيف في أحياء المدينة",
]
"""One attack in the words of three outlets, so that none is a copy of another."""


def told(number: int, minutes: float, **fields: object) -> Sighting:
    return sighting(str(number), WORDS[number], minutes, source(f"outlet-{number}"), **fields)


def alerts(*heard: Sighting) -> list[Alert]:
    desk = Desk()
    for one in heard:
        desk.hear(one)
    return desk.alerts


def span(post: str, start: int, quote: str) -> Evidence:
    return Evidence(post_id=post, start=start, end=start + len(quote), quote=quote)


def test_every_change_of_the_story_names_posts_of_the_incident_and_differs_from_what_was_told() -> None:
    sent = alerts(*story())
    assert len(sent) > 3
    for alert in sent:
        posts = {statement.post_id for statement in alert.incident.statements}
        assert alert.changes
        assert alert.kind is alert.changes[0].kind
        for change in alert.changes:
            assert change.before != change.after
            by_hand = change.kind is AlertKind.MEASURE_ADDED  # the story's measure carries no evidence
            assert change.because or by_hand
            assert {evidence.post_id for evidence in change.because} <= posts


def test_a_toll_that_is_a_sum_names_the_figures_of_who_said_it_and_no_others() -> None:
    parties = [toll(4, actor_id="sdf"), toll(3, actor_id="asayish")]
    sent = alerts(told(0, 0, tolls=[toll(2)]), told(1, 5, tolls=parties))
    (change,) = (c for c in sent[-1].changes if c.kind is AlertKind.TOLL_CHANGED)
    assert (change.before, change.after) == (2, 7)
    assert len(change.because) == 2


def test_another_spelling_of_the_same_point_is_no_other_place() -> None:
    near = place("Raqqa", accuracy=Accuracy.NEAR)
    sent = alerts(told(0, 0, place=near), told(1, 5, place=place("Al-Raqqah", admin1="Raqqa")))
    refined = [c for alert in sent for c in alert.changes if c.kind is AlertKind.PLACE_REFINED]
    assert [(c.field, c.before, c.after) for c in refined] == [("place.accuracy", "near", "city")]


@pytest.mark.parametrize(
    ("kinds", "main"),
    [
        ([EventType.IED_MINE, EventType.SUICIDE_BOMBING, EventType.IED_MINE], EventType.SUICIDE_BOMBING),
        ([EventType.ARMED_ATTACK, EventType.PRISON_ATTACK, EventType.ARMED_ATTACK], EventType.PRISON_ATTACK),
        ([EventType.ARMED_ATTACK, EventType.IED_MINE, EventType.ARMED_ATTACK], EventType.ARMED_ATTACK),
    ],
)
def test_the_closer_word_for_an_attack_heads_the_alert(kinds: list[EventType], main: EventType) -> None:
    sent = alerts(*(told(n, 5 * n, event_type=kind, tolls=[toll(n + 1)]) for n, kind in enumerate(kinds)))
    assert sent[-1].incident.event_type is main


def test_severity_names_the_target_that_most_posts_tell_of() -> None:
    prison, camp = ["target:prison"], ["target:camp", "target:prison"]
    sent = alerts(told(0, 0, tags=prison, tolls=[toll(1)]), told(1, 5, tags=camp, tolls=[toll(2)]))
    assert "target: prison: +1" in sent[-1].incident.severity.reasons
    assert not any("camp" in reason for reason in sent[-1].incident.severity.reasons)


def test_one_more_outlet_a_copy_and_a_figure_between_two_that_were_told_tell_nobody() -> None:
    heard = [told(0, 0, tolls=[toll(4)]), told(1, 10, tolls=[toll(9)], actors=[attacker("is")])]
    desk = Desk()
    for one in heard:
        desk.hear(one)
    known = len(desk.alerts)
    desk.hear(told(2, 20, tolls=[toll(6, party=Party.SECURITY_FORCES)]))
    desk.hear(sighting("copy", WORDS[0], 30, MONITOR.id, tolls=[toll(4)]))
    assert len(desk.alerts) == known


def test_a_lower_figure_alerts_nobody_and_is_told_with_the_next_alert() -> None:
    first, second = source("outlet-0", reliability="C"), source("outlet-1", reliability="A")
    desk = Desk()
    desk.hear(sighting("0", WORDS[0], 0, first, tolls=[toll(9)]))
    desk.hear(sighting("1", WORDS[1], 10, second, tolls=[toll(6)], actors=[attacker("is")]))
    lowered = [c for c in desk.alerts[-1].changes if c.kind is AlertKind.TOLL_CHANGED]
    assert desk.alerts[-1].kind is AlertKind.CORROBORATED
    assert [(c.before, c.after) for c in lowered] == [(9, 6)]
    known = len(desk.alerts)
    desk.hear(sighting("2", WORDS[2], 20, source("outlet-2", reliability="A"), tolls=[toll(5)]))
    assert len(desk.alerts) == known, "fewer by itself is no news"


def test_an_update_within_the_settling_time_waits_and_a_graver_one_does_not() -> None:
    quiet = told(1, 0.5)
    grave = told(2, 0.6, tolls=[toll(12)])
    desk = Desk()
    for one in (told(0, 0, tolls=[toll(4)]), quiet):
        desk.hear(one)
    assert desk.kinds == ["new"]
    desk.hear(grave)
    assert desk.kinds == ["new", "toll_changed"]
    changed = {change.kind.value for change in desk.alerts[-1].changes}
    assert "corroborated" in changed, "what was held back travels along"


def test_the_settling_time_is_configurable() -> None:
    desk = Desk()
    first = desk.hear(told(0, 0)).incidents[-1]
    second = desk.hear(told(1, 5)).incidents[-1]
    opened = announce(None, first)
    assert announce(opened.row, second, settle=timedelta(seconds=60)).alerts
    assert not announce(opened.row, second, settle=timedelta(minutes=10)).alerts


def a_week_elsewhere(desk: Desk) -> None:
    """Eight days in which nobody speaks of the city."""
    for hour in range(8 * 24):
        there = place("Idlib", 35.93, 36.63)
        desk.hear(sighting(f"hour-{hour}", f"خبر {hour}", hour * 60 + 30, "x", place=there))


def test_an_incident_that_nobody_speaks_of_any_more_is_closed_and_that_is_said_once() -> None:
    desk = Desk()
    first = desk.hear(told(0, 0, tolls=[toll(4)])).incident_id
    a_week_elsewhere(desk)
    mine = [alert for alert in desk.alerts if alert.incident_id == first]
    assert [alert.kind for alert in mine] == [AlertKind.NEW, AlertKind.CLOSED]
    [change] = mine[-1].changes
    assert (change.field, change.before, change.after) == ("state", "open", "closed")
    assert change.reason
    assert mine[-1].references == [mine[0].alert_id]


def test_what_was_withdrawn_or_never_told_is_closed_in_silence() -> None:
    desk = Desk()
    post = told(0, 0)
    desk.hear(post)
    desk.hear(replace(post, deleted=True, revision=1))
    old = told(1, 0, fetched_at=post.published_at + timedelta(days=3), place=place("Homs", 34.73, 36.72))
    silent = desk.hear(old).incident_id
    a_week_elsewhere(desk)
    assert desk.incidents[silent].state is IncidentState.CLOSED
    elsewhere = [alert for alert in desk.alerts if alert.incident.place.name != "Idlib"]
    assert [alert.kind for alert in elsewhere] == [AlertKind.NEW, AlertKind.CORRECTED]
