"""Topics are created as declared, and a topic that differs is told of in words."""

from dataclasses import replace

import pytest

from marqab import admin
from schemas.errors import SourceDown
from schemas.topics import ALERTS, INCIDENTS, POSTS, TOPICS

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
