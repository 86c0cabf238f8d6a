"""What a person means, as the record that says so; what cannot be meant is refused in a sentence."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode, encode
from schemas.errors import Undecodable
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Feedback, Incident
from schemas.records.feedback import with_id
from subscribers import corrections
from tests.unit.correlate.builders import Desk, place, story

AT = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
SAID = {"by": "Amal", "note": "same attack", "at": AT}


def incident(**changes: object) -> Incident:
    desk = Desk()
    for heard in story()[:3]:
        desk.hear(heard)
    (told,) = desk.incidents.values()
    return msgspec.structs.replace(told, **{"theatre": "middle-east", **changes})


OTHER = {"incident_id": "i-other"}


def test_a_merge_names_both_and_where_they_meet() -> None:
    made = corrections.merge(incident(), incident(**OTHER), **SAID)
    assert (made.kind, made.incident_id, made.into) == (FeedbackKind.MERGE, incident().incident_id, "i-other")
    assert (made.theatre, made.by, made.note, made.given_at) == ("middle-east", "Amal", "same attack", AT)
    assert decode(encode(made), Feedback) == made


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: corrections.merge(incident(), incident(**OTHER, theatre="asia"), **SAID), "two theatres"),
        (lambda: corrections.merge(incident(), incident(), **SAID), "both sides"),
        (lambda: corrections.merge(incident(), incident(state=IncidentState.MERGED), **SAID), "was merged into"),
        (lambda: corrections.mute(incident(state=IncidentState.CLOSED), **SAID), "is closed"),
        (lambda: corrections.mute(incident(theatre=None), **SAID), "older marqab"),
        (lambda: corrections.split(incident(), [], **SAID), "name the posts"),
        (lambda: corrections.split(incident(), ["p-x"], **SAID), "p-x is no post of"),
        (
            lambda: corrections.split(incident(), [s.post_id for s in incident().statements], **SAID),
            "leave at least one",
        ),
        (
            lambda: corrections.split(
                incident(), [incident().statements[0].post_id], into=incident(**OTHER, theatre="asia"), **SAID
            ),
            "do not move",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wrong()  # type: ignore[operator]


def test_all_kinds_say_what_they_need() -> None:
    one = incident()
    leaving = one.statements[0].post_id
    assert corrections.split(one, [leaving, leaving], **SAID).posts == [leaving]
    assert corrections.split(one, [leaving], into=incident(**OTHER), **SAID).into == "i-other"
    assert corrections.mute(one, until=AT, **SAID).until == AT
    assert corrections.not_an_incident(one, **SAID).kind is FeedbackKind.NOT_AN_INCIDENT
    assert corrections.wrong_place(one, place("Tabqa", 35.83, 38.54), **SAID).place == place("Tabqa", 35.83, 38.54)


@given(st.text(max_size=50, alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_id_is_made_from_what_is_said(note: str) -> None:
    one = with_id(Feedback(feedback_id="x", kind=FeedbackKind.MUTE, incident_id="i-1", note=note, given_at=AT))
    assert with_id(one) == one
    assert with_id(msgspec.structs.replace(one, note=note + "!")).feedback_id != one.feedback_id


@pytest.mark.parametrize(
    "broken",
    [
        b'{"kind":"merge","incident_id":"i-1","feedback_id":"f","given_at":"2026-03-01T00:00:00Z"}',
        b'{"kind":"split","incident_id":"i-1","feedback_id":"f","given_at":"2026-03-01T00:00:00Z"}',
        b'{"kind":"merge","incident_id":"i-1","into":"i-1","feedback_id":"f","given_at":"2026-03-01T00:00:00Z"}',
        b'{"kind":"praise","incident_id":"i-1","feedback_id":"f","given_at":"2026-03-01T00:00:00Z"}',
    ],
)
def test_half_a_feedback_is_none(broken: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(broken, Feedback)
