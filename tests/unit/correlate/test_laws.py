"""The laws: same posts, same incidents, whatever the order of sources; a crash repeats work and changes nothing."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.announce import announce
from agents.correlate import Correlator, Fold
from schemas.kinds import DocRole, EventType, IncidentState
from schemas.records import Alert, Incident, Sighting
from tests.unit.correlate.builders import (
    BROADCASTER,
    CLAIMS,
    MONITOR,
    Desk,
    attacker,
    claim,
    place,
    sighting,
    story,
    toll,
)

TOWNS = [
    place("Raqqa"), place("Tabqa", 35.83, 38.54), place("Idlib", 35.93, 36.63), place("Sarmin", 35.90, 36.72), None,
]  # fmt: skip
WORDS = ["قصف", "غارة", "اشتباك", "مدفعي", "سوق", "مدرسة", "جسر", "مدنيين", "الأطراف", "ليلا", "سيارة", "دراجة", "مخيم"]
SOURCES = [MONITOR, BROADCASTER, "third", "fourth"]


@st.composite
def streams(draw: st.DrawFn) -> list[Sighting]:
    """A dozen posts of four sources and a claims channel about a few towns in three days."""
    heard: list[Sighting] = []
    for number in range(draw(st.integers(2, 12))):
        minutes = draw(st.integers(0, 4400))
        if draw(st.integers(0, 9)) == 0:
            where = draw(st.sampled_from(TOWNS))
            heard.append(
                sighting(
                    f"c{number}", "بيان", minutes, CLAIMS, place=where, doc_role=DocRole.CLAIM,
                    claims=[claim("is", minutes, first_hand=True)],
                )
            )  # fmt: skip
            continue
        text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=5, max_size=9)))
        text = draw(st.sampled_from(["", "", "ضحايا القصف "])) + text  # the victims of the shelling
        fields: dict[str, Any] = {
            "place": draw(st.sampled_from(TOWNS)),
            "event_type": draw(st.sampled_from([EventType.SHELLING_ROCKET, EventType.AIR_DRONE_STRIKE])),
            "tolls": [toll(draw(st.integers(1, 9)))] if draw(st.booleans()) else [],
            "actors": [attacker("is")] if draw(st.booleans()) else [],
            "tags": ["roundup"] if draw(st.integers(0, 7)) == 0 else [],
        }
        heard.append(sighting(str(number), text, minutes, draw(st.sampled_from(SOURCES)), **fields))
    return heard


def said(desk: Desk) -> list[Incident]:
    """What the incidents say in the end, without what the path decides: identity, revision, sent once more or not."""
    plain = []
    for incident in desk.incidents.values():
        if incident.state is not IncidentState.MERGED:
            claims = [msgspec.structs.replace(c, incident_id=None) for c in incident.claims]
            plain.append(msgspec.structs.replace(incident, incident_id="", revision=1, claims=claims, settled=False))
    return sorted(plain, key=lambda i: [s.post_id for s in i.statements])


def final(heard: list[Sighting]) -> list[Incident]:
    desk = Desk()
    for one in heard:
        desk.hear(one)
    live = {i for entry in desk.correlator._memory.incidents_of.values() for i in entry}
    desk.incidents = {k: v for k, v in desk.incidents.items() if k in live}
    return said(desk)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams(), st.randoms(use_true_random=False))
def test_incidents_do_not_depend_on_the_order_in_which_sources_are_heard(heard: list[Sighting], chance: Any) -> None:
    shuffled = list(heard)
    chance.shuffle(shuffled)
    assert final(shuffled) == final(heard)


class Crash(Exception):
    """The process died here."""


class Fragile(Desk):
    """A desk whose process dies at a given effect: an incident sent, a row stored, an announcer's row, an offset."""

    def __init__(self, dies_at: int) -> None:
        super().__init__()
        self.effects, self.dies_at = 0, dies_at
        self.sent: dict[str, Alert] = {}
        self.offset = 0

    def effect(self) -> None:
        self.effects += 1
        if self.effects == self.dies_at:
            raise Crash

    def send(self, fold: Fold) -> None:
        for incident in fold.incidents:
            self.incidents[incident.incident_id] = incident
            self.effect()
            told = announce(self.announced.get(incident.incident_id), incident)
            for alert in told.alerts:
                assert self.sent.setdefault(alert.alert_id, alert) == alert
                self.effect()
            if told.row is not None:
                self.announced[incident.incident_id] = told.row
                self.effect()

    def store(self, fold: Fold) -> None:
        for key, value in fold.puts:
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
            self.effect()
        self.correlator.apply(fold.puts)

    def run(self, heard: list[Sighting]) -> None:
        while self.offset < len(heard):
            try:
                self.hear(heard[self.offset])
                self.effect()
                self.offset += 1
            except Crash:
                self.correlator = Correlator()
                self.correlator.load(self.rows.items())


def crashing(heard: list[Sighting]) -> None:
    calm = Fragile(0)
    calm.run(heard)
    for point in range(1, calm.effects + 1):
        shaken = Fragile(point)
        shaken.run(heard)
        assert shaken.sent == calm.sent, point
        assert shaken.incidents == calm.incidents, point
        assert shaken.rows == calm.rows, point


def test_a_crash_at_any_effect_of_the_story_loses_no_alert_and_sends_none_twice() -> None:
    crashing(story())


def test_a_crash_in_the_middle_of_a_merge_changes_nothing() -> None:
    crashing(merging())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams())
def test_a_crash_at_any_effect_of_any_stream_changes_nothing(heard: list[Sighting]) -> None:
    crashing(heard)


def merging() -> list[Sighting]:
    """Two incidents opened apart, then a post that is beyond doubt about both."""
    one = "قصف مدفعي عنيف يستهدف السوق الشعبي وسط مدينة سرمين وسقوط جرحى"  # shelling of the market of a town
    two = "طواقم الإسعاف تنقل ضحايا القذائف إلى المشفى بعد تضرر محال تجارية"
    both = f"{one} {two}"
    town, unknown = place("Sarmin", 35.90, 36.72), None
    return [
        sighting("1", one, 0, "a", place=town, event_type=EventType.SHELLING_ROCKET),
        sighting("2", two, 10, "b", place=unknown, event_type=EventType.SHELLING_ROCKET),
        sighting("3", both, 20, "c", place=town, event_type=EventType.SHELLING_ROCKET),
    ]


def test_two_incidents_found_to_be_one_are_merged_and_the_alert_says_so() -> None:
    desk = Desk()
    folds = [desk.hear(s) for s in merging()]
    assert folds[0].incident_id != folds[1].incident_id
    assert folds[2].incident_id == folds[0].incident_id
    gone = desk.incidents[folds[1].incident_id or ""]
    assert (gone.state, gone.merged_into) == (IncidentState.MERGED, folds[0].incident_id)
    told = [a for a in desk.alerts if a.kind == "merged"]
    assert [(a.incident_id, a.incident.merged_into) for a in told] == [(folds[1].incident_id, folds[0].incident_id)]


def test_a_post_heard_again_sends_the_current_revision_and_stores_nothing() -> None:
    desk = Desk()
    for heard in story():
        desk.hear(heard)
    before = dict(desk.incidents)
    for heard in story():
        fold = desk.correlator.fold(heard)
        assert fold.puts == ()
        assert {i.incident_id: i for i in fold.incidents} == before


def test_rows_are_all_there_is() -> None:
    desk = Desk()
    half = story()[:4]
    for heard in half:
        desk.hear(heard)
    fresh = Correlator()
    fresh.load(desk.rows.items())
    for heard in story()[4:]:
        assert fresh.fold(heard) == desk.correlator.fold(heard)
        fold = desk.hear(heard)
        fresh.apply(fold.puts)


def test_one_date_in_the_far_future_forgets_nothing() -> None:
    desk = Desk()
    heard = story()
    desk.hear(heard[0])
    desk.hear(sighting("9", "حدث آخر في مكان بعيد", 0, "x", published_at=heard[0].published_at + timedelta(days=2000)))
    assert desk.hear(heard[1]).incident_id == desk.hear(heard[0]).incident_id


@pytest.mark.parametrize("days", [8, 30])
def test_an_incident_that_nobody_speaks_of_is_closed_and_its_rows_are_deleted(days: int) -> None:
    desk = Desk()
    first = desk.hear(story()[0])
    for hour in range(days * 24):
        desk.hear(sighting(f"h{hour}", f"خبر {hour}", hour * 60 + 30, "x", place=place("Idlib", 35.93, 36.63)))
    assert desk.incidents[first.incident_id or ""].state is IncidentState.CLOSED
    assert f"s:{story()[0].post_id}" not in desk.rows
    assert len(desk.rows) < 9 * 24 * 2
