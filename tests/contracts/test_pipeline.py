"""Law 3 through Kafka and Faust: one partition gives the very bytes of a replay, four the same incidents in the end."""

import json

import pytest

from agents.replay import Replay
from agents.routes import Routes
from agents.stages import shipped
from schemas.codec import decode, encode
from schemas.headers import with_span
from schemas.records import Alert, Incident
from schemas.topics import ALERTS, INCIDENTS, REJECTS, SIGHTINGS
from tests.contracts.harness import everything, publish, run_through
from tests.contracts.posts import WITHIN_A_WEEK, posts

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

POSTS = posts(200)
NEAR = posts(200, WITHIN_A_WEEK)
"""Partitions may run ahead of each other by all of it: less than the time after which an incident is forgotten."""


@pytest.fixture(scope="module")
def replayed():
    replay = Replay()
    return [replay.step(post) for post in POSTS]


def forwarded():
    """What the classifier passes on: what tells of an incident, and what changes earlier words."""
    stages, routes = shipped(), Routes()
    told = []
    for post in POSTS:
        sighting = stages.classify(stages.normalize(post))
        theatre, puts = routes.route(sighting)
        routes.apply(puts)
        told += [encode(sighting)] if theatre else []
    return told


async def test_one_partition_gives_the_bytes_of_a_replay(broker, tmp_path, replayed):
    outcomes = replayed
    await broker.create_topics(1)
    await publish(broker, POSTS)

    await run_through(broker, tmp_path)

    assert [m.value for m in await everything(broker, SIGHTINGS)] == forwarded()
    assert [m.value for m in await everything(broker, INCIDENTS)] == [encode(i) for o in outcomes for i in o.incidents]
    alerts = await everything(broker, ALERTS)
    assert [m.value for m in alerts] == [encode(a) for o in outcomes for a in o.alerts]
    assert len(alerts) > 20
    assert await everything(broker, REJECTS) == []
    for message in alerts:
        headers = dict(message.headers)
        assert headers["ce_type"] == b"org.marqab.alert.v1"
        assert headers["ce_id"] == json.loads(message.value)["alert_id"].encode()
        assert with_span(headers["traceparent"].decode(), "x") is not None


def content(incident: Incident) -> str:
    """What an incident says, without the names that depend on who spoke first, and whether it was sent once more."""
    own = {"incident_id", "revision", "merged_into", "settled"}

    def without_names(value):
        if isinstance(value, dict):
            return {k: without_names(v) for k, v in value.items() if k not in own}
        return [without_names(v) for v in value] if isinstance(value, list) else value

    return json.dumps(without_names(json.loads(encode(incident))), sort_keys=True, ensure_ascii=False)


def standing(incidents) -> dict[frozenset, str]:
    """The incidents that stand in the end, by the posts that they rest on."""
    final = {i.incident_id: i for i in incidents}.values()
    return {frozenset(s.post_id for s in i.statements): content(i) for i in final if i.state != "merged"}


async def test_four_partitions_give_the_same_incidents_in_the_end(broker, tmp_path):
    """And everything of one incident stands in one partition, in the order of its revisions."""
    replay = Replay()
    for post in NEAR:
        replay.step(post)
    await broker.create_topics(4)
    await publish(broker, NEAR)

    await run_through(broker, tmp_path, 4)

    told = await everything(broker, INCIDENTS)
    assert standing(decode(m.value, Incident) for m in told) == standing(replay.incidents())
    for topic, messages, revision in (
        (INCIDENTS, told, lambda m: decode(m.value, Incident).revision),
        (ALERTS, await everything(broker, ALERTS), lambda m: decode(m.value, Alert).incident.revision),
    ):
        by_incident: dict[bytes, list] = {}
        for message in messages:
            by_incident.setdefault(message.key, []).append((message.partition, revision(message)))
        assert len({place for (place, _), *_ in by_incident.values()}) > 1, topic.name
        assert all(len({place for place, _ in one}) == 1 and one == sorted(one) for one in by_incident.values())
