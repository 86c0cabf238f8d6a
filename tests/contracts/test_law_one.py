"""Law 1 and 2 under SIGKILL: wherever between fetching and cursor a connector dies, nothing is lost or told apart."""

import asyncio
import signal
import sys
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiokafka import AIOKafkaConsumer

from schemas.codec import decode
from schemas.records import Post
from schemas.topics import POSTS
from tests.paths import ROOT


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


@asynccontextmanager
async def served(feed):
    app = web.Application()
    app.router.add_get("/f", feed.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/f"
    finally:
        await runner.cleanup()


async def connector(url, sink, point):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.contracts.killed_connector", url, sink, point),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def live_through(sink, points):
    """Two entries more, and a death, for every point; then edits and deaths; then a calm end. Gives the truth."""
    feed, truth = Feed(), set()
    async with served(feed) as url:
        for number, point in enumerate(points):
            for letter in "ab":
                feed.texts[f"{number}{letter}"] = "نص أول"
                truth.add((f"{number}{letter}", 0, "نص أول"))
            code, errors = await connector(url, sink, point)
            assert code == -signal.SIGKILL, (point, errors)
        assert await connector(url, sink, "never") == (0, "")
        for guid in feed.texts:
            feed.texts[guid] = "نص مصحح"
            truth.add((guid, 1, "نص مصحح"))
        for point in points[:2]:
            code, errors = await connector(url, sink, point)
            assert code == -signal.SIGKILL, (point, errors)
        assert await connector(url, sink, "never") == (0, "")
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
    sink = f"kafka:{broker.bootstrap}:{broker.prefix}:{broker.kind == 'kafka'}"
    truth = await live_through(sink, points)
    found = await read_all(broker)
    assert {(post.native_id, post.revision, post.text) for post in found} == truth
    assert len({post.post_id for post in found}) == len({guid for guid, _, _ in truth})


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
