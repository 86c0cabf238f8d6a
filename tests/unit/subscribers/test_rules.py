"""Who is told what and when."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.outbox import Outbox
from subscribers.rules import Hold, Send, Skip, inside, judge, next_digest, quiet_until
from subscribers.settings import Chat, Circle, Mute, Quiet, Subscriber
from tests.unit.subscribers.builders import alert, heard, place

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NIGHT = Quiet(start=time(22), end=time(6, 30), timezone="Asia/Damascus")


def subscriber(**fields: Any) -> Subscriber:
    return Subscriber(id="s", to=Chat(url_from="X"), **fields)


@pytest.mark.parametrize(
    ("rules", "told", "reason"),
    [
        ({"countries": ["IQ"]}, {}, "countries"),
        ({"countries": ["SY", "IQ"]}, {}, None),
        ({"countries": ["SY"]}, {"country": None}, "countries"),
        ({"places": ["ar-raqqa"]}, {}, None),
        ({"places": ["الرقة"]}, {}, None),
        ({"places": ["C5710"]}, {}, None),
        ({"places": ["Homs"]}, {}, "places"),
        ({"places": ["Homs"]}, {"place": None}, "places"),
        ({"within": [Circle(lat=36, lon=39, km=10)]}, {}, None),
        ({"places": ["Homs"], "within": [Circle(lat=36, lon=39, km=10)]}, {}, None),
        ({"within": [Circle(lat=36, lon=39, km=2)]}, {}, "places"),
        ({"within": [Circle(lat=36, lon=39, km=2)]}, {"place": place(lat=None, lon=None)}, "places"),
        ({"types": ["armed_attack"]}, {}, None),
        ({"types": ["curfew"]}, {}, "types"),
        ({"kinds": ["claimed"]}, {}, "kinds"),
        ({}, {"kind": "closed"}, "kinds"),  # only for who asks for it
        ({"kinds": ["closed"]}, {"kind": "closed"}, None),
        ({"min_severity": "critical"}, {}, "min_severity"),
        ({"min_severity": "high"}, {}, None),
        ({"min_severity": "critical"}, {"kind": "corrected"}, None),  # whoever was told must hear that it was wrong
        ({"grades": ["confirmed"]}, {}, "grades"),
        ({"grades": ["confirmed"]}, {"kind": "merged"}, None),
        ({"certainties": ["Likely"]}, {}, "certainties"),
        ({"mute": [Mute(incident="i-1")]}, {}, "mute"),
        ({"mute": [Mute(incident="i-1")]}, {"kind": "corrected"}, "mute"),
        ({"mute": [Mute(incident="i-2")]}, {}, None),
        ({"mute": [Mute(type="prison_attack", until=NOON + timedelta(hours=1))]}, {}, "mute"),
        ({"mute": [Mute(type="prison_attack", until=NOON)]}, {}, None),
        ({}, {"test": True}, "tests"),
        ({"tests": True}, {"test": True}, None),
    ],
)
def test_a_rule_names_itself_when_it_keeps_an_alert_back(rules: dict, told: dict, reason: str | None) -> None:
    verdict = judge(subscriber(**rules), alert(**told), NOON)
    assert verdict == (Skip(reason) if reason else Send())


@pytest.mark.parametrize(
    ("clock", "end"),
    [
        ("2026-03-01T18:59:59", None),  # 21:59:59 in Damascus
        ("2026-03-01T19:00:00", "2026-03-02T03:30:00"),
        ("2026-03-02T01:00:00", "2026-03-02T03:30:00"),
        ("2026-03-02T03:30:00", None),
    ],
)
def test_quiet_hours_run_over_midnight_in_the_subscribers_zone(clock: str, end: str | None) -> None:
    told = quiet_until(NIGHT, datetime.fromisoformat(clock).replace(tzinfo=UTC))
    assert told == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


def test_grave_alerts_break_quiet_hours_and_digests() -> None:
    night = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    rules = subscriber(quiet=NIGHT, digest_minutes=60)
    assert judge(rules, alert(severity="high"), night) == Hold(datetime(2026, 3, 2, 3, 30, tzinfo=UTC), "quiet hours")
    assert judge(rules, alert(severity="critical"), night) == Send()
    assert judge(subscriber(quiet=Quiet(start=time(22), end=time(23), unless=None)), alert(severity="critical"),
                 datetime(2026, 3, 1, 22, 30, tzinfo=UTC)) == Hold(night, "quiet hours")  # fmt: skip


MOMENTS = st.integers(631152000, 3786912000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.integers(1, 10080), MOMENTS)
def test_the_next_digest_is_ahead_and_within_its_span(minutes: int, now: datetime) -> None:
    ahead = next_digest(minutes, now) - now
    assert timedelta(0) < ahead <= timedelta(minutes=minutes)
    assert next_digest(minutes, next_digest(minutes, now)) == next_digest(minutes, now) + timedelta(minutes=minutes)


def test_distance_is_right_across_the_date_line() -> None:
    assert inside(Circle(lat=0, lon=179.9, km=30), place(lat=0, lon=-179.9))
    assert not inside(Circle(lat=0, lon=179.9, km=20), place(lat=0, lon=-179.9))


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 4)), max_size=30))
def test_nothing_that_waits_is_ever_behind_the_remembered_position(reads: list[tuple[int, bool, int]]) -> None:
    outbox, offsets = Outbox(), {0: 0, 1: 0, 2: 0}
    for partition, held, name in reads:
        one = heard(alert(f"i-{partition}-{name}"), offsets[partition], partition)
        offsets[partition] += 1
        if held:
            outbox.hold(one, NOON)
        outbox.reach(one)
        for waiting, _ in outbox.held:
            assert outbox.settled()[waiting.partition] <= waiting.offset
    assert len({one.alert.incident_id for one, _ in outbox.held}) == len(outbox.held), "the newest of each incident"
    outbox.take(NOON)
    assert outbox.settled() == outbox.reached
    assert outbox.due_at() is None
