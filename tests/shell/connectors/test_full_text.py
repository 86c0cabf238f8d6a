"""Full text of article pages: politely asked for, never waited for, never at the post's expense."""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest

from connectors.base import Setup
from connectors.feeds.articles import Articles
from connectors.feeds.cell import Cells, TooHard
from connectors.feeds.connector import FeedConnector
from connectors.feeds.fetch import Fetcher
from connectors.feeds.hosts import Hosts
from connectors.health import HealthBoard
from connectors.sources import SourceSettings
from schemas.kinds import SourceKind
from schemas.records import Post, Source
from tests.mtproto.sinks import Counting, Topic
from tests.shell.connectors.test_feeds import SETTINGS, page, serving

TEASER = "وقع هجوم مسلح قرب مدخل المدينة"  # an armed attack took place near the city's entrance
LONG = (
    TEASER
    + " الشمالي، وأغلقت الطرق المؤدية إلى السوق عدة ساعات، وفق ما قالت مصادر محلية للوكالة."
    + " وسمع دوي انفجارات في المكان." * 12
)
# … its northern entrance; roads to the market were closed for hours, local sources said; explosions were heard
NOW = datetime.now(UTC)


def article(text=LONG, head="", declared="utf-8"):
    menu = "<nav><ul>" + "<li><a href='/x'>رابط</a></li>" * 30 + "</ul></nav>"
    return (
        f"<html><head><meta charset='{declared}'>{head}</head><body>{menu}"
        f"<article><h1>خبر 1</h1><p>{text}</p></article></body></html>"
    )


def feed(*entries, at=NOW):
    items = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>خبر {guid}</title><link>{link}</link>"
        f"<description>{text}</description><pubDate>{format_datetime(at)}</pubDate></item>"
        for guid, link, text in entries
    )
    return page(f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>', ETag="1")


@pytest.fixture
async def server():
    async with serving() as one:
        one.scripts["/robots.txt"] = [page("", 404)]
        one.html = lambda path, text, **kind: one.scripts.__setitem__(
            path, [page(text, **{"Content-Type": "text/html", **kind})]
        )
        yield one


@pytest.fixture
def read(server):
    """Read the feed once more, as a new process would; gives all posts so far."""
    topic, meter = Topic(), Counting()

    async def once(**fields):
        source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + "/f", full_text=True, **fields)
        setup = Setup(
            sources=(source,),
            settings=SETTINGS,
            positions=topic.cursors,
            sink=topic,
            health=HealthBoard(),
            meter=meter,
            once=True,
        )
        await FeedConnector(setup).run()
        return topic.posts

    once.topic, once.meter = topic, meter
    once.outcomes = lambda: {key[1]: n for key, n in meter.counts.items() if key[0] == "marqab_feed_pages_total"}
    return once


async def test_the_page_follows_the_post_as_its_next_revision(server, read):
    server.html("/1", article())
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    first, second = await read()
    assert (first.revision, first.text, first.full_text) == (0, TEASER, None)
    assert (second.revision, second.text) == (1, TEASER)
    assert second.full_text == LONG  # without the menu, and without the title, which the post has already
    assert first.post_id == second.post_id
    assert len(await read()) == 2
    assert len(server.asked["/1"]) == 1
    assert server.asked["/1"][0].headers["User-Agent"].startswith("marqab/")


async def test_an_edit_after_the_page_is_the_revision_behind_it(server, read):
    server.html("/1", article())
    edited = TEASER + " صباح اليوم"
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER)), feed(("1", server.base + "/1", edited))]
    await read()
    posts = await read()
    assert [(p.revision, p.text, p.full_text is not None) for p in posts] == [
        (0, TEASER, False),
        (1, TEASER, True),
        (2, edited, False),
        (3, edited, True),
    ]


async def test_robots_are_obeyed_and_asked_once(server, read):
    rules = "User-agent: *\nDisallow: /private\n\nUser-agent: marqab\nDisallow: /private\nDisallow: /*.php$\n"
    server.scripts["/robots.txt"] = [page(rules, **{"Content-Type": "text/plain"})]
    server.html("/open", article())
    urls = ("/open", "/private/1", "/a.php")
    server.scripts["/f"] = [feed(*((str(n), server.base + path, TEASER) for n, path in enumerate(urls)))]
    posts = await read()
    assert sorted((p.native_id, p.revision) for p in posts) == [("0", 0), ("0", 1), ("1", 0), ("2", 0)]
    assert len(server.asked["/robots.txt"]) == 1
    assert (server.asked["/private/1"], server.asked["/a.php"]) == ([], [])
    assert read.outcomes() == {"ok": 1, "robots": 2}


async def test_a_redirect_asks_the_other_hosts_robots(server, read):
    async with serving() as other:
        other.scripts["/robots.txt"] = [page("User-agent: *\nDisallow: /\n")]
        server.scripts["/1"] = [page("", 302, Location=other.base + "/there")]
        server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
        assert [p.revision for p in await read()] == [0]
        assert other.asked["/there"] == []
    assert read.outcomes() == {"robots": 1}


async def test_robots_that_cannot_be_had_forbid_for_now(server, read):
    server.scripts["/robots.txt"] = [page("", 500)]
    server.html("/1", article())
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    assert [p.revision for p in await read()] == [0]
    assert server.asked["/1"] == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (page(f"<html><body><p>{TEASER}.</p></body></html>", **{"Content-Type": "text/html"}), "nothing_more"),
        (page(article("نص قصير"), **{"Content-Type": "text/html"}), "another_text"),  # the menu is all there is
        (page(article("نوافق على ملفات الارتباط " * 40), **{"Content-Type": "text/html"}), "another_text"),
        (page("%PDF-1.4", **{"Content-Type": "application/pdf"}), "not_html"),
        (page("", **{"Content-Type": "text/html"}), "no_text"),
        (page("", 404), "not_found"),
        (page("", 403), "forbidden"),
        (page("", 302, Location="/1"), "redirects"),
    ],
)
async def test_a_page_that_cannot_be_had_costs_the_post_nothing(server, read, answer, outcome):
    server.scripts["/1"] = [answer]
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    for _ in range(2):
        posts = await read()
    assert [(p.revision, p.text) for p in posts] == [(0, TEASER)]
    assert read.outcomes() == {outcome: 1}


async def test_a_failing_page_is_tried_three_times_across_restarts(server, read):
    server.scripts["/1"] = [page("", 500)]
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    for _ in range(5):
        assert [p.revision for p in await read()] == [0]
    assert len(server.asked["/1"]) == 3
    assert read.outcomes() == {"http": 3}
    assert "pages" not in read.topic.cursors["s"]


async def test_an_entry_that_is_no_longer_shown_stays_as_it_was_told(server, read):
    server.scripts["/1"] = [page("", 500)]
    server.html("/2", article())
    one, two = ("1", server.base + "/1", TEASER), ("2", server.base + "/2", TEASER + " أمس")
    server.scripts["/f"] = [feed(one), feed(two)]
    await read()
    assert [(p.native_id, p.revision) for p in await read()] == [("1", 0), ("2", 0), ("2", 1)]
    assert len(server.asked["/1"]) == 1


class Killed(BaseException):
    pass


async def test_killed_before_the_page_it_is_read_after_the_restart(server, read):
    server.html("/1", article())
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    delivered = read.topic.deliver

    async def dies(batch):
        if any(post.full_text for post in batch.posts):
            raise Killed
        await delivered(batch)

    read.topic.deliver = dies
    with pytest.raises(Killed):
        await read()
    read.topic.deliver = delivered
    posts = await read()
    assert [(p.revision, p.full_text is None) for p in posts] == [(0, True), (1, False)]
    assert "If-None-Match" not in server.asked["/f"][1].headers
    await read()
    assert server.asked["/f"][2].headers["If-None-Match"] == "1"


async def test_old_entries_and_those_without_an_address_are_left_alone(server, read):
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER), at=NOW - timedelta(days=3))]
    assert [p.revision for p in await read()] == [0]
    assert server.asked["/1"] == []


async def test_charsets_of_pages_are_found(server, read):
    raw = article(declared="windows-1256").encode("cp1256")
    server.scripts["/1"] = [page(raw, **{"Content-Type": "text/html"})]
    server.scripts["/f"] = [feed(("1", server.base + "/1", TEASER))]
    assert TEASER in (await read())[-1].full_text


async def test_a_slow_page_delays_neither_posts_nor_polls(server):
    async def never(_):
        await asyncio.Event().wait()

    topic = Topic()
    server.scripts["/1"] = [never]
    elsewhere = server.base.replace("127.0.0.1", "localhost") + "/1"
    server.scripts["/f"] = [feed(*((str(n), elsewhere, f"{TEASER} {n}") for n in range(count))) for count in (1, 2, 3)]
    source = SourceSettings(
        id="s", kind=SourceKind.FEED, url=server.base + "/f", full_text=True, interval_seconds=1, max_interval_seconds=1
    )
    setup = Setup(sources=(source,), settings=SETTINGS, positions={}, sink=topic, health=HealthBoard())
    running = asyncio.ensure_future(FeedConnector(setup).run())
    async with asyncio.timeout(20):
        while len(topic.posts) < 3:  # noqa: ASYNC110 - the sink has no event
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


POST = Post(
    source=Source(id="s", kind=SourceKind.FEED),
    native_id="1",
    title="خبر",
    text=TEASER,
    published_at=NOW,
)


async def test_pages_made_to_keep_a_reader_busy_are_given_up_and_dead_readers_replaced(server):
    server.html("/hard", "<html><body>" + "<p>ا</p>" * 300_000 + "</body></html>")
    server.html("/good", article())
    hosts = Hosts(spacing_seconds=0, concurrency=4)
    async with Fetcher(SETTINGS) as fetcher, Articles(fetcher, hosts) as reading:

        async def outcome(path):
            return (await reading.read(msgspec.structs.replace(POST, url=server.base + path))).outcome

        for cell in reading.cells.cells:
            cell.limit_seconds = 3.0
        assert await outcome("/hard") == "too_hard"
        for cell in reading.cells.cells:
            cell.limit_seconds = 30.0
        assert await outcome("/good") == "ok"
        (process,) = [cell.process for cell in reading.cells.cells if cell.process]
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert await outcome("/good") == "ok"  # another one was started


async def test_a_process_that_takes_too_much_memory_ends_and_the_next_question_is_answered(tmp_path, monkeypatch):
    module = tmp_path / "greedy_reader.py"
    module.write_text(
        "from connectors.feeds.cell import serve\n"
        "serve(lambda size: len(bytearray(size)), memory_bytes=512 * 1024 * 1024)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getcwd()}")
    cells = Cells("greedy_reader", 1, 20.0)
    try:
        assert await cells.ask(1000) == 1000
        with pytest.raises(TooHard, match="give up"):
            await cells.ask(2**31)
        assert await cells.ask(2000) == 2000
    finally:
        await cells.close()
