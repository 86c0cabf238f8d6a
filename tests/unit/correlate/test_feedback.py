"""People correct incidents: applied once, kept over later posts and restarts, told in the alerts."""

import pytest

from agents.correlate import Correlator
from schemas.kinds import CapMessage, FeedbackKind, Grade
from schemas.records import Feedback
from tests.unit.correlate.builders import T0, Desk, place, story


def feedback(kind: FeedbackKind, incident_id: str, **fields: object) -> Feedback:
    return Feedback(feedback_id=f"f-{kind}", kind=kind, incident_id=incident_id, given_at=T0, **fields)


def corrected(kind: FeedbackKind, **fields: object) -> tuple[Desk, str]:
    desk = Desk()
    incident_id = desk.hear(story()[0]).incident_id or ""
    fold = desk.correlator.correct(feedback(kind, incident_id, **fields))
    desk.send(fold)
    desk.store(fold)
    return desk, incident_id


def test_what_is_no_incident_is_cancelled_and_stays_so_when_others_repeat_it() -> None:
    desk, incident_id = corrected(FeedbackKind.NOT_AN_INCIDENT)
    assert desk.kinds == ["new", "corrected"]
    assert desk.alerts[-1].msg_type is CapMessage.CANCEL
    assert desk.alerts[-1].incident.corrections == ["f-not_an_incident"]
    desk.hear(story()[1])
    assert desk.incidents[incident_id].grade is Grade.DISCOUNTED


def test_a_muted_incident_goes_on_and_alerts_nobody() -> None:
    desk, incident_id = corrected(FeedbackKind.MUTE)
    for heard in story()[1:]:
        desk.hear(heard)
    assert desk.kinds == ["new"]
    assert len(desk.incidents[incident_id].statements) == len(story())


def test_a_wrong_place_is_put_right_and_told() -> None:
    desk, incident_id = corrected(FeedbackKind.WRONG_PLACE, place=place("Tabqa", 35.83, 38.54))
    assert desk.kinds == ["new", "corrected"]
    assert "place.name" in {change.field for change in desk.alerts[-1].changes}
    desk.hear(story()[1])
    told = desk.incidents[incident_id].place
    assert told is not None
    assert told.name == "Tabqa"


@pytest.mark.parametrize("kind", [FeedbackKind.MUTE, FeedbackKind.NOT_AN_INCIDENT])
def test_the_same_correction_twice_or_after_a_restart_changes_nothing(kind: FeedbackKind) -> None:
    desk, incident_id = corrected(kind)
    again = Correlator()
    again.load(desk.rows.items())
    fold = again.correct(feedback(kind, incident_id))
    assert fold.puts == ()
    assert fold.incidents == (desk.incidents[incident_id],)


def test_feedback_on_an_unknown_incident_changes_nothing() -> None:
    fold = Correlator().correct(feedback(FeedbackKind.MUTE, "i-unknown"))
    assert (fold.incidents, fold.puts) == ((), ())


def test_a_wrong_place_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a place"):
        feedback(FeedbackKind.WRONG_PLACE, "i-1")
