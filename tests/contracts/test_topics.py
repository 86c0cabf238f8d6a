"""Topics are created as declared, and a topic that differs is told of in words."""

import asyncio
import time
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner

from marqab import admin
from marqab.__main__ import main
from schemas.errors import SourceDown
from schemas.topics import ALERTS, INCIDENTS, POSTS, TOPICS
from tests.contracts.harness import everything

pytestmark = pytest.mark.broker


async def test_creates_what_is_declared_and_finds_nothing_to_say(broker):
    wanted = admin.declared(prefix=broker.prefix, partitions=3)

    made = await admin.create(broker.connection, wanted)
    again = await admin.create(broker.connection, wanted)

    assert set(made.created) == {topic.named(broker.prefix) for topic in TOPICS}
    assert again == admin.Outcome((), (), ())


async def test_tells_what_differs_and_changes_nothing(broker):
    here = admin.declared(prefix=broker.prefix, partitions=2, topics=[POSTS])
    elsewhere = admin.declared(prefix=broker.prefix, partitions=5, topics=[replace(POSTS, retention_days=1)])
    await admin.create(broker.connection, here)

    told = await admin.create(broker.connection, elsewhere)

    name = POSTS.named(broker.prefix)
    assert told.created == ()
    assert told.differences == (
        f"{name} has 2 partitions, declared are 5",
        f"{name} has retention.ms=2592000000, declared is 86400000",
    )
    assert (await admin.verify(broker.connection, here)).differences == ()


async def test_verifying_creates_no_topic(broker):
    wanted = admin.declared(prefix=broker.prefix, topics=[ALERTS, INCIDENTS])

    for _ in range(2):
        outcome = await admin.verify(broker.connection, wanted)
        assert set(outcome.missing) == {ALERTS.named(broker.prefix), INCIDENTS.named(broker.prefix)}


async def test_a_changelog_follows_its_source(broker):
    wanted = admin.changelog(broker.app_id, "incidents", 4, 1)

    await admin.create(broker.connection, [wanted])

    assert wanted.name == f"{broker.app_id}-incidents-changelog"
    assert await admin.verify(broker.connection, [wanted]) == admin.Outcome((), (), ())


async def test_nobody_there_is_said_with_the_address_and_the_remedy(unused_tcp_port):
    nowhere = {"bootstrap_servers": f"127.0.0.1:{unused_tcp_port}"}
    with pytest.raises(SourceDown, match=rf"127\.0\.0\.1:{unused_tcp_port}.*MARQAB_KAFKA_BOOTSTRAP_SERVERS"):
        await admin.verify(nowhere, admin.declared())


@pytest.mark.parametrize("broker", [pytest.param("kafka", marks=pytest.mark.kafka)], indirect=True)
async def test_the_brokers_clock_counts_whatever_writers_say(broker):
    """A writer whose clock jumps: Kafka would refuse what is ahead, and delete at once what is behind."""
    await broker.create_topics(1)
    producer = AIOKafkaProducer(**broker.connection)
    await producer.start()
    try:
        for days in (3, -400):
            stamp = int((time.time() + days * 86_400) * 1000)
            await producer.send_and_wait(POSTS.named(broker.prefix), b"{}", timestamp_ms=stamp)
    finally:
        await producer.stop()
    arrived = [message.timestamp / 1000 for message in await everything(broker, POSTS)]
    assert [abs(at - time.time()) < 3600 for at in arrived] == [True, True]


def test_check_tells_what_differs(broker, monkeypatch, tmp_path):
    here = admin.declared(prefix=broker.prefix, topics=[replace(POSTS, retention_days=1)])
    asyncio.run(admin.create(broker.connection, here))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARQAB_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap)
    monkeypatch.setenv("MARQAB_TOPIC_PREFIX", broker.prefix)
    monkeypatch.setenv("MARQAB_EMBEDDED_BROKER", "1" if broker.kind == "embedded" else "0")
    checked = CliRunner().invoke(main, ["check"])
    assert checked.exit_code == 1
    told = " ".join(checked.output.split())
    assert f"{POSTS.named(broker.prefix)} has retention.ms=86400000, declared is 2592000000" in told
