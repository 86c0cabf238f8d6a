"""One bad message is set aside whole and with its reason, or handled; the next one is handled in any case."""

import gzip
import json
from dataclasses import replace

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from agents import limit
from agents.replay import Replay
from agents.stages import shipped
from schemas.codec import decode, encode
from schemas.records import Alert, Report
from schemas.topics import ALERTS, MAX_MESSAGE_BYTES, POSTS, REJECTS
from tests.contracts.harness import committed, everything, publish, run_through, worked_off, worker
from tests.contracts.posts import posts, story
from tests.shell.test_continuity import Meter

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

GOOD = posts(1)[0]


def changed(**fields) -> bytes:
    """A good post as JSON with some fields set, or (None) left out."""
    plain = json.loads(encode(GOOD)) | {"native_id": "bad"} | fields
    return json.dumps({k: v for k, v in plain.items() if v is not None}).encode()


REJECTED = {  # bytes: part of the reason
    b'{"source": {"id": "x"': "not a Post",
    b"\xff\xfe not JSON": "not a Post",
    changed(published_at=None): "published_at",
    changed(published_at="2031-05-01T00:00:00Z", fetched_at=None): "2031-05-01",
    changed(revision=-3): "revision",
    changed(text="\ud800 half a letter"): "not a Post",
    b"[" * 100_000: "not a Post",
    b'{"source": NaN}': "not a Post",
    b"": "not a Post",
    b"null": "not a Post",
    b'"a string"': "not a Post",
    gzip.compress(encode(GOOD)): "not a Post",
    encode(GOOD)[:-1] + b', "future": ' + b"[" * 50_000 + b"]" * 50_000 + b"}": "not a Post",
    changed(source={"id": "a", "kind": "carrier pigeon", "name": "A"}): "kind",
    changed(published_at="0001-01-01T00:00:00+14:00"): "not a Post",
    changed(native_id=""): "native_id",
}
HANDLED = [
    changed(text=""),
    changed(text="قصف " * 1_200_000, title=None),  # 5.8 MB of one word (shelling)
    changed(text="\u0000\u202e\u200f" * 1000),
    changed(future_field={"any": ["thing"]}),
    changed(published_at="2031-05-01T00:00:00Z"),  # fetched today: the time of fetching stands in
    changed(published_at="1970-01-01T00:00:00Z"),
    changed(schema_version=99, native_id="from the future"),
    changed(text="({[<" * 100_000),
    changed(text="1٢۳" * 100_000),
    changed(html="<b>" * 50_000, title="\u0000" * 500),
]


async def test_bad_messages_are_set_aside_and_good_ones_pass(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, [*REJECTED, *HANDLED, *story(0)])

    await run_through(broker, tmp_path)

    rejects = await everything(broker, REJECTS)
    assert [m.value for m in rejects] == list(REJECTED)
    for number, (message, reason) in enumerate(zip(rejects, REJECTED.values(), strict=True)):
        headers = dict(message.headers)
        assert message.key == b"raw"
        assert headers["origin"] == b"test"
        assert headers["__connect.errors.topic"] == POSTS.named(broker.prefix).encode()
        assert headers["__connect.errors.offset"] == str(number).encode()
        assert headers["__connect.errors.stage"] == b"normalizer"
        assert headers["__connect.errors.exception.class.name"] == b"Undecodable"
        assert reason in headers["__connect.errors.exception.message"].decode()
    assert await committed(broker, POSTS) == len(REJECTED) + len(HANDLED) + len(story(0))
    assert any(decode(m.value, Alert).incident.country == "SY" for m in await everything(broker, ALERTS))


async def test_a_message_of_twenty_megabytes_and_a_tombstone(broker, tmp_path):
    await broker.create_topics(1)
    huge = b'{"source": "' + b"x" * 20_000_000
    producer = AIOKafkaProducer(max_request_size=MAX_MESSAGE_BYTES, **broker.connection)
    await producer.start()
    try:
        topic = POSTS.named(broker.prefix)
        await producer.send_and_wait(topic, huge, key=None, timestamp_ms=1_700_000_000_000)
        await producer.send_and_wait(topic, None, key=b"gone")
        await producer.send_and_wait(topic, encode(GOOD), key=b"good")
    finally:
        await producer.stop()

    await run_through(broker, tmp_path)

    first, second = await everything(broker, REJECTS)
    arrived = (await everything(broker, POSTS))[0].timestamp
    assert (first.key, first.value, first.timestamp) == (None, huge, arrived)
    assert (second.key, second.value) == (b"gone", None)
    assert len(await everything(broker, ALERTS)) == 1


async def test_a_post_on_which_a_rule_does_not_end_is_set_aside_and_the_next_one_is_read(broker, tmp_path, monkeypatch):
    monkeypatch.setattr(limit, "LIMIT_SECONDS", 1.0)
    stages, told = shipped(), posts(20)
    endless = msgspec.structs.replace(told[0], native_id="endless")

    def classify(report):
        while report.native_id == "endless":
            sum(range(100))
        return stages.classify(report)

    await broker.create_topics(1)
    await publish(broker, [*told[:10], endless, *told[10:]])
    meter = Meter()
    async with worker(broker, tmp_path, stages=replace(stages, classify=classify), meter=meter) as (_, task):
        await worked_off(broker, task)

    (message,) = await everything(broker, REJECTS)
    assert decode(message.value, Report).native_id == "endless"
    headers = dict(message.headers)
    assert headers["__connect.errors.stage"] == b"classifier"
    assert b"given up after 1 seconds" in headers["__connect.errors.exception.message"]
    replay = Replay()
    expected = [encode(alert) for post in told for alert in replay.step(post).alerts]
    assert [m.value for m in await everything(broker, ALERTS)] == expected
    assert meter.counts["marqab_rebalances_total"] <= 2, "heartbeats went on"
