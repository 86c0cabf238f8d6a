"""Everything read again from the first offset gives the same final incidents and no alert that is not known already."""

from dataclasses import replace

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.codec import decode, encode
from schemas.records import Incident
from schemas.topics import ALERTS, INCIDENTS, SIGHTINGS, Topic
from tests.contracts.harness import HOPS, everything, publish, run_through
from tests.contracts.posts import posts

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

POSTS = posts(60)


async def final(broker) -> dict[bytes, bytes]:
    """The last revision of every incident, byte for byte but for `settled`, which says why it was sent."""
    last = {message.key: decode(message.value, Incident) for message in await everything(broker, INCIDENTS)}
    return {key: encode(msgspec.structs.replace(incident, settled=False)) for key, incident in last.items()}


async def alerts(broker) -> dict[bytes, bytes]:
    """Every alert by its id; one that was sent twice must be the same."""
    found: dict[bytes, bytes] = {}
    for message in await everything(broker, ALERTS):
        name = dict(message.headers)["ce_id"]
        assert found.setdefault(name, message.value) == message.value
    return found


async def first_run(broker, folder):
    await broker.create_topics(1)
    await publish(broker, POSTS)
    await run_through(broker, folder)
    before = await final(broker), await alerts(broker)
    assert len(before[1]) > 5
    return before


async def rewind(broker) -> None:
    """What `kafka-consumer-groups --reset-offsets --to-earliest` does."""
    consumer = AIOKafkaConsumer(group_id=broker.app_id, enable_auto_commit=False, **broker.connection)
    await consumer.start()
    try:
        places = [TopicPartition(topic.named(broker.prefix), 0) for topic in HOPS]
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, 0))
    finally:
        await consumer.stop()


@pytest.mark.parametrize("broker", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_rewound_to_the_first_offset_with_its_tables_it_says_nothing_new(broker, tmp_path):
    before = await first_run(broker, tmp_path)
    await rewind(broker)
    await run_through(broker, tmp_path)
    assert (await final(broker), await alerts(broker)) == before


async def test_a_new_group_without_tables_makes_the_same_incidents_from_the_first_offset(broker, tmp_path):
    before = await first_run(broker, tmp_path / "first")
    await run_through(replace(broker, app_id=f"{broker.app_id}-anew"), tmp_path / "second")
    assert (await final(broker), await alerts(broker)) == before


@pytest.mark.parametrize("broker", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_with_what_is_finished_the_group_notes_how_far_its_tables_go(broker, tmp_path):
    """So that a changelog which has lost its end is noticed even where no local store is left."""
    await first_run(broker, tmp_path)
    rows = Topic(name="-incidents-changelog", value=None, key="")
    written = len(await everything(replace(broker, prefix=broker.app_id), rows))
    place = TopicPartition(SIGHTINGS.named(broker.prefix), 0)
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        noted = (await client.list_consumer_group_offsets(broker.app_id, partitions=[place]))[place].metadata
    finally:
        await client.close()
    assert written > 5
    assert int(noted) == written
