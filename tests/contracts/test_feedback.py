"""What people say, through Kafka and Faust: the very bytes of a replay, also when the worker is killed meanwhile."""

import asyncio
import signal
from datetime import timedelta

import msgspec
import pytest

from agents.replay import Replay, interleaved
from marqab import incidents
from schemas.codec import decode, encode
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Alert, Feedback, Incident
from schemas.records.feedback import with_id
from schemas.topics import ALERTS, FEEDBACK, INCIDENTS, REJECTS
from subscribers import corrections
from subscribers.feedback import FeedbackPublisher
from tests.contracts.harness import (
    DEADLINE_SECONDS,
    Process,
    committed,
    everything,
    publish,
    run_through,
    worked_off,
    worker,
)
from tests.contracts.posts import posts
from tests.unit.correlate.builders import place

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

FIRST, LATER = posts(110)[:60], posts(110)[60:]


def said() -> list[Feedback]:
    """After the first posts: a merge, a split, a mute, a dismissal, another place, and one that cannot be applied."""
    replay = Replay()
    for post in FIRST:
        replay.step(post)
    at = FIRST[-1].fetched_at + timedelta(seconds=1)
    told = [i for i in replay.incidents() if i.state is IncidentState.OPEN][-8:]
    divided = next(i for i in told if len(i.statements) > 3 and not i.claims)
    one, two, three, four, five = [i for i in told if i is not divided][:5]
    how = {"by": "Amal", "note": "seen by a correspondent"}
    return [
        corrections.merge(one, two, at=at, **how),
        corrections.split(divided, [s.post_id for s in divided.statements[1:2]], at=at + timedelta(seconds=1), **how),
        corrections.mute(three, at=at + timedelta(seconds=2), **how),
        corrections.not_an_incident(four, at=at + timedelta(seconds=3), **how),
        corrections.wrong_place(five, place("Tabqa", 35.83, 38.54), at=at + timedelta(seconds=4), **how),
        with_id(
            Feedback(
                feedback_id="-", kind=FeedbackKind.MUTE, incident_id="i-nobody-knows", theatre=one.theatre,
                given_at=at + timedelta(seconds=5), by="Amal",
            )
        ),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def given() -> list[Feedback]:
    return said()


@pytest.fixture(scope="module")
def undisturbed(given):
    replay = Replay()
    outcomes = [replay.step(post) for post in FIRST]
    outcomes += [replay.correct(one) for one in given]
    outcomes += [replay.step(post) for post in LATER]
    return replay, outcomes


async def give(broker, given) -> None:
    idempotent = broker.kind != "embedded"
    async with FeedbackPublisher(broker.bootstrap, prefix=broker.prefix, idempotent=idempotent) as publisher:
        for one in given:
            await publisher.publish(one)


def test_a_replay_with_feedback_interleaves_it_by_time(given, undisturbed):
    _, outcomes = undisturbed
    replay = Replay()
    steps = list(interleaved([*FIRST, *LATER], reversed(given)))
    assert steps[: len(FIRST)] == FIRST
    assert steps[len(FIRST) :][: len(given)] == given
    again = [replay.correct(step) if isinstance(step, Feedback) else replay.step(step) for step in steps]
    assert again == outcomes


async def test_feedback_gives_the_bytes_of_a_replay(broker, tmp_path, given, undisturbed):
    _, outcomes = undisturbed
    await broker.create_topics(1)
    async with worker(broker, tmp_path) as (_, task):
        await publish(broker, FIRST)
        await worked_off(broker, task)
        await give(broker, [*given, *given])  # twice: the second time changes nothing
        await worked_off(broker, task)
        await publish(broker, LATER)
        await worked_off(broker, task)

    alerts = [m.value for m in await everything(broker, ALERTS)]
    assert alerts == [encode(alert) for outcome in outcomes for alert in outcome.alerts]
    final = {m.key: m.value for m in await everything(broker, INCIDENTS)}
    assert final == {i.incident_id.encode(): encode(i) for outcome in outcomes for i in outcome.incidents}
    kinds = {decode(raw, Alert).kind.value for raw in alerts}
    assert {"merged", "corrected"} <= kinds
    refused = await everything(broker, REJECTS)
    assert [m.value for m in refused] == [encode(given[-1])] * 2
    assert await incidents.given(broker.connection, broker.prefix) == given
    wanted = [given[0].incident_id, given[0].into, "i-nobody-knows"]
    found = await incidents.find(broker.connection, broker.prefix, wanted)
    assert {i: encode(incident) for i, incident in found.items()} == {i: final[i.encode()] for i in wanted[:2]}
    why = dict(refused[0].headers)
    assert b"i-nobody-knows is not known here" in why["__connect.errors.exception.message"]
    assert why["__connect.errors.topic"] == FEEDBACK.named(broker.prefix).encode()


async def test_killed_while_feedback_comes_in_it_ends_with_the_same_incidents_and_no_alert_has_two_contents(
    broker, tmp_path, given, undisturbed
):
    replay, _ = undisturbed
    await broker.create_topics(1)
    await publish(broker, FIRST)
    await run_through(broker, tmp_path)
    for number, one in enumerate(given):
        await give(broker, [one])
        if number % 2 == 0:
            async with Process(broker, tmp_path) as process:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    while await committed(broker, FEEDBACK) < number:  # up to the one before: this one is on its way
                        assert process.process.returncode is None
                        await asyncio.sleep(0.02)
                await process.end(signal.SIGKILL)
    async with Process(broker, tmp_path) as process:
        gone = process.gone()
        await worked_off(broker, gone)
        await publish(broker, LATER)
        await worked_off(broker, gone)
        assert await process.end(signal.SIGTERM) == 0

    sent: dict[str, bytes] = {}
    for message in await everything(broker, ALERTS):
        assert sent.setdefault(decode(message.value, Alert).alert_id, message.value) == message.value
    found = {m.key: decode(m.value, Incident) for m in await everything(broker, INCIDENTS)}
    assert standing(found.values()) == standing(replay.incidents())
    told = {c.after for raw in sent.values() for c in decode(raw, Alert).changes if c.field == "corrections"}
    assert {one.feedback_id for one in given if one.kind is not FeedbackKind.MUTE} <= told


def standing(incidents) -> list[Incident]:
    """The incidents that stand, without the numbers that the path decides."""
    told = [msgspec.structs.replace(i, revision=1) for i in incidents if i.state is not IncidentState.MERGED]
    return sorted(told, key=lambda incident: incident.incident_id)
