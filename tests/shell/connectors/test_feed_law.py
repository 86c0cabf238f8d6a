"""Random publishers, broken answers and connectors stopped half-way: everything shown is published, once, as it is."""

import asyncio
import contextlib
import random

import pytest
from aiohttp import web

from connectors.base import Setup
from connectors.feeds.connector import FeedConnector
from connectors.files import FileSink
from connectors.health import HealthBoard
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.codec import decode
from schemas.kinds import SourceKind
from schemas.records import Post
from tests.shell.connectors.test_feeds import page, rss, serving

SETTINGS = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=2)


class Publisher:
    """Adds and edits entries, and answers well or badly."""

    def __init__(self, chance):
        self.chance, self.versions, self.tag = chance, {}, 0

    def live(self):
        for _ in range(self.chance.randint(0, 3)):
            self.versions[f"e{len(self.versions)}"] = 0
        for guid in self.chance.sample(sorted(self.versions), k=min(len(self.versions), self.chance.randint(0, 2))):
            self.versions[guid] += 1
        self.tag += 1

    def text(self, guid):
        return f"نص الخبر {guid} في صيغته رقم {self.versions[guid]}"

    def whole(self):
        return rss(*((guid, "خبر", self.text(guid)) for guid in reversed(self.versions)))

    async def answer(self, request):
        tag = f'"{self.tag}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        body = self.whole()
        manner = self.chance.random()
        if manner < 0.15:
            return web.Response(status=self.chance.choice([403, 404, 500, 502]))
        if manner < 0.25:
            return web.Response(text=body[: self.chance.randint(0, len(body))], headers={"Content-Encoding": "gzip"})
        if manner < 0.3:
            return web.Response(text="<html>gateway</html>")
        if manner < 0.4:
            return web.Response(body=body.encode()[: self.chance.randint(0, len(body))])
        headers = {"ETag": tag} if self.chance.random() < 0.7 else {}
        return web.Response(text=body, headers=headers, content_type="application/rss+xml")


async def read_once(url, folder, cancel_after=None):
    sink = FileSink(folder / "posts.jsonl", folder / "cursors")
    source = SourceSettings(id="s", kind=SourceKind.FEED, url=url)
    positions = await sink.positions()
    setup = Setup(sources=(source,), settings=SETTINGS, positions=positions, sink=sink, health=HealthBoard(), once=True)
    running = asyncio.ensure_future(FeedConnector(setup).run())
    if cancel_after is not None:
        await asyncio.wait([running], timeout=cancel_after)
        running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_everything_is_published_once(seed, tmp_path):
    chance = random.Random(seed)
    publisher = Publisher(chance)
    async with serving() as server:
        server.scripts["/f"] = [publisher.answer]
        for _ in range(12):
            publisher.live()
            stopped = chance.random() * 0.03 if chance.random() < 0.4 else None
            await read_once(server.base + "/f", tmp_path, stopped)
        server.scripts["/f"] = [page(publisher.whole())]
        await read_once(server.base + "/f", tmp_path)
    posts = [decode(line, Post) for line in (tmp_path / "posts.jsonl").read_bytes().splitlines()]
    named = [(post.native_id, post.revision) for post in posts]
    assert len(named) == len(set(named))
    last = {post.native_id: post for post in sorted(posts, key=lambda post: post.revision)}
    assert {guid: post.text for guid, post in last.items()} == {
        guid: publisher.text(guid) for guid in publisher.versions
    }
    assert all(post.revision <= publisher.versions[guid] for guid, post in last.items())
    assert len({post.post_id for post in posts}) == len(publisher.versions)
