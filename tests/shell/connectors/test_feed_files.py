"""Every feed file of three parsers' test suites through the whole connector, with hostile servers among them."""

import asyncio
import resource
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from aiohttp import web

from connectors.base import Setup
from connectors.feeds import connector
from connectors.feeds.connector import FeedConnector
from connectors.feeds.document import NotAFeed
from connectors.feeds.entries import Memory, read_entries
from connectors.feeds.parse import parse
from connectors.health import HealthBoard, SourceState
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.kinds import SourceKind
from tests.mtproto.sinks import Counting, Topic
from tests.paths import SHARED, needs_shared
from tests.shell.connectors.test_hostile import HOSTILE
from tests.shell.connectors.test_hostile import serving as hostile
from tests.unit.connectors.feed_expectations import feed_files

FOLDER = SHARED / "data" / "feeds"
SETTINGS = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=600, fetch_max_bytes=15_000_000)


class Files:
    """Serves each file under its number, on as many hosts as there are files, all of them this machine."""

    def __init__(self):
        self.files = feed_files(FOLDER)

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/{number}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "0.0.0.0", 0).start()
        port = self._runner.addresses[0][1]
        self.urls = [f"http://127.1.{n // 250}.{n % 250 + 1}:{port}/{n}" for n in range(len(self.files))]
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _answer(self, request):
        return web.Response(body=self.files[int(request.match_info["number"])].read_bytes(), headers={"ETag": "1"})

    def says(self, number):
        """The native ids in a file, by the pure parts alone."""
        found = parse(self.files[number].read_bytes(), url=self.urls[number])
        source = SourceSettings(id=f"f{number}", kind=SourceKind.FEED)
        return None if isinstance(found, NotAFeed) else read_entries(found, Memory(), source, NOW).posts


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sources(urls):
    return tuple(SourceSettings(id=name, kind=SourceKind.FEED, url=url) for name, url in urls.items())


async def polled(chosen, topic, board, meter, settings=SETTINGS):
    setup = Setup(
        sources=chosen,
        settings=settings,
        positions=topic.cursors,
        sink=topic,
        health=board,
        meter=meter,
        once=True,
        now=lambda: NOW,
    )
    await FeedConnector(setup).run()


@needs_shared
@pytest.mark.timeout(400)
async def test_all_files_go_through_the_whole_connector_and_no_hostile_server_delays_them(monkeypatch):
    monkeypatch.setattr(connector, "STAGGER_SECONDS", 0.001)
    topic, board, meter = Topic(), HealthBoard(), Counting()
    async with Files() as files, AsyncExitStack() as stack:
        assert len(files.files) > 2400
        good = sources({f"f{n}": url for n, url in enumerate(files.urls)})
        bad = sources({m.__name__: await stack.enter_async_context(hostile(m)) for m in HOSTILE})
        setup = Setup(
            sources=(
                *bad,
                *good,
            ),  # the hostile ones are asked first, and some of them hang for longer than all this takes
            settings=SETTINGS,
            positions={},
            sink=topic,
            health=board,
            meter=meter,
            now=lambda: NOW,
        )
        running = asyncio.ensure_future(FeedConnector(setup).run())
        asked = {source.id for source in good}
        async with asyncio.timeout(300):
            while asked - {name for name, one in board.snapshot().items() if one.state is not SourceState.STARTING}:
                await asyncio.sleep(0.1)  # noqa: ASYNC110 - the board has no event
        states = board.snapshot()
        assert not {"drip", "silence"} & states.keys()  # they hang still
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        refused = {name for name in asked if states[name].state is SourceState.DOWN}
        assert [states[name].reason for name in refused if "error in marqab" in states[name].reason] == []
        told = {name: set() for name in asked}
        for post in topic.posts:
            told[post.source.id].add(str(post.native_id))
        for number in range(len(files.files)):
            posts = files.says(number)
            assert (posts is None) == (f"f{number}" in refused), files.files[number]
            assert {str(post.native_id) for post in posts or ()} == told[f"f{number}"], files.files[number]
        assert len(refused) < 25

        # The same files once more: not one post, because nothing is new.
        before = len(topic.posts)
        await polled(good, topic, board, meter)
        assert len(topic.posts) == before
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000  # kilobytes
