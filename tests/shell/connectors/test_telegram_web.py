"""The t.me/s connector against a server that shows a made-up channel as t.me would."""

import asyncio
import contextlib
import random

import pytest
from telethon.tl.types import MessageService

from connectors.health import SourceState
from connectors.sources import SourceSettings
from connectors.telegram.backfill import backfill_channel
from connectors.telegram.place import Place
from connectors.telegram_web import TelegramWebConnector, client
from connectors.telegram_web.client import PageDoor
from connectors.telegram_web.connector import pause_seconds
from connectors.telegram_web.parse import parse_page
from connectors.telegram_web.reading import Outcome
from connectors.telegram_web.visit import Visited
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from tests.mtproto.pages import FakePreview
from tests.mtproto.sinks import Topic, differences, setup_of, until
from tests.mtproto.world import World


@pytest.fixture
async def preview():
    async with FakePreview(World()) as server:
        server.channel = server.world.add(1001, "raqqa_now")
        async with PageDoor(setup_of([source()], Topic()).settings) as server.door:
            yield server


def source(name="raqqa_now", **fields):
    return SourceSettings(**{"id": f"s-{name}", "kind": SourceKind.TELEGRAM_WEB, "channel": name, **fields})


async def read(preview, topic, *sources, **settings):
    """One visit to each source, in a connector of its own."""
    world = preview.world
    setup = setup_of(sources or [source()], topic, once=True, now=world.now, telegram_web_url=preview.base, **settings)
    await TelegramWebConnector(setup, pages=None if settings else preview.door).run()
    return setup


async def test_news_edits_and_deletions_over_visits(preview):
    world, channel, topic = preview.world, preview.channel, Topic()
    for number in range(30):
        world.post(channel, f"old {number}")
    await read(preview, topic)
    assert [p.text for p in topic.posts] == [f"old {n}" for n in range(10, 30)]
    assert topic.posts[0].url == "https://t.me/raqqa_now/11"
    for number in range(70):
        world.post(channel, f"new {number}")
    world.service(channel)
    world.advance(60)
    world.edit(channel, 100, "new 69, corrected")
    world.delete(channel, 95)
    await read(preview, topic)
    await read(preview, topic)
    known = {n: m for n, m in channel.messages.items() if n > 10}
    channel.messages = known
    assert differences(topic, [channel]) == []
    assert topic.repeats() == 0
    assert len(topic.posts) == 20 + 69  # one was deleted before anybody saw it
    world.edit(channel, 99, "edited again")
    world.delete(channel, 98)
    await read(preview, topic)
    await read(preview, topic)
    assert topic.last()["tg:1001:99"].text == "edited again"
    assert (topic.last()["tg:1001:98"].deleted, topic.last()["tg:1001:98"].text) == (True, "new 67")


async def test_backfill_reaches_the_beginning_and_says_so(preview):
    for number in range(75):
        preview.world.post(preview.channel, f"old {number}")
    topic = Topic()
    await read(preview, topic, source(backfill_posts=1000))
    assert differences(topic, [preview.channel]) == []
    assert [p.backfill for p in topic.posts] == [False] * 20 + [True] * 55
    assert topic.repeats() == 0


async def test_an_album_is_as_many_posts_as_messages(preview):
    for place in range(3):
        preview.world.post(preview.channel, "caption" if place == 0 else "", grouped_id=77)
    topic = Topic()
    await read(preview, topic)
    assert [(p.native_id, p.text) for p in topic.posts] == [
        ("tg:1001:1", "caption"),
        ("tg:1001:2", ""),
        ("tg:1001:3", ""),
    ]
    assert len({p.grouped_id for p in topic.posts}) == 1
    assert topic.posts[0].media[0].kind == "photo"


async def test_an_empty_page_is_not_no_news(preview):
    topic = Topic()
    preview.world.post(preview.channel, "one")
    await read(preview, topic)
    preview.empty.add("raqqa_now")
    setup = await read(preview, topic)
    health = setup.health.snapshot()["s-raqqa_now"]
    assert health.state is SourceState.DOWN
    assert "rate_limited" in health.reason
    assert setup.meter.counts["marqab_fetches_total", "rate_limited", "s-raqqa_now"] == 1
    preview.empty.clear()
    preview.world.post(preview.channel, "two")
    await read(preview, topic)
    assert [p.text for p in topic.posts] == ["one", "two"]


@pytest.mark.parametrize(
    ("fault", "outcome", "state"),
    [
        (lambda p: p.no_preview.add("raqqa_now"), Outcome.NO_PREVIEW, SourceState.DOWN),
        (lambda p: p.instead.update(raqqa_now="<title>Just a moment"), Outcome.UNRECOGNISED, SourceState.DOWN),
        (lambda p: p.status.update(raqqa_now=(429, {"Retry-After": "1"})), Outcome.RATE_LIMITED, SourceState.DOWN),
        (lambda p: p.status.update(raqqa_now=(502, {})), Outcome.UNREACHABLE, SourceState.DOWN),
        (lambda p: setattr(p.channel, "id", 1002), Outcome.IDENTITY_CHANGED, SourceState.STOPPED),
    ],
)
async def test_what_is_wrong_has_a_name_and_loses_nothing(preview, fault, outcome, state):
    topic = Topic()
    preview.world.post(preview.channel, "one")
    await read(preview, topic)
    before = dict(topic.cursors)
    fault(preview)
    preview.world.post(preview.channel, "two")
    setup = await read(preview, topic)
    assert setup.health.snapshot()["s-raqqa_now"].state is state
    assert setup.health.snapshot()["s-raqqa_now"].reason
    assert setup.meter.counts["marqab_fetches_total", str(outcome), "s-raqqa_now"] == 1
    assert topic.cursors == before


async def test_nobody_answers(preview):
    setup = setup_of([source()], Topic(), once=True, telegram_web_url="http://127.0.0.1:9")
    await TelegramWebConnector(setup).run()
    assert "cannot be read" in setup.health.snapshot()["s-raqqa_now"].reason


async def test_an_invitation_is_refused_and_stops_nobody_else(preview):
    preview.world.post(preview.channel, "one")
    topic = Topic()
    setup = await read(preview, topic, source("+AbCdEfGh", id="invited"), source())
    assert setup.health.snapshot()["invited"].state is SourceState.STOPPED
    assert len(topic.posts) == 1


async def test_a_page_on_which_the_parser_fails_stops_nobody_else(preview, monkeypatch):
    def parse(text):
        if "odd_news" in text:
            raise ZeroDivisionError("an oddity that nobody has thought of")
        return parse_page(text)

    monkeypatch.setattr(client, "parse_page", parse)
    odd = preview.world.add(1002, "odd_news")
    for channel in (odd, preview.channel):
        preview.world.post(channel, "news")
    topic = Topic()
    setup = await read(preview, topic, source("odd_news"), source())
    states = setup.health.snapshot()
    assert states["s-odd_news"].state is SourceState.DOWN
    assert "an oddity that nobody has thought of" in states["s-odd_news"].reason
    assert [post.text for post in topic.posts] == ["news"]


async def test_a_page_that_never_ends_is_cut(preview):
    preview.instead["raqqa_now"] = "<p>" * 200_000
    setup = await read(preview, Topic(), fetch_max_bytes=100_000)
    assert "unrecognised" in setup.health.snapshot()["s-raqqa_now"].reason


async def test_a_host_that_asks_for_quiet_gets_it(preview):
    preview.status["raqqa_now"] = (429, {"Retry-After": "7200"})
    ticking = iter(range(100))
    settings = setup_of([source()], Topic()).settings
    async with PageDoor(settings, clock=lambda: float(next(ticking)) * 1e-6) as door:
        await door.page(f"{preview.base}/s/raqqa_now")
        assert 3599 < door._not_before < 3601


async def test_private_addresses_are_refused_unless_allowed(preview):
    setup = await read(preview, Topic(), fetch_allow_private=False)
    assert "MARQAB_FETCH_ALLOW_PRIVATE" in setup.health.snapshot()["s-raqqa_now"].reason


async def test_a_proxy_that_is_not_set_stops_the_source(preview):
    setup = await read(preview, Topic(), source(proxy="TOR"))
    assert "MARQAB_SECRET_PROXY_TOR" in setup.health.snapshot()["s-raqqa_now"].reason


def test_pauses_grow_but_never_end():
    usual = source(tier="breaking")
    well = Visited(outcome=Outcome.READ, place=Place())
    ill = Visited(outcome=Outcome.RATE_LIMITED, place=Place())
    assert pause_seconds(usual, well, 0, 0.5) == 90
    assert 81 <= pause_seconds(usual, well, 0, 0.0) < pause_seconds(usual, well, 0, 1.0) <= 99.01
    assert [pause_seconds(usual, ill, n, 0.5) for n in (1, 2, 3, 50)] == [180, 360, 720, 21600]
    assert pause_seconds(usual, Visited(outcome=Outcome.READ, place=Place(), unfinished=True), 0, 0.5) == 0
    asked = Visited(outcome=Outcome.RATE_LIMITED, place=Place(), quiet_seconds=4000)
    assert pause_seconds(usual, asked, 1, 0.5) == 4000


async def test_it_goes_on_until_cancelled(preview):
    topic = Topic()
    preview.world.post(preview.channel, "one")
    setup = setup_of([source(interval_seconds=1)], topic, telegram_web_url=preview.base)
    task = asyncio.create_task(TelegramWebConnector(setup, chance=lambda: 0.0).run())
    await until(lambda: len(topic.posts) == 1)
    preview.world.post(preview.channel, "two")
    await until(lambda: len(topic.posts) == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_past_is_read_back_to_a_date_marked_and_resumed(preview):
    world, topic, told = preview.world, Topic(), []
    for number in range(100):
        world.post(preview.channel, f"text {number}")
        world.advance(3600)
    await read(preview, topic)
    since = preview.channel.messages[40].date
    setup = setup_of([source()], topic, now=world.now, telegram_web_url=preview.base)
    preview.stop_after = 3
    with pytest.raises(SourceDown, match="start again"):
        await backfill_channel(source(), since, setup, lambda count, oldest: told.append((count, oldest)))
    preview.stop_after = None
    setup = setup_of([source()], topic, now=world.now, telegram_web_url=preview.base)
    await backfill_channel(source(), since, setup, lambda count, oldest: told.append((count, oldest)))
    assert sorted(int(p.native_id.split(":")[2]) for p in topic.posts if p.backfill) == list(range(40, 81))
    assert sorted(int(p.native_id.split(":")[2]) for p in topic.posts) == list(range(40, 101))  # nothing twice
    assert [count for count, _ in told][:3] == [0, 20, 40]
    assert topic.cursors["s-raqqa_now"]["last_id"] == 100
    assert await backfill_channel(source(), since, setup_of([source()], topic), print) == 0
    with pytest.raises(Misconfigured, match="--export"):
        await backfill_channel(source(access="mtproto"), since, setup, print)


@pytest.mark.parametrize("seed", range(8))
async def test_law_whatever_happens_the_topic_equals_the_channel(preview, seed):
    """Posts, edits, deletions, albums, rate limits, kills between acknowledgement and cursor."""
    chance, world, channel, topic = random.Random(seed), preview.world, preview.channel, Topic()
    deleted = []
    for _ in range(40):
        world.advance(chance.randint(1, 100))
        act = chance.random()
        newest = sorted(n for n in channel.messages)[-15:]
        if act < 0.5:
            for _ in range(chance.choice([1, 1, 2, 30])):
                world.post(channel, f"text {chance.random()}")
        elif act < 0.55:
            group = chance.getrandbits(40)
            for place in range(3):
                world.post(channel, "caption" if place == 0 else "", grouped_id=group)
        elif act < 0.6:
            world.service(channel)
        elif act < 0.7 and newest:
            number = chance.choice(newest)
            if not isinstance(channel.messages[number], MessageService):
                world.edit(channel, number, f"edited {chance.random()}")
        elif act < 0.75 and newest:
            number = chance.choice(newest)
            if not getattr(channel.messages[number], "grouped_id", None):
                deleted.append((channel.id, number))
                world.delete(channel, number)
        else:
            await _visit_with_faults(preview, topic, chance)
    preview.empty.clear()
    preview.status.clear()
    for _ in range(6):
        world.advance(60)
        await read(preview, topic)
    last_page = sorted(channel.messages)[-15:]
    first_read = min(int(p.native_id.split(":")[2]) for p in topic.posts)
    wrong = [w for w in differences(topic, [channel], deleted) if w[2] >= first_read]
    # t.me/s shows edits and deletions on its first page only
    assert [w for w in wrong if w[0] in {"lost", "two texts"} or w[2] in last_page] == []


async def _visit_with_faults(preview, topic, chance):
    preview.empty = {"raqqa_now"} if chance.random() < 0.15 else set()
    preview.status = {"raqqa_now": (503, {})} if chance.random() < 0.1 else {}
    topic.die_before_cursor = chance.random() < 0.3
    task = asyncio.create_task(read(preview, topic))
    if topic.die_before_cursor or chance.random() < 0.2:
        before = len(topic.posts)
        with contextlib.suppress(TimeoutError):
            await until(lambda: task.done() or len(topic.posts) > before, seconds=1)
        await asyncio.sleep(chance.random() * 0.01)
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    topic.die_before_cursor = False
