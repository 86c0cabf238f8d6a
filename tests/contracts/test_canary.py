"""`marqab canary` beside a real worker: a known post goes in, a marked alert comes out, and nothing stays."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from marqab.canary import Outcome, fly_once
from marqab.metrics import Metrics
from marqab.settings import Settings
from schemas.codec import decode, encode
from schemas.records import Alert
from schemas.topics import ALERTS, INCIDENTS
from subscribers.sample import sample_alert
from tests.contracts.harness import everything, worker
from tests.paths import ROOT

pytestmark = pytest.mark.broker


def settings(broker, deadline: float) -> Settings:
    return Settings(
        kafka_bootstrap_servers=broker.bootstrap,
        topic_prefix=broker.prefix,
        embedded_broker=broker.kind == "embedded",
        canary_deadline_seconds=deadline,
    )


async def test_it_flies_through_and_its_incident_is_forgotten(broker, tmp_path):
    await broker.create_topics(partitions=2)
    async with worker(broker, tmp_path, partitions=2):
        flown = [await fly_once(settings(broker, 60), broker.connection, Metrics("canary")) for _ in range(2)]
    assert [result.outcome for result in flown] == [Outcome.ON_TIME] * 2, flown
    alerts = [decode(message.value, Alert) for message in await everything(broker, ALERTS)]
    assert {alert.incident_id for alert in alerts} == {result.incident_id for result in flown}
    assert all(alert.test for alert in alerts)
    last = {}
    for message in await everything(broker, INCIDENTS):
        last[message.key.decode()] = message.value
    assert last == {result.incident_id: None for result in flown}


async def test_without_a_worker_it_is_missing(broker):
    await broker.create_topics()
    result = await fly_once(settings(broker, 1.0), broker.connection, Metrics("canary"))
    assert result.outcome is Outcome.MISSING


async def test_programs_that_subscribe_do_not_see_it_unless_they_ask(broker, monkeypatch):
    await broker.create_topics()
    test = sample_alert(datetime(2026, 1, 1, tzinfo=UTC))
    real = msgspec.structs.replace(test, alert_id="a-real", test=False)
    async with AIOKafkaProducer(**broker.connection) as producer:
        for alert in (test, real):
            await producer.send_and_wait(ALERTS.named(broker.prefix), encode(alert), key=b"k")
    monkeypatch.syspath_prepend(str(ROOT / "client"))
    import marqab_client

    for asked, first in ((False, "a-real"), (True, test.alert_id)):
        reads = marqab_client.subscribe(
            broker.bootstrap, topic=ALERTS.named(broker.prefix), from_start=True, tests=asked
        )
        async with asyncio.timeout(30):
            assert (await anext(reads)).alert_id == first
        await reads.aclose()
