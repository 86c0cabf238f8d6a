"""SIGHUP reads the sources file again, for real: `marqab up` and its connectors on a broker, feeds on a local one."""

import asyncio
import os
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
from tests.served import served


class Feeds:
    """Feeds by name; an entry each, and more when the test says so."""

    def __init__(self):
        self.entries = {}

    async def answer(self, request):
        name = request.match_info["name"]
        items = "".join(
            f'<item><guid isPermaLink="false">{name}-{n}</guid><description>نص {n}</description></item>'
            for n in range(self.entries.get(name, 1))
        )
        return web.Response(text=f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>')


def table(name, base):
    often = "interval_seconds = 1\nmax_interval_seconds = 1\n"
    return f'[[source]]\nid = "{name}"\nkind = "feed"\nurl = "{base}/{name}"\n{often}'


@asynccontextmanager
async def up(broker, sources, folder):
    """`marqab up` on this broker, as an operator runs it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "marqab", "up", "--kafka", broker.bootstrap, "--sources", str(sources)),
        cwd=ROOT,
        env={
            **clean,
            "MARQAB_FETCH_ALLOW_PRIVATE": "1",
            "MARQAB_TOPIC_PREFIX": broker.prefix,
            "MARQAB_EMBEDDED_BROKER": "1" if broker.kind == "embedded" else "0",
            "MARQAB_STATE_DIR": str(folder),
            "MARQAB_CONNECTORS_PORT": "0",
            "MARQAB_WORKER_PORT": "0",
            "MARQAB_PARTITIONS": "1",
        },
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            said = (await process.stderr.read()).decode()
            await process.wait()
        print(said[-3000:])


@pytest.mark.broker
@pytest.mark.timeout(600)
async def test_a_hang_up_reads_the_file_again_and_no_post_twice(broker, tmp_path):
    await broker.create_topics()
    feeds, sources, posts = Feeds(), tmp_path / "sources.toml", []
    async with served(web.get("/{name}", feeds.answer)) as base:
        sources.write_text(table("a", base))
        consumer = AIOKafkaConsumer(POSTS.named(broker.prefix), auto_offset_reset="earliest", **broker.connection)
        async with up(broker, sources, tmp_path) as process, consumer:

            async def until(*ids):
                async with asyncio.timeout(60):
                    while {str(post.native_id) for post in posts} != set(ids):
                        assert process.returncode is None
                        for messages in (await consumer.getmany(timeout_ms=200)).values():
                            posts.extend(decode(message.value, Post) for message in messages)

            await until("a-0")
            sources.write_text(table("a", base) + table("b", base))
            process.send_signal(signal.SIGHUP)
            await until("a-0", "b-0")
            sources.write_text(table("a", base) + '[[source]]\nid = "c"\nkind = "fed"\n')
            process.send_signal(signal.SIGHUP)  # a mistake changes nothing: both are read on
            feeds.entries.update(a=2, b=2)
            await until("a-0", "b-0", "a-1", "b-1")
            sources.write_text(table("b", base) + table("c", base))
            process.send_signal(signal.SIGHUP)
            await until("a-0", "b-0", "a-1", "b-1", "c-0")
            feeds.entries.update(a=3, b=3, c=2)
            await until("a-0", "b-0", "a-1", "b-1", "c-0", "b-2", "c-1")  # a is no longer read
            assert process.returncode is None
    assert len(posts) == len({(post.post_id, post.revision) for post in posts}) == 7
