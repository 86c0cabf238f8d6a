"""The subscribers' reader on a broker: positions are remembered per subscriber, and a spoilt message stops nobody."""

import asyncio
import contextlib
import os
import sys

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer

from schemas.codec import encode
from schemas.topics import ALERTS
from subscribers.reader import alert_stream, read_alerts
from tests.paths import ROOT
from tests.shell.subscribers.receiver import ENVIRON, receiver
from tests.unit.subscribers.builders import alert

pytestmark = pytest.mark.broker


async def publish(broker, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(ALERTS.named(broker.prefix), value)
    finally:
        await producer.stop()


async def test_a_subscriber_goes_on_where_it_stopped_and_misses_nothing_from_its_first_start(broker):
    await broker.create_topics()
    await publish(broker, encode(alert("i-0")))
    mine = {"prefix": broker.prefix, "group": f"{broker.app_id}-notify-a"}
    async with alert_stream(broker.bootstrap, **mine):
        pass  # killed before anything came: what comes now must not be missed
    await publish(broker, encode(alert("i-1")), encode(alert("i-1")), b"{", encode(alert("i-2")), encode(alert("i-3")))
    async with alert_stream(broker.bootstrap, **mine) as stream:
        first, second = await stream.next(30), await stream.next(30)
        assert [heard.alert.incident_id for heard in (first, second)] == ["i-1", "i-2"], (
            "once each, the spoilt one left"
        )
        await stream.remember({first.partition: first.offset + 1})
    async with alert_stream(broker.bootstrap, **mine) as stream:
        assert (await stream.next(30)).alert.incident_id == "i-1", "its repetition: not yet remembered, same id"
        assert (await stream.next(30)).alert.incident_id == "i-2"


async def test_without_a_group_the_reader_starts_where_it_is_told_and_knows_the_end(broker):
    await broker.create_topics()
    await publish(broker, *(encode(alert(f"i-{n}")) for n in range(3)))
    async with alert_stream(broker.bootstrap, prefix=broker.prefix, from_start=True) as stream:
        assert await stream.ends() == {0: 3}
        assert [(await stream.next(30)).offset for _ in range(3)] == [0, 1, 2]
        assert await stream.next(0.2) is None
    read = read_alerts(broker.bootstrap, prefix=broker.prefix, from_start=True)
    assert (await anext(read)).incident_id == "i-0"
    await read.aclose()


async def test_the_desk_and_the_notifier_run_as_commands_beside_a_broker(broker, tmp_path):
    await broker.create_topics(partitions=2)
    await publish(broker, encode(alert("i-1", country="SY")))
    environ = {
        **os.environ,
        "MARQAB_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "MARQAB_TOPIC_PREFIX": broker.prefix,
        "MARQAB_APP_ID": broker.app_id,
        "MARQAB_SECRET_HOOK": ENVIRON["SECRET"],
    }
    async with receiver() as there, asyncio.timeout(100):
        (tmp_path / "subscribers.toml").write_text(
            f'[[subscriber]]\nid = "hook"\ntypes = ["curfew"]\n'
            f'to = {{ by = "webhook", url = "{there.url}", secret_from = "MARQAB_SECRET_HOOK" }}\n'
        )
        shown_by = running(environ, tmp_path, "desk", "--port", "0", "--since", "1d")
        async with shown_by as desk, aiohttp.ClientSession() as http:
            address = (await desk.stderr.readline()).decode().strip().removeprefix("marqab desk: ")
            async with http.get(address + "/alerts.geojson") as answer:
                assert [f["id"] for f in (await answer.json(content_type=None))["features"]] == ["i-1"]
            async with running(environ, tmp_path, "notify"):
                told = []
                while not there.got:  # joins its group some time after its start; from then on misses nothing
                    told.append(alert(f"i-{len(told) + 2}", event_types=["curfew"]))
                    await publish(broker, encode(told[-1]))
                    await asyncio.sleep(1)
            async with http.get(address + "/alerts.geojson?type=curfew") as answer:
                shown = {f["id"] for f in (await answer.json(content_type=None))["features"]}
            assert shown == {one.incident_id for one in told}
        assert there.got[0][1]["subject"] in shown, "and the first, which it did not ask for, was not sent"


@contextlib.asynccontextmanager
async def running(environ, folder, *command: str):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "marqab", *command, env=environ | {"PYTHONPATH": str(ROOT)}, cwd=folder,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0, "an orderly stop"
