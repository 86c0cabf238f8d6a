"""Three nodes, two of them in sync: any one of them may die at any time."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from marqab import admin
from schemas.topics import POSTS, SIGHTINGS
from tests.contracts.harness import publish, worked_off
from tests.faults.conftest import Supervisor, named
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed, until_committed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


async def leader(broker, topic: str) -> int:
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        [told] = [entry for entry in await client.describe_topics() if entry["topic"] == topic]
        return told["partitions"][0]["leader"]
    finally:
        await client.close()


async def coordinator(broker) -> int:
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        return await client.find_coordinator(broker.app_id)
    finally:
        await client.close()


async def test_the_leader_of_a_partition_dies_then_the_groups_coordinator(three_nodes, tmp_path):
    broker = named(three_nodes)
    wanted = [
        *admin.declared(prefix=broker.prefix, partitions=1, replication=3),
        *admin.tables(broker.app_id, partitions=1, replication=3),
    ]
    await admin.create(broker.connection, wanted)
    nodes = {node.number: node for node in three_nodes.nodes}
    await publish(broker, STORY[:100])
    async with Supervisor(broker, tmp_path / "state", replication=3):
        for part, whose in enumerate(
            (
                leader(broker, POSTS.named(broker.prefix)),
                coordinator(broker),
                leader(broker, SIGHTINGS.named(broker.prefix)),
            ),
            start=1,
        ):
            await until_committed(broker, part * 100 - 99)
            hurt = nodes[await whose]
            await hurt.kill()
            await publish(broker, STORY[part * 100 : part * 100 + 100])
            await until_committed(broker, part * 100 + 1)
            await hurt.start()
            await three_nodes.ready()
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()
