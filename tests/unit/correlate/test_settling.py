"""What the announcer holds back comes out in time, once, and without a further word about its incident."""

from datetime import timedelta

import pytest

from agents.announce import announce
from agents.correlate import Correlator
from schemas.kinds import AlertKind, EventType, MeasureKind
from schemas.records import Measure, Sighting
from tests.unit.correlate.builders import BROADCASTER, MONITOR, Desk, place, sighting, source, toll

OPENING = "هجوم مسلح على سجن في مدينة الرقة ومقتل أربعة من قوى الأمن الداخلي واشتباكات مستمرة في محيط المكان"
OTHER = "قوات الأمن تعلن إحباط محاولة اقتحام استهدفت السجن في مدينة الرقة وسقوط أربعة قتلى في صفوف الأمن"
ELSEWHERE = (  # words of other reports, dealt out so that no two of them share any
    "انفجار غارة اشتباك قصف سيارة دراجة حاجز كمين لغم سوق جسر طريق مدرسة محطة بلدة قرية حي مزرعة ليلا صباحا ظهرا مساء "
    "فجرا عصرا اليوم أمس الآن"
)


def opening() -> Sighting:
    return sighting("1", OPENING, 0, MONITOR, event_type=EventType.PRISON_ATTACK, tolls=[toll(4)])


def corroboration(minutes: float = 0.5) -> Sighting:
    """A second voice half a minute later: it makes the picture surer, and waits."""
    return sighting("2", OTHER, minutes, BROADCASTER, event_type=EventType.PRISON_ATTACK, tolls=[toll(4)])


def elsewhere(minutes: float, number: int = 9) -> Sighting:
    town = place(f"Town {number}", 30 + number, 36.2)
    words = ELSEWHERE.split()[number::9]
    return sighting(f"e{number}", " ".join(words), minutes, "third", place=town, event_type=EventType.IED_MINE)


def held() -> Desk:
    desk = Desk()
    desk.hear(opening())
    desk.hear(corroboration())
    assert desk.kinds == ["new"]
    return desk


def test_what_was_held_back_is_told_when_event_time_has_passed_in_any_other_incident() -> None:
    desk = held()
    desk.hear(elsewhere(1.0, 1))
    assert desk.kinds == ["new", "new"]
    desk.hear(elsewhere(2.0, 2))
    assert sorted(desk.kinds) == ["corroborated", "new", "new", "new"]
    told = next(alert for alert in desk.alerts if alert.kind is AlertKind.CORROBORATED)
    assert told.revision == 2
    assert told.issued_at == told.incident.updated_at + timedelta(seconds=60)
    for number in range(3, 9):
        desk.hear(elsewhere(number, number))
    assert desk.kinds.count("corroborated") == 1


def test_without_any_further_sighting_a_tick_of_the_clock_tells_it() -> None:
    desk = held()
    moment = opening().published_at.timestamp()
    assert desk.correlator.settle(moment + 45).puts == ()
    fold = desk.correlator.settle(moment + 95)
    desk.send(fold)
    desk.store(fold)
    assert desk.kinds == ["new", "corroborated"]
    assert desk.correlator.settle(moment + 999).puts == ()


def test_at_the_end_of_a_stream_nothing_stays_held_back() -> None:
    desk = held()
    fold = desk.correlator.settle()
    desk.send(fold)
    desk.store(fold)
    assert desk.kinds == ["new", "corroborated"]
    assert desk.correlator.settle().incidents == ()


def test_a_restart_forgets_nothing_that_is_held_back() -> None:
    desk = held()
    desk.correlator = Correlator()
    desk.correlator.load(desk.rows.items())
    desk.hear(elsewhere(5.0))
    assert desk.kinds.count("corroborated") == 1


def test_one_alert_for_one_revision_in_which_three_things_change() -> None:
    desk = Desk()
    desk.hear(opening())
    changed = {"tolls": [toll(6)], "measures": [Measure(kind=MeasureKind.CURFEW)]}
    ministry = source("ministry", reliability="A")
    desk.hear(sighting("2", OTHER, 5, ministry, event_type=EventType.PRISON_ATTACK, **changed))
    assert desk.kinds == ["new", "toll_changed"]
    assert {change.kind.value for change in desk.alerts[1].changes} == {"toll_changed", "corroborated", "measure_added"}
    assert desk.alerts[1].revision == 2


def test_what_was_held_back_travels_with_the_next_alert_and_is_not_told_again() -> None:
    desk = held()
    desk.hear(
        sighting(
            "3",
            "ارتفاع حصيلة الهجوم على السجن في مدينة الرقة إلى تسعة قتلى",
            0.8,
            MONITOR,
            tolls=[toll(9)],
            event_type=EventType.PRISON_ATTACK,
        )
    )
    assert desk.kinds == ["new", "toll_changed"]
    assert "corroborated" in {change.kind.value for change in desk.alerts[1].changes}
    desk.hear(elsewhere(9.0))
    assert desk.kinds.count("corroborated") == 0


@pytest.mark.parametrize("seconds", [30, 61, 119, 121, 3600])
def test_the_correlator_sends_again_whatever_the_announcer_may_hold_back(seconds: float) -> None:
    """Whenever the second voice comes and a third after it, in the end everything was told, and once."""
    for gap in (0.2, 59, 61, 100, 119, 121):
        desk = Desk()
        desk.hear(opening())
        desk.hear(corroboration(seconds / 60))
        curfew = [Measure(kind=MeasureKind.CURFEW)]
        desk.hear(
            sighting("3", OTHER, (seconds + gap) / 60, "third", measures=curfew, event_type=EventType.PRISON_ATTACK)
        )
        fold = desk.correlator.settle()
        desk.send(fold)
        told = [change.kind.value for alert in desk.alerts for change in alert.changes if change.field != "certainty"]
        assert sorted(told) == ["corroborated", "measure_added", "new"], (seconds, gap)
        assert len({alert.alert_id for alert in desk.alerts}) == len(desk.alerts)


def test_the_announcer_ignores_a_settled_revision_that_it_has_told_or_never_looked_at() -> None:
    desk = held()
    incident = next(iter(desk.incidents.values()))
    assert announce(None, incident).alerts != ()
    row = desk.announced[incident.incident_id]
    assert announce(row, incident).alerts == ()
