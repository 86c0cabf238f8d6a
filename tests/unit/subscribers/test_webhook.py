"""The letter to a webhook, its signature, and how answers are read."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.heard import position_text, positions_of
from subscribers.webhook import FIRST_WAIT, LONGEST_WAIT, Again, Delivered, Refused, back_off, key_of, letter, outcome
from tests.unit.subscribers.builders import alert

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://hooks.example/in"


def test_a_letter_is_a_signed_cloud_event() -> None:
    told = letter(URL, "secret", [alert(revision=2)], NOW)
    body = json.loads(told.body)
    assert told.headers["content-type"].startswith("application/cloudevents+json")
    assert (body["specversion"], body["type"], body["source"]) == ("1.0", "org.marqab.alert.v1", "/announcer")
    assert body["id"] == body["data"]["alert_id"] == told.headers["webhook-id"] == told.headers["idempotency-key"]
    assert body["subject"] == "i-1"
    assert "الرقة" in told.body.decode(), "no ASCII escapes"
    signed = f"{told.headers['webhook-id']}.{int(NOW.timestamp())}.".encode() + told.body
    mac = base64.b64encode(hmac.new(b"secret", signed, hashlib.sha256).digest()).decode()
    assert told.headers["webhook-signature"] == f"v1,{mac}"


def test_the_same_alerts_have_the_same_id_and_a_batch_its_own() -> None:
    one, two = alert("i-1"), alert("i-2")
    later = NOW + timedelta(hours=3)
    batch = letter(URL, "s", [one, two], NOW)
    assert batch.headers["webhook-id"] == letter(URL, "s", [one, two], later).headers["webhook-id"]
    assert batch.headers["webhook-signature"] != letter(URL, "s", [one, two], later).headers["webhook-signature"]
    assert batch.headers["content-type"].startswith("application/cloudevents-batch+json")
    assert [event["subject"] for event in json.loads(batch.body)] == ["i-1", "i-2"]
    assert batch.headers["webhook-id"] != letter(URL, "s", [two], NOW).headers["webhook-id"]


def test_the_published_example_of_standard_webhooks_gives_its_signature() -> None:
    from subscribers.webhook import sign

    # The example in the Standard Webhooks libraries' own tests.
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_broken_secret_is_told() -> None:
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_***")


@pytest.mark.parametrize(
    ("status", "retry_after", "said"),
    [
        (200, None, Delivered()),
        (204, None, Delivered()),
        (302, None, Again("HTTP 302")),
        (401, None, Again("HTTP 401")),
        (429, "120", Again("HTTP 429", timedelta(minutes=2))),
        (503, "Sun, 01 Mar 2026 12:01:00 GMT", Again("HTTP 503", timedelta(minutes=1))),
        (503, "Sun, 01 Mar 2026 11:01:00 GMT", Again("HTTP 503", timedelta(0))),
        (503, "9999999999999", Again("HTTP 503", LONGEST_WAIT)),
        (503, "soon", Again("HTTP 503")),
    ],
)
def test_answers(status: int, retry_after: str | None, said: object) -> None:
    assert outcome(status, retry_after, NOW) == said


def test_some_answers_are_final() -> None:
    assert isinstance(outcome(422, None, NOW), Refused)
    gone = outcome(410, None, NOW)
    assert isinstance(gone, Refused)
    assert gone.gone


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_waiting_grows_to_an_hour_and_never_starts_at_nothing(attempt: int, chance: float) -> None:
    assert FIRST_WAIT / 2 <= back_off(attempt, chance) <= LONGEST_WAIT
    assert back_off(attempt, 0) <= back_off(attempt + 1, 0)


@given(st.dictionaries(st.integers(0, 10**6), st.integers(0, 10**15), max_size=20))
def test_positions_come_back_from_their_text(positions: dict[int, int]) -> None:
    assert positions_of(position_text(positions)) == positions


@pytest.mark.parametrize("text", ["x", "1", "1-", "-1", "1-2.", "1-2;3-4", "1--2", "٣-٤x", "1-" + "9" * 50])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        positions_of(text)
