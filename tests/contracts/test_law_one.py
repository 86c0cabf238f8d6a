"""Law 1 and 2 under SIGKILL: wherever between fetching and cursor a connector dies, nothing is lost or told apart."""

import asyncio
import json
import os
import signal
import sys

import pytest
from aiohttp import web
from aiokafka import AIOKafkaConsumer

from schemas.codec import decode
from schemas.records import Post
from schemas.topics import POSTS
from tests.mtproto.pages import FakePreview
from tests.mtproto.server import FakeTelegram
from tests.mtproto.sinks import Topic, differences
from tests.paths import ROOT
from tests.served import served


class Feed:
    """A feed on a local server, whose entries the test changes."""

    def __init__(self):
        self.texts = {}

    async def answer(self, _):
        items = "".join(
            f'<item><guid isPermaLink="false">{guid}</guid><description>{text}</description></item>'
            for guid, text in reversed(self.texts.items())
        )
        return web.Response(text=f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>')


async def connector(url, sink, point):
    return await started({"id": "s", "kind": "feed", "url": url}, {}, sink, point)


async def started(source, settings, sink, point):
    """A connector that reads this source once and dies at this point; gives its exit code and its complaints."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "tests.contracts.killed_connector",
            json.dumps(source),
            json.dumps(settings),
            sink,
            point,
        ),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def live_through(sink, points):
    """Two entries more, and a death, for every point; then edits and deaths; then a calm end. Gives the truth."""
    feed, truth = Feed(), set()
    async with served(web.get("/f", feed.answer)) as base:
        for number, point in enumerate(points):
            for letter in "ab":
                feed.texts[f"{number}{letter}"] = "نص أول"
                truth.add((f"{number}{letter}", 0, "نص أول"))
            code, errors = await connector(f"{base}/f", sink, point)
            assert code == -signal.SIGKILL, (point, errors)
        assert await connector(f"{base}/f", sink, "never") == (0, "")
        for guid in feed.texts:
            feed.texts[guid] = "نص مصحح"
            truth.add((guid, 1, "نص مصحح"))
        for point in points[:2]:
            code, errors = await connector(f"{base}/f", sink, point)
            assert code == -signal.SIGKILL, (point, errors)
        assert await connector(f"{base}/f", sink, "never") == (0, "")
    return truth


async def test_files_hold_every_post_exactly_once(tmp_path):
    # Steps of a batch: fsync of the posts, fsync of the new cursor, its renaming, fsync of the folder.
    points = ["before:2", "after:1", "after:2", "before:3", "after:3", "before:4"]
    truth = await live_through(f"files:{tmp_path}", points)
    lines = (tmp_path / "posts.jsonl").read_bytes().splitlines()
    found = [(post.native_id, post.revision, post.text) for post in (decode(line, Post) for line in lines)]
    assert sorted(found) == sorted(truth)


@pytest.mark.broker
async def test_kafka_holds_every_post_under_one_id(broker):
    await broker.create_topics()
    # Two posts and the cursor are steps 1 to 3, then four posts and the cursor 1 to 5, then two and the cursor.
    points = ["before:3", "after:5", "after:2"]
    truth = await live_through(sink_of(broker), points)
    found = await read_all(broker)
    assert {(post.native_id, post.revision, post.text) for post in found} == truth
    assert len({post.post_id for post in found}) == len({guid for guid, _, _ in truth})


def sink_of(broker):
    return f"kafka:{broker.bootstrap}:{broker.prefix}:{broker.kind == 'kafka'}"


def points():
    """Where to die: some points always, with LAW_ONE_EVERY_POINT=1 all up to a number that no batch here reaches."""
    if not os.environ.get("LAW_ONE_EVERY_POINT"):
        return ["after:1", "before:2", "after:2", "after:3"]
    return [f"{moment}:{number}" for number in range(1, 9) for moment in ("before", "after")]


@pytest.mark.broker
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["telegram", "telegram_web"])
async def test_channels_survive_death_at_every_point(broker, kind):
    """Posts, edits and deletions between deaths; in the end Kafka says what the channel says."""
    await broker.create_topics()
    async with FakeTelegram() as telegram, FakePreview(telegram.world) as preview:
        channel, deleted, deaths = telegram.world.add(1001, "raqqa_now"), [], 0
        for number in range(4):
            telegram.post(channel, f"old {number}")
        source = {"id": "s", "kind": kind, "channel": "raqqa_now", "access": "mtproto" if kind == "telegram" else "web"}
        settings = {
            "telegram_api_id": 1,
            "telegram_api_hash": "h",
            "telegram_session": telegram.session(),
            "telegram_server": telegram.address,
            "telegram_web_url": preview.base,
        }
        for point in points():
            code, errors = await started(source, settings, sink_of(broker), point)
            assert code in (0, -signal.SIGKILL), errors
            deaths += code != 0
            telegram.post(channel, f"after {point}")
            telegram.post(channel, f"also after {point}")
            telegram.world.advance(60)
            telegram.edit(channel, channel.next_id - 2, f"corrected after {point}")
            if kind == "telegram":  # t.me/s tells deletions only to visits that follow each other
                deleted.append((1001, channel.next_id - 3))
                telegram.delete(channel, channel.next_id - 3)
        assert await started(source, settings, sink_of(broker), "never") == (0, "")
        assert deaths >= 4
        topic = Topic()
        topic.posts = await read_all(broker)
        assert differences(topic, [channel], deleted) == []
        assert telegram.errors == []


async def read_all(broker):
    consumer = AIOKafkaConsumer(POSTS.named(broker.prefix), auto_offset_reset="earliest", **broker.connection)
    await consumer.start()
    try:
        posts, silent = [], 0
        # Until nothing comes any more: the embedded broker's end offsets are those of the last batch's beginning.
        while silent < 2:
            fetched = await consumer.getmany(timeout_ms=1000)
            silent = 0 if fetched else silent + 1
            posts += [decode(record.value, Post) for records in fetched.values() for record in records]
        return posts
    finally:
        await consumer.stop()
