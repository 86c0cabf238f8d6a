"""A channel's past through the account, and from an export: marked, resumable, nothing twice."""

import asyncio
import contextlib
import json
from functools import partial

import pytest

from connectors.runner import backfill
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.telegram import backfill as pasts
from connectors.telegram.account import account_of
from connectors.telegram.backfill import AccountPast, backfill_channel, backfill_export
from connectors.telegram.budget import Budget, Rate
from connectors.telegram.client import TelethonDoor
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from tests.mtproto.sinks import Topic, setup_of
from tests.shell.connectors.test_telegram import read, settings_for, source, telegram  # noqa: F401 - a fixture

DAY = 86_400


@pytest.fixture
def channel(telegram, monkeypatch):  # noqa: F811
    monkeypatch.setattr(pasts, "PAUSES_SECONDS", (0.01, 0.01))
    one = telegram.world.add(1001, "raqqa_now")
    for number in range(450):
        telegram.post(one, f"text {number + 1}", push=False)
        telegram.world.advance(DAY / 24)
    return one


def past(telegram, topic, since, told=None, hold=None):  # noqa: F811
    setup = setup_of([source()], topic, now=telegram.world.now, hold=hold, **settings_for(telegram))
    door = partial(TelethonDoor, budget=Budget({}, Rate(1, 0)), meter=setup.meter)
    account = account_of(None, setup.settings)
    tell = (lambda *args: told.append(args)) if told is not None else lambda *_: None
    return AccountPast(account, source(), since, setup, tell, open_door=door).read()


def numbers(posts):
    return sorted(int(post.native_id.split(":")[2]) for post in posts)


async def test_the_account_reads_back_to_a_day_and_leaves_live_posts_alone(telegram, channel):  # noqa: F811
    topic, told = Topic(), []
    await read(telegram, topic)
    assert numbers(topic.posts) == list(range(431, 451))
    live = dict(topic.cursors["s-raqqa_now"])
    assert await past(telegram, topic, channel.messages[100].date, told) == 331
    marked = [post for post in topic.posts if post.backfill]
    assert numbers(marked) == list(range(100, 431))
    assert topic.repeats() == 0
    assert topic.cursors["s-raqqa_now"] == live
    assert [count for count, _ in told] == [80, 180, 280, 331]
    assert telegram.calls["ResolveUsername"] == 1  # what live reading has found is used
    assert await past(telegram, topic, channel.messages[100].date) == 0


async def test_it_goes_on_where_it_was_after_drops_and_kills(telegram, channel):  # noqa: F811
    topic, since = Topic(), channel.messages[1].date
    telegram.fail("GetHistory", 500, "RPC_CALL_FAIL")
    task = asyncio.ensure_future(past(telegram, topic, since))
    async with asyncio.timeout(20):
        while not topic.posts:
            await asyncio.sleep(0.005)
    telegram.drop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    telegram.fail("GetHistory", 500, "RPC_CALL_FAIL")
    await past(telegram, topic, since)
    assert numbers({post.native_id: post for post in topic.posts}.values()) == list(range(1, 451))
    assert all(post.backfill for post in topic.posts)
    calls = telegram.calls["GetHistory"]
    assert await past(telegram, topic, since) == 0
    assert telegram.calls["GetHistory"] == calls


async def test_a_long_flood_wait_ends_it_with_a_sentence(telegram, channel):  # noqa: F811
    telegram.flood("GetHistory", 74_263)
    with pytest.raises(SourceDown, match=r"20\.6 h before GetHistory.*start again"):
        await past(telegram, Topic(), channel.messages[1].date)


async def test_a_session_in_use_is_not_touched_and_says_what_to_do(telegram, channel):  # noqa: F811
    @contextlib.asynccontextmanager
    async def hold(_):
        raise Misconfigured("Another marqab uses this Telegram session.")
        yield

    with pytest.raises(Misconfigured, match="--account"):
        await past(telegram, Topic(), channel.messages[1].date, hold=hold)
    assert telegram.connects == 0


async def test_revisions_are_those_of_live_reading(telegram, channel):  # noqa: F811
    telegram.edit(channel, 450, "edited", push=False)
    live, back = Topic(), Topic()
    await read(telegram, live)
    await past(telegram, back, channel.messages[440].date)
    posts = {post.native_id: (post.revision, post.text, post.post_id) for post in live.posts}
    told = {post.native_id: (post.revision, post.text, post.post_id) for post in back.posts}
    assert told.items() <= posts.items()
    assert told["tg:1001:450"][0] > 0


def exported(channel, path, numbers_):
    rows = []
    for number in numbers_:
        message = channel.messages[number]
        rows.append({
            "id": number,
            "type": "message",
            "date": "",
            "date_unixtime": str(int(message.date.timestamp())),
            "text": message.message,
            **({"edited_unixtime": str(int(message.edit_date.timestamp()))} if message.edit_date else {}),
        })  # fmt: skip
    path.write_text(json.dumps({"id": channel.id, "name": "n", "type": "public_channel", "messages": rows}), "utf-8")
    return path


async def test_an_export_has_the_identity_of_live_messages(telegram, channel, tmp_path):  # noqa: F811
    telegram.edit(channel, 300, "edited", push=False)
    path = exported(channel, tmp_path / "result.json", range(1, 451))
    topic, back = Topic(), Topic()
    await read(telegram, topic)
    setup = setup_of([source()], topic, now=telegram.world.now)
    told = []
    assert await backfill_export(source(), path, setup, lambda *args: told.append(args)) == 430
    assert [count for count, _ in told] == [200, 400, 430]
    assert numbers(topic.posts) == list(range(1, 451))
    assert [post.backfill for post in topic.posts] == [False] * 20 + [True] * 430
    await past(telegram, back, channel.messages[1].date)
    same = {post.native_id: (post.post_id, post.revision, post.text) for post in back.posts}
    assert {p.native_id: (p.post_id, p.revision, p.text) for p in topic.posts}.items() <= same.items()
    assert await backfill_export(source(), path, setup_of([source()], topic), lambda *_: None) == 0


async def test_an_export_that_ends_before_its_time_says_so_and_is_gone_on_with(telegram, channel, tmp_path, caplog):  # noqa: F811
    path = exported(channel, tmp_path / "result.json", [*range(1, 440), 3, *range(440, 451)])
    whole = path.read_text("utf-8").replace('"text 300"', "[5]")  # a row that cannot be read
    path.write_text(whole[: len(whole) // 2], "utf-8")
    topic = Topic()
    with pytest.raises(Misconfigured, match="ends before its time"):
        await backfill_export(source(channel_id=1001), path, setup_of([source()], topic), lambda *_: None)
    assert numbers(topic.posts) == list(range(1, 201))
    path.write_text(whole, "utf-8")
    topic.posts.clear()
    setup = setup_of([source()], topic)
    with pytest.raises(ZeroDivisionError):
        await backfill_export(source(channel_id=1001), path, setup, lambda *_: 1 / 0)  # killed after the first batch
    await backfill_export(source(channel_id=1001), path, setup_of([source()], topic), lambda *_: None)
    assert numbers(topic.posts) == sorted([3, *(n for n in range(1, 451) if n != 300)])  # 3 stands in it twice
    assert "1 rows of the export are no messages" in caplog.text


async def test_an_export_of_another_channel_is_refused(telegram, channel, tmp_path):  # noqa: F811
    path = exported(channel, tmp_path / "result.json", [1])
    fresh = setup_of([source()], Topic())
    with pytest.raises(Misconfigured, match="set channel_id = 1001"):
        await backfill_export(source(), path, fresh, print)
    with pytest.raises(Misconfigured, match="does not hold channel 1002"):
        await backfill_export(source(channel_id=1002), path, fresh, print)
    assert await backfill_export(source(channel_id=1001), path, fresh, lambda *_: None) == 1


async def test_auto_reads_the_preview_first_and_the_account_where_there_is_none(telegram, channel, monkeypatch):  # noqa: F811
    asked = []

    async def preview(*_):
        asked.append("preview")
        raise pasts.NoPreview("Source: no preview.")

    monkeypatch.setattr(pasts, "backfill_preview", preview)
    topic = Topic()
    setup = setup_of([source(access="auto")], topic, now=telegram.world.now, **settings_for(telegram))
    assert await backfill_channel(source(access="auto"), channel.messages[440].date, setup, lambda *_: None) == 11
    assert asked == ["preview"]
    with pytest.raises(SourceDown, match="no preview"):
        await backfill_channel(source(access="web"), channel.messages[440].date, setup, lambda *_: None)


async def test_only_channels_have_exports(tmp_path):
    feed = SourceSettings(id="f", kind=SourceKind.FEED, url="https://a.example/f")
    for arguments, words in (({"export": tmp_path / "x"}, "is none"), ({}, "--since")):
        with pytest.raises(Misconfigured, match=words):
            await backfill(feed, None, Topic(), ConnectorSettings(), progress=print, **arguments)
