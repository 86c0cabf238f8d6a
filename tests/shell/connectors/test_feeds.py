"""The feed connector against a real local server."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from connectors.base import Setup
from connectors.feeds.connector import FeedConnector
from connectors.files import FileSink
from connectors.health import HealthBoard, SourceState
from connectors.runner import collect, run
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.codec import decode
from schemas.kinds import SourceKind
from schemas.metrics import NoMeter
from schemas.records import Post
from tests.mtproto.sinks import Counting
from tests.served import served

SETTINGS = ConnectorSettings(fetch_allow_private=True, contact="https://watch.example", fetch_timeout_seconds=3)


def rss(*entries, extra=""):
    items = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><link>https://news.example/{guid}</link>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description>"
        f"<pubDate>Thu, 01 Jan 2026 10:{index:02d}:00 +0300</pubDate></item>"
        for index, (guid, title, text) in enumerate(entries)
    )
    head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>و</title>'
    return f"{head}{extra}{items}</channel></rss>"


ONE, TWO = ("1", "خبر أول", "نص أول"), ("2", "خبر ثان", "نص ثان")


class Server:
    """Answers from a script, one step a request; the last step repeats. Remembers what it was asked."""

    def __init__(self):
        self.scripts, self.asked = {}, defaultdict(list)

    async def answer(self, request):
        self.asked[request.path].append(request)
        script = self.scripts[request.path]
        step = script.pop(0) if len(script) > 1 else script[0]
        return await step(request) if callable(step) else step()


def page(body, status=200, **headers):
    def answer():
        raw = body.encode() if isinstance(body, str) else body
        return web.Response(body=raw, status=status, headers=headers)

    async def step(_):
        return answer()

    return step


@asynccontextmanager
async def serving():
    server = Server()
    async with served(web.route("*", "/{path:.*}", server.answer)) as server.base:
        yield server


@pytest.fixture
async def server():
    async with serving() as one:
        yield one


@pytest.fixture
def poll(server, tmp_path):
    """Read one feed once, as `marqab collect --once` does; gives all posts so far."""

    async def once(path="/f", settings=SETTINGS, meter=None, **fields):
        source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + path, **fields)
        sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
        board = HealthBoard(meter)
        setup = Setup(
            sources=(source,),
            settings=settings,
            positions=await sink.positions(),
            sink=sink,
            health=board,
            meter=meter or NoMeter(),
            once=True,
        )
        await FeedConnector(setup).run()
        once.health = board.snapshot()["s"]
        file = tmp_path / "posts.jsonl"
        return [decode(line, Post) for line in file.read_bytes().splitlines()] if file.exists() else []

    return once


async def test_entries_become_posts_once_and_edits_revisions(server, poll):
    edited = ("1", "خبر أول", "نص أول، مصحح")
    server.scripts["/f"] = [page(rss(ONE)), page(rss(ONE, TWO)), page(rss(edited, TWO)), page(rss(edited, TWO))]
    first = await poll(language="ar")
    assert [(p.native_id, p.title, p.text, p.html, p.language) for p in first] == [
        ("1", "خبر أول", "نص أول", "<p>نص أول</p>", "ar")
    ]
    assert first[0].published_at == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert first[0].url == "https://news.example/1"
    await poll()
    await poll()
    posts = await poll()
    assert [(p.native_id, p.revision) for p in posts] == [("1", 0), ("2", 0), ("1", 1)]
    assert posts[2].text == "نص أول، مصحح"
    assert posts[2].edited_at is not None
    assert posts[2].post_id == posts[0].post_id


async def test_requests_are_conditional_and_name_us(server, poll):
    changed = "Thu, 01 Jan 2026 00:00:00 GMT"
    whole = page(rss(ONE), ETag='W/"a"', **{"Last-Modified": changed})
    server.scripts["/f"] = [whole, page("", 304, ETag='W/"b"')]
    await poll()
    await poll()
    posts = await poll()
    assert len(posts) == 1
    first, second, _ = server.asked["/f"]
    assert first.headers["User-Agent"].startswith("marqab/")
    assert "https://watch.example" in first.headers["User-Agent"]
    assert "If-None-Match" not in first.headers
    assert second.headers["If-None-Match"] == 'W/"a"'
    assert second.headers["If-Modified-Since"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert poll.health.state is SourceState.UP


async def test_retry_after_is_kept_across_restarts(server, poll):
    server.scripts["/f"] = [page("", 429, **{"Retry-After": "3600"}), page(rss(ONE))]
    await poll()
    await poll()
    assert len(server.asked["/f"]) == 1
    assert "patience" in poll.health.reason


async def test_the_rhythm_of_a_feed_survives_a_restart(server, poll):
    entries = [(str(n), "خبر", f"نص {n}") for n in range(59)]  # a minute apart
    meter = Counting()
    server.scripts["/f"] = [page(rss(*entries), ETag="1"), page("", 304)]
    await poll(meter=meter)
    first = dict(meter.gauges)
    meter.gauges.clear()
    await poll(meter=meter)
    assert server.asked["/f"][1].headers["If-None-Match"] == "1"
    rhythm = {name: value for name, value in first.items() if "pause" in name[0] or "last_post" in name[0]}
    assert first["marqab_source_usual_pause_seconds", "s"] == 60
    assert len(rhythm) == 2
    assert rhythm.items() <= meter.gauges.items()
    assert meter.gauges["marqab_source_silent", "s"] == 1


async def test_gone_stops_the_source_until_its_address_changes(server, poll):
    server.scripts["/f"] = [page("", 410)]
    server.scripts["/g"] = [page(rss(ONE))]
    await poll()
    await poll()
    assert len(server.asked["/f"]) == 1
    assert poll.health.state is SourceState.STOPPED
    assert len(await poll("/g")) == 1


async def test_a_permanent_move_is_believed_after_three_times_and_a_temporary_one_never(server, poll):
    server.scripts["/f"] = [page("", 301, Location="/new")]
    server.scripts["/new"] = [page(rss(ONE))]
    for _ in range(5):
        await poll()
    assert (len(server.asked["/f"]), len(server.asked["/new"])) == (3, 5)
    server.scripts["/t"] = [page("", 302, Location="/new")]
    for _ in range(5):
        await poll("/t")
    assert len(server.asked["/t"]) == 5


async def test_secrets_do_not_travel_to_another_host(server, poll, monkeypatch):
    async with serving() as other:
        other.scripts["/f"] = [page(rss(ONE))]
        server.scripts["/f"] = [page("", 302, Location=other.base + "/f")]
        settings = ConnectorSettings(fetch_allow_private=True, environ={"TOKEN": "geheim"})
        await poll(settings=settings, headers_from={"Authorization": "TOKEN"}, headers={"X-Plain": "1"})
        assert server.asked["/f"][0].headers["Authorization"] == "geheim"
        assert "Authorization" not in other.asked["/f"][0].headers
        assert other.asked["/f"][0].headers["X-Plain"] == "1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page("<html><body>مرحبا</body></html>"), "web page, not a feed"),
        (page(""), "empty"),
        (page("", 403), "403"),
        (page("", 403, **{"cf-mitigated": "challenge"}), "Cloudflare"),
        (page("", 404), "404"),
        (page("", 500), "500"),
        (page("", 301, Location="/f"), "redirects"),
        (page("", 302, Location="file:///etc/passwd"), "no web address"),
        (page('<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>'), "entities"),
        (page(rss(ONE), **{"Content-Encoding": "gzip"}), "broke off"),
    ],
)
async def test_what_is_wrong_is_told_in_words(server, poll, answer, words):
    server.scripts["/f"] = [answer]
    assert await poll() == []
    assert poll.health.state is SourceState.DOWN
    assert words in poll.health.reason


async def test_private_addresses_are_refused_unless_allowed_and_after_a_redirect_too(server, poll):
    server.scripts["/f"] = [page(rss(ONE))]
    guarded = ConnectorSettings()
    assert await poll(settings=guarded) == []
    assert "not a public address" in poll.health.reason
    assert server.asked["/f"] == []


async def test_collect_reads_a_sources_file(server, tmp_path):
    server.scripts["/a"] = [page(rss(ONE))]
    server.scripts["/b"] = [page("", 500)]
    file = tmp_path / "sources.toml"
    file.write_text(
        f'[[source]]\nid="a"\nkind="feed"\nurl="{server.base}/a"\n[[source]]\nid="b"\nkind="feed"\nurl="{server.base}/b"\n'
    )
    for expected in (1, 0):
        count, board = await collect(file, tmp_path / "c", tmp_path / "o.jsonl", SETTINGS, once=True)
        assert count == expected
        assert board.snapshot()["a"].state is SourceState.UP
        assert board.snapshot()["b"].state is SourceState.DOWN


async def test_following_goes_on_by_itself_and_survives_errors(server, tmp_path):
    server.scripts["/f"] = [page(rss(ONE)), page("", 500), page(rss(ONE, TWO))]
    sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
    source = SourceSettings(
        id="s", kind=SourceKind.FEED, url=server.base + "/f", interval_seconds=1, max_interval_seconds=1
    )
    setup = Setup(sources=(source,), settings=SETTINGS, positions={}, sink=sink, health=HealthBoard())
    running = asyncio.ensure_future(FeedConnector(setup).run())
    async with asyncio.timeout(20):
        while sink.posts_written < 2:  # noqa: ASYNC110 - the sink has no event
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_reload_asks_nobody_sooner_than_was_promised(server, tmp_path):
    server.scripts.update({"/a": [page(rss(ONE))], "/b": [page(rss(TWO))], "/busy": [page("", 429)]})
    wanted, asked = ["/a", "/busy"], asyncio.Event()

    def sources():
        return [SourceSettings(id=path.strip("/"), kind=SourceKind.FEED, url=server.base + path) for path in wanted]

    sink, board = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors"), HealthBoard()
    running = asyncio.ensure_future(
        run(sources(), sink, SETTINGS, health=board, reload=sources, reload_requested=asked)
    )
    async with asyncio.timeout(20):
        while not (server.asked["/a"] and server.asked["/busy"] and board.snapshot()["busy"].reason):
            await asyncio.sleep(0.01)
        wanted.append("/b")  # its host wants to be left alone: that is remembered
        asked.set()
        while "b" not in board.snapshot() or not board.snapshot()["b"].reason:
            await asyncio.sleep(0.01)
    assert "patience" in board.snapshot()["b"].reason
    assert [len(server.asked[path]) for path in ("/a", "/busy", "/b")] == [1, 1, 0]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_feed_that_is_gone_does_not_end_the_service(server, tmp_path):
    server.scripts["/f"] = [page("", 410)]
    sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
    source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + "/f", interval_seconds=1)
    board = HealthBoard()
    setup = Setup(sources=(source,), settings=SETTINGS, positions={}, sink=sink, health=board)
    running = asyncio.ensure_future(FeedConnector(setup).run())
    async with asyncio.timeout(20):
        while "s" not in board.snapshot():  # noqa: ASYNC110 - the board has no event
            await asyncio.sleep(0.01)
    assert board.snapshot()["s"].state is SourceState.STOPPED
    await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
