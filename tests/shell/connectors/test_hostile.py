"""Servers that mean harm, or are merely broken, cost themselves a turn and the others nothing."""

import asyncio
import gzip
import resource
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from connectors.base import Setup
from connectors.feeds.connector import FeedConnector
from connectors.feeds.fetch import Answer, Failure, Fetcher
from connectors.files import FileSink
from connectors.health import HealthBoard, SourceState
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.kinds import SourceKind

SETTINGS = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=1, fetch_max_bytes=1_000_000)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
FEED = b'<rss version="2.0"><channel><item><guid isPermaLink="false">1</guid><title>t</title></item></channel></rss>'


async def drip(writer):
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def drip_headers(writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(_):
    await asyncio.Event().wait()


async def redirects(writer):
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n")


async def four_gigabytes(writer):
    writer.write(HEAD + b"Content-Length: 4294967296\r\n\r\n")
    while True:
        writer.write(b"y" * 65536)
        await writer.drain()


async def endless_chunks(writer):
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"z" * 65536 + b"\r\n")
        await writer.drain()


BOMB = gzip.compress(gzip.compress(b"\0" * 100_000_000, 6), 6)


async def bomb(writer):
    packed = gzip.decompress(BOMB)
    writer.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)


async def no_http(writer):
    writer.write(b"220 smtp ready\r\n")


async def hang_up(writer):
    writer.close()


async def huge_header(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Big: " + b"h" * 1_000_000 + b"\r\n\r\n")


async def cut_short(writer):
    writer.write(HEAD + b"Content-Length: 5000\r\n\r\n<rss")
    writer.close()


async def good(writer):
    writer.write(HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(FEED) + FEED)


HOSTILE = {
    drip: "timeout",
    drip_headers: "timeout",
    silence: "timeout",
    redirects: "redirects",
    four_gigabytes: "too_big",
    endless_chunks: "too_big",
    bomb: "too_big",
    no_http: "broken",
    hang_up: "broken",
    huge_header: "broken",
    cut_short: "broken",
}


@asynccontextmanager
async def serving(manner):
    """A server of its own for one manner of answering; gives its address."""
    running = set()

    async def answer(reader, writer):
        running.add(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            await manner(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            running.discard(asyncio.current_task())
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/f"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.parametrize(("manner", "kind"), HOSTILE.items(), ids=lambda value: getattr(value, "__name__", value))
async def test_every_manner_ends_in_a_named_failure(manner, kind):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with serving(manner) as url, Fetcher(SETTINGS) as fetcher:
        found = await fetcher.fetch(url)
    assert isinstance(found, Failure)
    assert (found.kind, bool(found.reason)) == (kind, True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000  # kilobytes


async def test_hostile_servers_never_delay_the_others(tmp_path):
    async with AsyncExitStack() as stack:
        urls = {manner.__name__: await stack.enter_async_context(serving(manner)) for manner in (*HOSTILE, good)}
        sources = tuple(
            SourceSettings(id=name, kind=SourceKind.FEED, url=url, interval_seconds=1, max_interval_seconds=1)
            for name, url in urls.items()
        )
        asked = []

        class Watching(HealthBoard):
            def up(self, source_id, at, newest_post_at=None):
                asked.append(source_id)
                super().up(source_id, at, newest_post_at)

        board = Watching()
        # The good feed is asked last at the start, and hostile ones hang for longer than the whole test takes.
        settings = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=600, fetch_max_bytes=1_000_000)
        sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
        setup = Setup(sources=sources, settings=settings, positions={}, sink=sink, health=board)
        running = asyncio.ensure_future(FeedConnector(setup).run())
        async with asyncio.timeout(30):
            while asked.count("good") < 3:  # noqa: ASYNC110 - the board has no event
                await asyncio.sleep(0.01)
        states = board.snapshot()
        assert "drip" not in states
        assert states["bomb"].state is SourceState.DOWN
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_good_server_is_read():
    async with serving(good) as url, Fetcher(SETTINGS) as fetcher:
        found = await fetcher.fetch(url)
    assert isinstance(found, Answer)
    assert found.body == FEED


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://127.0.0.1:1/", "connect"),
        ("http://no-such-host.invalid/", "dns"),
        ("ftp://a.example/", "bad_url"),
        ("http://[::bad/", "bad_url"),
        ("nothing", "bad_url"),
        ("http://a..b/", "bad_url"),
    ],
)
async def test_addresses_that_lead_nowhere(url, kind):
    async with Fetcher(SETTINGS) as fetcher:
        found = await fetcher.fetch(url)
    assert isinstance(found, Failure)
    assert found.kind == kind
