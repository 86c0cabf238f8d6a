"""Reading a feed's past: page by page, marked, resumable."""

from datetime import UTC, datetime

import pytest

from connectors.files import FileSink
from connectors.runner import backfill, run
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.codec import decode
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from schemas.records import Post
from tests.shell.connectors.test_feeds import page, serving

SETTINGS = ConnectorSettings(fetch_allow_private=True, fetch_timeout_seconds=3)
SINCE = datetime(2026, 1, 10, tzinfo=UTC)


def feed(*days, head=""):
    items = "".join(
        f'<item><guid isPermaLink="false">{day}</guid><title>يوم {day}</title>'
        f"<pubDate>{day:02d} Jan 2026 10:00:00 +0000</pubDate></item>"
        for day in days
    )
    return f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>t</title>{head}{items}</channel></rss>'


def older(path):
    return f'<a:link rel="next" href="{path}"/>'


@pytest.fixture
async def server():
    async with serving() as one:
        yield one


@pytest.fixture
def past(server, tmp_path):
    told = []

    async def read(path, since=SINCE):
        source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + path)
        sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
        return await backfill(source, since, sink, SETTINGS, progress=lambda *args: told.append(args))

    read.told = told
    read.days = lambda: [
        (int(post.native_id), post.backfill)
        for post in (decode(line, Post) for line in (tmp_path / "posts.jsonl").read_bytes().splitlines())
    ]
    return read


async def test_links_lead_back_until_the_wanted_day(server, past):
    server.scripts["/f"] = [page(feed(20, 19, head=older("/p2")))]
    server.scripts["/p2"] = [page(feed(15, 9, head=older("/p3")))]
    assert await past("/f") == 3
    assert past.days() == [(19, True), (20, True), (15, True)]
    assert [count for count, _ in past.told] == [2, 3]
    assert past.told[-1][1] == datetime(2026, 1, 9, 10, tzinfo=UTC)


async def test_wordpress_is_paged_without_saying_so(server, past):
    generator = "<generator>https://wordpress.org/?v=6.4</generator>"

    async def answer(request):
        number = int(request.query.get("paged", "1"))
        shown = page(feed(31 - number, head=generator)) if number < 4 else page("", 404)
        return await shown(request)

    server.scripts["/f"] = [answer]
    assert await past("/f") == 3
    assert [day for day, _ in past.days()] == [30, 29, 28]


async def test_it_goes_on_where_it_stopped(server, past):
    server.scripts["/f"] = [page(feed(20, head=older("/p2")))]
    server.scripts["/p2"] = [page("", 500), page(feed(15))]
    with pytest.raises(SourceDown, match="1 posts were published; start again"):
        await past("/f")
    assert await past("/f") == 1
    assert [day for day, _ in past.days()] == [20, 15]
    assert len(server.asked["/f"]) == 1


async def test_what_live_reading_knows_is_left_to_it(server, past, tmp_path):
    server.scripts["/f"] = [page(feed(20, 19, head=older("/p2")))]
    server.scripts["/p2"] = [page(feed(15, 12))]
    sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
    source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + "/f")
    await run([source], sink, SETTINGS, once=True)
    assert await past("/f") == 2
    assert past.days() == [(19, False), (20, False), (12, True), (15, True)]


async def test_circles_end(server, past):
    server.scripts["/f"] = [page(feed(20, head=older("/p2")))]
    server.scripts["/p2"] = [page(feed(19, head=older("/f")))]
    assert await past("/f") == 2


async def test_other_kinds_say_how_their_past_is_read(tmp_path):
    source = SourceSettings(id="c", kind=SourceKind.TELEGRAM, channel="some_channel", access="mtproto")
    sink = FileSink(tmp_path / "p", tmp_path / "c")
    with pytest.raises(Misconfigured, match="through a Telegram account only"):
        await backfill(source, SINCE, sink, SETTINGS, progress=lambda *_: None)
