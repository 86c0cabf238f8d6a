"""A step lifted to bytes: nothing escapes, nothing is lost, what is decided is written down before it is remembered."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bounds import LONGEST_TEXT, bounded
from agents.stage import Effects, Emission, Message, handle
from agents.steps import Announcing, Correlating, Normalizing
from agents.theatres import HOME, Theatres, theatre_of
from schemas.codec import decode, encode
from schemas.errors import Undecodable
from schemas.headers import traceparent
from schemas.kinds import SourceKind
from schemas.records import EventTime, Feedback, Incident, Place, Post, Report, Sighting, Source
from schemas.topics import REJECTS, REPORTS

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOURCE = Source(id="s", kind=SourceKind.FEED)


def report(text="نص", **more) -> Report:
    return Report(post_id="p-1", source=SOURCE, native_id="1", language="ar", text=text, published_at=NOON, **more)


def message(value: bytes | None = b"{}", headers=(), timestamp_ms=1_767_268_800_000) -> Message:
    return Message("marqab.posts", 3, 42, timestamp_ms, b"key", value, headers)


class Step:
    name = "normalizer"

    def __init__(self, decide):
        self.decide, self.applied = decide, []

    def __call__(self, message):
        return self.decide(message)

    def ahead(self, messages):
        """Not asked here."""

    def apply(self, puts):
        self.applied.append(puts)

    def kept(self, puts):
        """Not asked here."""


@given(value=st.binary(max_size=200), headers=st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=9))))
def test_any_error_sets_the_message_aside_whole(value, headers):
    def fail(_):
        raise ZeroDivisionError("a bug")

    step = Step(fail)
    outcome = handle(step, message(value, headers))

    (rejected,) = outcome.outgoing
    assert (rejected.topic, rejected.key, rejected.value) == (REJECTS, b"key", value)
    assert rejected.timestamp_ms == 1_767_268_800_000
    assert rejected.headers[: len(headers)] == list(headers)
    why = dict(rejected.headers[len(headers) :])
    assert why["__connect.errors.topic"] == b"marqab.posts"
    assert why["__connect.errors.partition"] == b"3"
    assert why["__connect.errors.offset"] == b"42"
    assert why["__connect.errors.exception.message"] == b"a bug"
    assert b"in fail" in why["__connect.errors.exception.stacktrace"]
    assert outcome.rejected == "ZeroDivisionError"
    assert step.applied == []


def test_what_cannot_be_written_is_not_remembered():
    step = Step(lambda _: Effects([Emission(REPORTS, "k", report("\ud800"))], [("row", b"1")]))
    outcome = handle(step, message())
    assert outcome.rejected == "Undecodable"
    assert outcome.puts == ()
    assert step.applied == []


def test_what_is_too_large_for_kafka_is_set_aside():
    step = Step(lambda _: Effects([Emission(REPORTS, "k", report("x" * 33 * 1024 * 1024))]))
    assert handle(step, message()).rejected == "Undecodable"


def test_a_decision_is_sent_and_remembered():
    step = Step(lambda _: Effects([Emission(REPORTS, "ق", report())], [("row", b"1")]))
    outcome = handle(step, message())
    (sent,) = outcome.outgoing
    assert (sent.key, decode(sent.value, Report)) == ("ق".encode(), report())
    assert dict(sent.headers)["ce_id"] == b"p-1:0"
    assert step.applied == [[("row", b"1")]]


def test_the_trace_is_carried_on_and_begun_where_there_is_none():
    step = Step(lambda _: Effects([Emission(REPORTS, "k", report())]))
    given_trace = traceparent("p-9:0", "publisher")
    carried = dict(handle(step, message(headers=[("traceparent", given_trace.encode())])).outgoing[0].headers)
    begun = dict(handle(step, message(headers=[("traceparent", b"nonsense")])).outgoing[0].headers)
    assert carried["traceparent"].decode().split("-")[1] == given_trace.split("-")[1]
    assert begun["traceparent"].decode().split("-")[1] == traceparent("p-1:0", "any").split("-")[1]


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 10**18])
def test_an_impossible_time_of_arrival_is_none(timestamp_ms):
    assert message(timestamp_ms=timestamp_ms).arrived_at is None


def test_the_normalizer_is_told_when_a_post_arrived():
    seen = []

    def normalize(post, *, arrived_at=None):
        seen.append(arrived_at)
        raise Undecodable("enough")

    post = Post(source=SOURCE, native_id="1", text="", published_at=NOON)
    handle(Normalizing(normalize), message(encode(post)))
    assert seen == [NOON]


def test_a_text_that_nobody_would_write_is_cut_for_the_rules():
    long = bounded(report("x" * 200_000, title_length=150_000, boilerplate=[(10, 20), (99_990, 150_000), (160_000, 9)]))
    assert len(long.text) == LONGEST_TEXT == long.title_length
    assert long.boilerplate == [(10, 20), (99_990, LONGEST_TEXT)]
    assert long.notes == [f"only the first {LONGEST_TEXT} of 200000 characters were read"]
    assert bounded(report()) == report()


def sighting(place_country=None, source_country=None, post_id="p-1") -> Sighting:
    place = Place(name="x", country=place_country, accuracy="city", geo_precision=1, where_prec=1)
    return Sighting(
        post_id=post_id,
        source=Source(id="s", kind=SourceKind.FEED, country=source_country),
        native_id="1",
        language="ar",
        relevant=True,
        score=1,
        doc_role="new_incident",
        modality="actual",
        event_type="clash",
        time=EventTime(event_start=NOON, event_end=NOON),
        published_at=NOON,
        place=place if place_country else None,
    )


@pytest.mark.parametrize(
    ("place", "source", "key"),
    [
        ("SY", "RU", "middle-east"),
        (None, "IQ", "middle-east"),
        ("ML", "FR", "africa"),
        (None, "PK", "asia"),
        ("CO", None, "americas"),
        ("UA", None, "europe"),
        (None, None, HOME),
        ("XX", None, HOME),
    ],
)
def test_sightings_meet_by_theatre(place, source, key):
    assert theatre_of(sighting(place, source)) == key


def test_theatres_remember_apart_and_come_back_from_their_rows():
    theatres, rows = Theatres(), {}
    for number, country in enumerate(["SY", "IQ"]):
        fold = theatres.fold(sighting(country, post_id=f"p-{number}"), country)
        assert len(fold.incidents) == 1
        assert {key.split("/")[0] for key, _ in fold.puts} == {country}
        theatres.apply(fold.puts)
        rows |= dict(fold.puts)
    restored = Theatres()
    restored.load(sorted(rows.items()))
    assert restored.open_incidents == theatres.open_incidents == 2
    again = sighting("SY", post_id="p-0")
    assert restored.fold(again, "SY") == theatres.fold(again, "SY")


def test_the_announcer_sees_a_row_that_is_still_on_its_way():
    stored, asked = {}, []

    class Said:
        def __init__(self, row):
            self.alerts, self.row = (), row

    def announce(remembered, incident):
        asked.append(remembered)
        return Said((remembered or b"") + b"x")

    step = Announcing(announce, stored.get)
    folded = Theatres().fold(sighting("SY"), "SY")
    incident = message(encode(folded.incidents[0]))
    first = handle(step, incident)
    second = handle(step, incident)
    step.kept(first.puts)  # the older row reached the table; the newer one is still on its way
    stored.update(first.puts)
    third = handle(step, incident)
    for outcome in (second, third):
        stored.update(outcome.puts)
        step.kept(outcome.puts)
    handle(step, incident)
    assert asked == [None, b"x", b"xx", b"xxx"]
    assert handle(step, message(None)).outgoing == ()


def test_feedback_goes_through_the_step_and_what_cannot_be_applied_is_set_aside_whole():
    theatres = Theatres()
    step = Correlating(theatres)
    heard = handle(step, Message("marqab.sightings", 0, 0, 1, b"middle-east", encode(sighting("SY"))))
    (opened,) = (decode(sent.value, Incident) for sent in heard.outgoing)
    mute = Feedback(feedback_id="f-1", kind="mute", incident_id=opened.incident_id, by="Amal", given_at=NOON)

    def say(feedback, theatre=b"middle-east"):
        return handle(step, Message("marqab.feedback", 0, 0, 1, theatre, encode(feedback)))

    muted = say(mute)
    (told,) = (decode(sent.value, Incident) for sent in muted.outgoing)
    assert (told.alertable, told.corrections, told.theatre) == (False, ["f-1"], "middle-east")
    assert muted.counts == [("marqab_feedback_total", {"kind": "mute"})]
    assert say(mute).counts == []
    for wrong, theatre, says in [
        (msgspec.structs.replace(mute, feedback_id="f-2", incident_id="i-x"), b"middle-east", b"i-x is not known here"),
        (mute, b"atlantis", b"nothing has been heard in 'atlantis'"),
    ]:
        refused = say(wrong, theatre)
        (aside,) = refused.outgoing
        assert (aside.topic, aside.value, refused.rejected) == (REJECTS, encode(wrong), "Inapplicable")
        assert says in dict(aside.headers)["__connect.errors.exception.message"]
        assert "atlantis" not in theatres._of


def _sightings(*values: bytes) -> list[Message]:
    return [Message("marqab.sightings", 0, n, 1, b"middle-east", value) for n, value in enumerate(values)]


def test_sightings_read_ahead_are_decided_as_if_each_came_alone_and_a_broken_one_holds_up_nobody():
    messages = _sightings(encode(sighting("SY")), b"{", encode(sighting("SY", post_id="p-2")))
    mute = Feedback(feedback_id="f-1", kind="mute", incident_id="i-x", by="Amal", given_at=NOON)
    astray = encode(sighting("SY", post_id="p-3"))  # no feedback, at the offset that a sighting has in its own topic
    messages += [Message("marqab.feedback", 0, n, 1, b"middle-east", v) for n, v in [(1, encode(mute)), (0, astray)]]
    alone, together = Correlating(Theatres()), Correlating(Theatres())
    together.ahead(messages)
    outcomes = [handle(together, message) for message in messages]
    assert [outcome.rejected for outcome in outcomes] == [None, "Undecodable", None, "Inapplicable", "Undecodable"]
    assert [outcome.puts for outcome in outcomes] == [handle(alone, message).puts for message in messages]


def test_what_is_read_ahead_is_taken_and_a_reader_that_fails_costs_nothing_but_time():
    class Hearing(Theatres):
        def __init__(self, heard):
            super().__init__()
            self.heard, self.given = heard, []

        def hear(self, sightings):
            return self.heard(sightings)

        def fold(self, sighting, theatre, heard=None):
            self.given.append(heard)
            return super().fold(sighting, theatre, heard)

    def fails(_):
        raise ZeroDivisionError("a bug")

    messages = _sightings(encode(sighting("SY")), encode(sighting("SY", post_id="p-2")))
    for heard, taken in ((Theatres().hear, True), (fails, False)):
        theatres = Hearing(heard)
        step = Correlating(theatres)
        step.ahead(messages)
        assert [handle(step, message).rejected for message in messages] == [None, None]
        assert [one is not None for one in theatres.given] == [taken, taken]
