"""A broker that is slow, away, full, or has less than it had; what is lost with it is said."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import PolicyViolationError

from deploy.kafka import cluster as kafka
from schemas.errors import Misconfigured, SourceDown
from schemas.topics import POSTS, REPORTS
from tests.contracts.harness import count, publish, run_through, worked_off, worker
from tests.faults.conftest import Supervisor, named
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed, until_committed
from tests.shell.test_continuity import Meter

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

PAUSE_SECONDS = float(os.environ.get("MARQAB_PAUSE_SECONDS", "60"))
"""Ten times the workers' session timeout."""


async def test_a_broker_that_does_not_answer_for_longer_than_a_session(broker, cluster, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:200])
    async with Supervisor(broker, tmp_path / "state"):
        await until_committed(broker, 1)
        cluster.nodes[0].pause()
        await asyncio.sleep(PAUSE_SECONDS)
        cluster.nodes[0].resume()
        await publish(broker, STORY[200:])
        await worked_off(broker, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()


async def test_the_broker_is_away_when_the_worker_starts(broker, cluster, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY)
    await cluster.nodes[0].kill()
    with pytest.raises(SourceDown, match="no Kafka broker answers"):
        async with worker(broker, tmp_path / "state") as (_, task):
            await task
    await cluster.nodes[0].start()
    await cluster.ready()
    await run_through(broker, tmp_path / "state")
    assert await alerts(broker) == undisturbed()


async def test_a_missing_topic_is_said_and_waited_for(broker, tmp_path):
    from schemas.topics import TOPICS

    await broker.create_topics(1, [topic for topic in TOPICS if topic is not REPORTS])
    await publish(broker, STORY)
    with pytest.raises(SourceDown, match=r"the topic \S+reports does not exist"):
        async with worker(broker, tmp_path / "state") as (_, task):
            await task
    await broker.create_topics(1, [REPORTS])
    await run_through(broker, tmp_path / "state")
    assert await alerts(broker) == undisturbed()


async def _admin(broker, act):
    client = AIOKafkaAdminClient(**broker.connection)
    await client.start()
    try:
        return await act(client)
    finally:
        await client.close()


async def forget(broker, topic: str, before: int) -> None:
    """What retention does: offsets below `before` are gone."""

    async def act(client):
        await client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, configs={"cleanup.policy": "compact,delete"})]
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    await client.delete_records({TopicPartition(topic, 0): RecordsToDelete(before)})
                    return
                except PolicyViolationError:  # the node has not heard of the new setting yet
                    await asyncio.sleep(0.1)

    await _admin(broker, act)


async def test_what_retention_deleted_unread_is_counted_and_the_rest_is_read(broker, tmp_path, caplog):
    await broker.create_topics(1)
    await publish(broker, STORY[:100])
    await run_through(broker, tmp_path / "state")
    await publish(broker, STORY[100:])
    await forget(broker, POSTS.named(broker.prefix), 130)

    meter = Meter()
    async with worker(broker, tmp_path / "state", meter=meter) as (_, task):
        await worked_off(broker, task, seconds=PATIENCE_SECONDS)

    assert meter.counts["marqab_messages_expired_total"] == 30
    assert "30 messages from 100 on were deleted by the broker's retention" in caplog.text
    assert await alerts(broker) == undisturbed(STORY[:100] + STORY[130:])


async def test_a_changelog_that_lost_its_beginning_stops_a_worker_that_needs_it(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:200])
    await run_through(broker, tmp_path / "state")
    name = f"{broker.app_id}-incidents-changelog"
    await forget(broker, name, 20)
    await publish(broker, STORY[200:])

    with pytest.raises(Misconfigured, match=f"{name} begins at offset 20 in partition 0: older rows were deleted"):
        async with worker(broker, tmp_path / "another machine") as (_, task):
            await task
    await run_through(broker, tmp_path / "state")  # the store that has them knows all it needs
    assert await alerts(broker) == undisturbed()

    meter = Meter()
    async with worker(broker, tmp_path / "accepted", meter=meter, accept_lost_rows=True) as (_, task):
        async with asyncio.timeout(PATIENCE_SECONDS):  # for the recovery: all is worked off already
            while not meter.counts.get("marqab_lost_changelogs_total"):
                assert not task.done(), task.result()
                await asyncio.sleep(0.05)


async def test_a_changelog_that_lost_its_end_stops_workers_with_and_without_a_store(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, STORY[:100])
    await run_through(broker, tmp_path / "state")
    name = f"{broker.app_id}-incidents-changelog"

    async def anew(client):
        await client.delete_topics([name])
        await asyncio.sleep(1)
        await client.create_topics([NewTopic(name, 1, 1, topic_configs={"cleanup.policy": "compact"})])

    await _admin(broker, anew)
    with pytest.raises(Misconfigured, match="rows that its changelog in Kafka lacks"):
        async with worker(broker, tmp_path / "state") as (_, task):
            await task
    with pytest.raises(Misconfigured, match=rf"{name} ends at offset 0 in partition 0, where .* written up to \d+"):
        async with worker(broker, tmp_path / "another machine") as (_, task):
            await task


async def test_a_changelog_whose_files_are_gone_stops_a_worker_that_needs_it(broker, cluster, tmp_path):
    """What a lost disk does: the broker comes back, and knows of no rows."""
    await broker.create_topics(1)
    await publish(broker, STORY[:200])
    await run_through(broker, tmp_path / "state")
    node, name = cluster.nodes[0], f"{broker.app_id}-incidents-changelog"
    await node.stop()
    segments = [path for path in (node.folder / "log" / f"{name}-0").iterdir() if path.suffix in (".log", ".index")]
    assert segments
    for path in segments:
        path.unlink()
    await node.start()
    await cluster.ready()
    await publish(broker, STORY[200:])
    with pytest.raises(Misconfigured, match=f"{name} ends at offset 0 in partition 0"):
        async with worker(broker, tmp_path / "another machine") as (_, task):
            await task


@pytest.fixture
def small_disk(tmp_path):
    """A folder with room for 48 MB, and a way to make it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk of its own needs the right to mount one (root)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_stops_the_broker_and_loses_nothing(kafka_here, small_disk, tmp_path):
    async with kafka.cluster(small_disk / "kafka") as cluster:
        broker = named(cluster)
        await broker.create_topics(1)
        await publish(broker, STORY[:200])
        async with Supervisor(broker, tmp_path / "state"):
            await until_committed(broker, 1)
            ballast = small_disk / "ballast"
            _fill(ballast)
            publishing = asyncio.ensure_future(publish(broker, STORY[200:]))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await cluster.nodes[0].process.wait()  # Kafka halts when its only log folder cannot be written
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
            ballast.unlink()
            await cluster.nodes[0].start()
            await cluster.ready()
            sent = await count(broker, POSTS)
            assert sent >= 200
            await publish(broker, STORY[sent:])
            await worked_off(broker, seconds=PATIENCE_SECONDS)
        assert await alerts(broker) == undisturbed()


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(1 << 16))
        except OSError:
            pass
