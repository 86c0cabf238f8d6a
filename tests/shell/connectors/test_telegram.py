"""The Telegram connector with the real Telethon client against a local Telegram."""

import asyncio
import contextlib
from dataclasses import replace
from functools import partial

import pytest
from telethon.tl import types as t

from connectors.health import SourceState
from connectors.runner import by_kind
from connectors.sources import SourceSettings
from connectors.telegram import budget as budgets
from connectors.telegram import channel as channels
from connectors.telegram import reader as readers
from connectors.telegram.budget import Budget, Rate
from connectors.telegram.client import TelethonDoor
from connectors.telegram.client import door as doors
from connectors.telegram.connector import TelegramConnector
from schemas.errors import Misconfigured, SourceDown
from schemas.kinds import SourceKind
from tests.mtproto.pages import FakePreview
from tests.mtproto.server import FakeTelegram
from tests.mtproto.sinks import Counting, Topic, differences, setup_of, until


@pytest.fixture
async def telegram(monkeypatch):
    monkeypatch.setattr(readers, "RECONNECT_SECONDS", (0.01,))
    monkeypatch.setattr(readers, "RETRY_SECONDS", (0.05,))
    monkeypatch.setattr(readers, "LOST_SECONDS", (0.2,))
    monkeypatch.setattr(doors, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(doors, "reconnect_pause", lambda streak, chance: min(streak * 0.01, 0.2))
    async with FakeTelegram() as server:
        yield server
        assert server.errors == []


def source(name="raqqa_now", **fields):
    return SourceSettings(
        **{"id": f"s-{name}", "kind": SourceKind.TELEGRAM, "channel": name, "access": "mtproto", **fields}
    )


def settings_for(telegram, **fields):
    return {
        "telegram_api_id": 1,
        "telegram_api_hash": "hash",
        "telegram_session": telegram.session(),
        "telegram_server": telegram.address,
        **fields,
    }


def connector(telegram, topic, *sources, once=False, meter=None, rates=None, **fields):
    setup = setup_of(
        sources or [source()],
        topic,
        once=once,
        now=telegram.world.now,
        meter=meter,
        **settings_for(telegram, **fields),
    )
    spent = Budget(rates or {}, Rate(1, 0))
    made = TelegramConnector(setup, open_door=partial(TelethonDoor, budget=spent, meter=setup.meter))
    made.setup = setup
    return made


@contextlib.asynccontextmanager
async def running(made):
    task = asyncio.create_task(made.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def read(telegram, topic, *sources, **fields):
    made = connector(telegram, topic, *sources, once=True, **fields)
    async with asyncio.timeout(30):
        await made.run()
    return made.setup


def texts(topic):
    return [post.text for post in topic.posts]


async def test_history_then_pushes_edits_and_deletions(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    for number in range(50):
        telegram.post(channel, f"old {number}")
    async with running(connector(telegram, topic)):
        await until(lambda: len(topic.posts) == 20)  # it starts with the newest page
        telegram.post(channel, "new")
        await until(lambda: texts(topic)[-1] == "new")
        telegram.world.advance(30)
        telegram.edit(channel, 51, "new, corrected")
        await until(lambda: texts(topic)[-1] == "new, corrected")
        assert topic.posts[-1].revision >= 30
        assert topic.posts[-1].edited_at is not None
        telegram.glance(channel, 51, views=1000)
        telegram.delete(channel, 50)
        await until(lambda: topic.posts[-1].deleted)
    assert (topic.posts[-1].text, topic.posts[-1].native_id) == ("old 49", "tg:1001:50")
    channel.messages = {number: m for number, m in channel.messages.items() if number > 30}
    assert differences(topic, [channel], [(1001, 50)]) == []
    assert topic.repeats() == 0
    assert telegram.calls["ResolveUsername"] == 1


async def test_a_restart_goes_on_from_the_cursor_without_asking_for_the_name(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic)
    telegram.post(channel, "two")
    telegram.edit(channel, 1, "one, corrected")
    await read(telegram, topic)
    assert sorted(p.text for p in topic.last().values()) == ["one, corrected", "two"]
    assert topic.repeats() == 0
    assert telegram.calls["ResolveUsername"] == 1
    assert telegram.calls["GetFullChannel"] == 1


async def test_backfill_says_so_and_is_whole(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    for number in range(450):
        telegram.post(channel, f"old {number}")
    await read(telegram, topic, source(backfill_posts=10_000))
    assert differences(topic, [channel]) == []
    assert [p.backfill for p in topic.posts] == [False] * 20 + [True] * 430
    topic = Topic()
    await read(telegram, topic, source(backfill_posts=130))
    assert len(topic.posts) == 150


async def test_identity_forward_reply_album_and_media_arrive(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    when = telegram.world.now()
    telegram.post(
        channel,
        "forwarded",
        fwd_from=t.MessageFwdHeader(when, from_id=t.PeerChannel(2002), channel_post=77),
        reply_to=t.MessageReplyHeader(reply_to_msg_id=5),
        media=t.MessageMediaGeo(t.GeoPoint(39.01, 35.95, 0)),
        entities=[t.MessageEntityBold(0, 9)],
    )
    for place in range(2):
        telegram.post(channel, "caption" if place == 0 else "", grouped_id=42)
    await read(telegram, topic)
    first, *album = topic.posts
    assert (first.native_id, first.url) == ("tg:1001:1", "https://t.me/raqqa_now/1")
    assert (first.forwarded_from.channel_id, first.forwarded_from.message_id) == (2002, 77)
    assert first.forwarded_from.published_at == when
    assert first.reply_to == "tg:1001:5"
    assert (first.media[0].kind, first.media[0].url) == ("location", "geo:35.95,39.01")
    assert first.html == "<b>forwarded</b>"
    assert {p.grouped_id for p in album} == {"42"}


async def test_a_difference_that_is_too_long_loses_nothing(telegram):
    channel, topic, meter = telegram.world.add(1001, "raqqa_now"), Topic(), Counting()
    for number in range(10):
        telegram.post(channel, f"old {number}")
    await read(telegram, topic)
    for number in range(250):
        telegram.post(channel, f"missed {number}")
    telegram.world.advance(5)
    telegram.edit(channel, 3, "old 2, corrected")
    telegram.delete(channel, 4)
    channel.log_floor = channel.pts
    telegram.post(channel, "after")
    await read(telegram, topic, meter=meter)
    assert differences(topic, [channel], [(1001, 4)]) == []
    assert topic.last()["tg:1001:4"].deleted
    assert meter.counts["marqab_telegram_gaps_total", "too_long"] == 1
    assert topic.repeats() == 0


async def test_a_kill_a_deletion_and_a_difference_that_is_too_long_together(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic)
    telegram.post(channel, "two")
    telegram.post(channel, "three")
    topic.die_before_cursor = True
    async with running(connector(telegram, topic)):
        await until(lambda: len(topic.posts) == 3)
    topic.die_before_cursor = False
    telegram.delete(channel, 2)
    channel.log_floor = channel.pts
    telegram.post(channel, "four")
    await read(telegram, topic)
    assert differences(topic, [channel], [(1001, 2)]) == []
    assert topic.last()["tg:1001:2"].deleted


async def test_lost_pushes_are_found_and_gaps_asked_for(telegram):
    channel, topic, meter = telegram.world.add(1001, "raqqa_now"), Topic(), Counting()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic, source(interval_seconds=1), meter=meter)):
        await until(lambda: len(topic.posts) == 1)
        telegram.post(channel, "two", push=False)
        telegram.post(channel, "three")
        await until(lambda: len(topic.posts) == 3)
        telegram.post(channel, "four", push=False)  # nothing hints at it
        await until(lambda: len(topic.posts) == 4)
    assert texts(topic) == ["one", "two", "three", "four"]


async def test_pushes_that_are_doubled_or_out_of_order_change_nothing(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic)):
        await until(lambda: len(topic.posts) == 1)
        telegram.held = []
        for number in range(4):
            telegram.post(channel, f"more {number}")
        telegram.release([3, 1, 0, 0, 2, 3])
        await until(lambda: len(topic.last()) == 5)
        telegram.post(channel, "last")
        await until(lambda: len(topic.last()) == 6)
    assert topic.repeats() == 0
    assert differences(topic, [channel]) == []


async def test_dropped_connections_cost_nothing_but_time(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic)):
        await until(lambda: len(topic.posts) == 1)
        for number in range(5):
            telegram.drop()
            telegram.post(channel, f"while away {number}")
            await until(lambda number=number: len(topic.posts) == 2 + number)
    assert differences(topic, [channel]) == []
    assert telegram.connects < 40


async def test_connections_are_paced(telegram):
    telegram.refuse = True
    telegram.world.add(1001, "raqqa_now")
    made = connector(telegram, Topic())
    async with running(made):
        await until(lambda: made.setup.health.snapshot().get("s-raqqa_now", _NONE).reason)
        await until(lambda: telegram.connects >= 10)
    assert telegram.connects < 100


async def test_a_short_flood_wait_is_waited_for_and_counted(telegram):
    channel, topic, meter = telegram.world.add(1001, "raqqa_now"), Topic(), Counting()
    telegram.post(channel, "one")
    telegram.flood("GetHistory", 1)
    await read(telegram, topic, meter=meter)
    assert texts(topic) == ["one"]
    assert meter.counts["marqab_telegram_flood_wait_seconds_total", "GetHistory"] == 1
    assert meter.gauges["marqab_telegram_flood_until_timestamp_seconds", "main", "GetHistory"] > 0
    calls = {key[2:]: n for key, n in meter.counts.items() if key[0] == "marqab_telegram_calls_total"}
    assert (calls["GetHistory", "flood"], calls["GetHistory", "ok"]) == (1, 2)
    assert meter.counts["marqab_telegram_connects_total", "main"] == 1
    assert meter.gauges["marqab_telegram_authorised", "main"] == 1
    assert meter.gauges["marqab_telegram_connected", "main"] == 0  # it has ended
    assert meter.counts["marqab_telegram_changes_total", "history"] == 1


async def test_a_long_flood_wait_stops_one_method_and_says_so(telegram):
    first, _ = telegram.world.add(1001, "raqqa_now"), telegram.world.add(1002, "other_news")
    topic = Topic()
    telegram.post(first, "one")
    await read(telegram, topic)
    telegram.flood("ResolveUsername", 74_263)
    telegram.post(first, "two")
    setup = await read(telegram, topic, source(), source("other_news"))
    assert texts(topic) == ["one", "two"]
    assert "20.6 h before ResolveUsername" in setup.health.snapshot()["s-other_news"].reason
    assert setup.health.snapshot()["s-raqqa_now"].state is SourceState.UP


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda s, c: setattr(c, "private", True), "private"),
        (lambda s, c: setattr(c, "username", "renamed"), "nobody has this name"),
        (lambda s, c: s.fail("GetFullChannel", 400, "CHANNEL_BANNED", times=99), "closed"),
    ],
)
async def test_channels_that_cannot_be_read_are_reported_and_come_back(telegram, fault, words):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    fault(telegram, channel)
    made = connector(telegram, topic)
    async with running(made):
        await until(lambda: words in made.setup.health.snapshot().get("s-raqqa_now", _NONE).reason)
        channel.private, channel.username = False, "raqqa_now"
        telegram.faults.clear()
        await until(lambda: texts(topic) == ["one"])
        await until(lambda: made.setup.health.snapshot()["s-raqqa_now"].state is SourceState.UP)


class _NONE:
    reason = ""


async def test_a_renamed_channel_is_followed(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic)
    channel.username = "raqqa_today"
    telegram.post(channel, "two")
    telegram.post(channel, "three")
    await read(telegram, topic)
    await read(telegram, topic)
    assert texts(topic) == ["one", "two", "three"]
    assert topic.cursors["s-raqqa_now"]["username"] == "raqqa_today"


async def test_a_name_that_was_given_to_somebody_else_stops_the_source(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic)
    channel.username = None
    thief = telegram.world.add(1009, "raqqa_now")
    telegram.post(thief, "not ours")
    topic.cursors["s-raqqa_now"]["access_hash"] = None  # as after a change of account
    setup = await read(telegram, topic)
    assert setup.health.snapshot()["s-raqqa_now"].state is SourceState.STOPPED
    assert "1009, not to 1001" in setup.health.snapshot()["s-raqqa_now"].reason
    assert texts(topic) == ["one"]


async def test_a_pinned_number_is_obeyed(telegram):
    telegram.post(telegram.world.add(1001, "raqqa_now"), "one")
    setup = await read(telegram, Topic(), source(channel_id=1002))
    assert setup.health.snapshot()["s-raqqa_now"].state is SourceState.STOPPED


async def test_a_stale_access_hash_is_asked_for_again(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic)
    topic.cursors["s-raqqa_now"]["access_hash"] = 5
    telegram.post(channel, "two")
    async with running(connector(telegram, topic)):
        await until(lambda: texts(topic) == ["one", "two"])


async def test_a_channel_by_number_is_found_among_those_joined(telegram):
    channel, topic = telegram.world.add(10_011_001, None), Topic()
    telegram.post(channel, "one")
    await read(telegram, topic, source(10_011_001, id="by-number"))
    assert topic.posts[0].url == "https://t.me/c/10011001/1"
    setup = await read(telegram, topic, source(10_011_002, id="unknown"))
    assert "has not joined" in setup.health.snapshot()["unknown"].reason


async def test_a_person_is_no_channel(telegram):
    telegram.on_resolve_username = lambda _: t.contacts.ResolvedPeer(t.PeerUser(5), [], [])
    setup = await read(telegram, Topic())
    assert "does not belong to a channel" in setup.health.snapshot()["s-raqqa_now"].reason


async def test_an_invitation_is_never_followed(telegram):
    setup = await read(telegram, Topic(), source("https://t.me/+AbCdEf", id="invited"))
    assert setup.health.snapshot()["invited"].state is SourceState.STOPPED
    assert telegram.calls["JoinChannel"] == telegram.calls["ImportChatInvite"] == 0


@pytest.mark.parametrize(
    ("code", "words", "sentence"),
    [
        (401, "AUTH_KEY_UNREGISTERED", "does not know the session"),
        (401, "SESSION_REVOKED", "ended from another device"),
        (401, "SESSION_EXPIRED", "expired"),
        (401, "USER_DEACTIVATED", "deleted"),
        (401, "USER_DEACTIVATED_BAN", "banned"),
        (406, "AUTH_KEY_DUPLICATED", "two addresses"),
        (400, "API_ID_INVALID", "api_id"),
    ],
)
@pytest.mark.parametrize("when", ["at the start", "later"])
async def test_fatal_errors_end_it_with_a_sentence(telegram, code, words, sentence, when):
    telegram.post(telegram.world.add(1001, "raqqa_now"), "one")
    topic = Topic()
    if when == "at the start":
        telegram.fail("GetUsers", code, words, times=99)
    meter = Counting()
    made = connector(telegram, topic, meter=meter)
    task = asyncio.create_task(made.run())
    if when == "later":
        await until(lambda: topic.posts)
        telegram.fail("GetChannelDifference", code, words, times=99)
        telegram.broadcast([t.UpdateChannelTooLong(1001)])
    with pytest.raises(Misconfigured, match=sentence):
        async with asyncio.timeout(10):
            await task
    assert meter.gauges["marqab_telegram_authorised", "main"] == 0


async def test_a_key_that_telegram_forgot_ends_it(telegram):
    telegram.world.add(1001, "raqqa_now")
    telegram.forget_keys = True
    with pytest.raises(Misconfigured, match="404"):
        async with asyncio.timeout(20):
            await connector(telegram, Topic()).run()


async def test_without_an_account(telegram):
    nothing = {"telegram_session": "", "telegram_server": ""}
    with pytest.raises(Misconfigured, match="marqab telegram login"):
        connector(telegram, Topic(), **nothing)
    with pytest.raises(Misconfigured, match="api_id"):
        connector(telegram, Topic(), telegram_api_id=0)
    with pytest.raises(Misconfigured, match="no session string"):
        await connector(telegram, Topic(), telegram_session="rubbish").run()
    with pytest.raises(Misconfigured, match="MARQAB_SECRET_TELEGRAM_SESSION_SECOND"):
        connector(telegram, Topic(), source(account="second"))


async def test_several_accounts_read_their_own_channels(telegram):
    one, two = telegram.world.add(1001, "raqqa_now"), telegram.world.add(1002, "other_news")
    telegram.post(one, "one")
    telegram.post(two, "two")
    environ = {"MARQAB_SECRET_TELEGRAM_SESSION_SECOND": telegram.session()}
    topic = Topic()
    await read(telegram, topic, source(), source("other_news", account="second"), environ=environ)
    assert sorted(texts(topic)) == ["one", "two"]
    assert topic.cursors["s-other_news"]["account"] == "second"
    assert telegram.connects == 2


async def test_a_channels_proxy_is_its_accounts(telegram):
    environ = {
        "MARQAB_SECRET_TELEGRAM_SESSION_SECOND": telegram.session(),
        "MARQAB_SECRET_PROXY_TOR": "socks5h://127.0.0.1:1",
    }
    telegram.world.add(1001, "raqqa_now")
    topic, through_tor = Topic(), source(proxy="tor")
    with pytest.raises(Misconfigured, match="one connection"):
        connector(telegram, topic, source("other_news"), through_tor, environ=environ)
    with pytest.raises(Misconfigured, match="MARQAB_SECRET_PROXY_TOR is not set"):
        connector(telegram, topic, through_tor)
    apart = (source("other_news", account="second"), through_tor)
    connector(telegram, topic, *apart, environ=environ)
    setup = await read(telegram, topic, through_tor, environ=environ)
    assert telegram.connects == 0  # the proxy is away, and nothing goes past it
    assert setup.health.snapshot()["s-raqqa_now"].state is SourceState.DOWN


async def test_two_shards_never_hold_one_session(telegram):
    environ = {"MARQAB_SECRET_TELEGRAM_SESSION_SECOND": telegram.session()}
    names = [f"channel_{n}" for n in range(8)]
    for number, name in enumerate(names):
        telegram.post(telegram.world.add(1001 + number, name), "one")
    sources = [source(name, account="second" if n % 2 else None) for n, name in enumerate(names)]
    fields = settings_for(telegram, environ=environ)
    taken = []
    for count in (2, 5):
        topic, shares = Topic(), []
        for index in range(1, count + 1):
            chosen = by_kind(sources, (index, count)).get(SourceKind.TELEGRAM, ())
            if chosen:
                setup = setup_of(chosen, topic, once=True, now=telegram.world.now, **fields)

                @contextlib.asynccontextmanager
                async def hold(session, shares=shares):
                    shares.append(session)
                    yield asyncio.Event()

                made = TelegramConnector(replace(setup, hold=hold))
                await made.run()
        assert sorted(shares) == sorted(set(shares))
        assert len(shares) == 2
        assert len(topic.posts) == len(names)
        taken.append(shares)
    assert sorted(taken[0]) == sorted(taken[1])


async def test_at_most_ten_unjoined_channels_are_asked_quickly(telegram, caplog):
    names = [f"channel_{n:02}" for n in range(13)]
    for number, name in enumerate(names):
        telegram.post(telegram.world.add(1001 + number, name, joined=number == 0), "one")
    topic = Topic()
    await read(telegram, topic, *(source(name, priority="high") for name in names))
    assert "s-channel_11, s-channel_12 are asked as those of normal priority" in caplog.text
    setup = setup_of([source(name, priority="high") for name in names], topic)
    known = [channels.Channel(each, setup, "main", lambda: 0.0) for each in setup.sources]
    assert "12 channels of high priority are not joined" in channels.ration(known)
    assert [round(each.pause_seconds(0.5)) for each in known] == [30] * 11 + [120] * 2


async def test_an_unanswered_call_is_not_waited_for_for_ever(telegram, monkeypatch):
    monkeypatch.setattr(doors, "CALL_SECONDS", 0.3)
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    telegram.silent.add("GetHistory")
    made = connector(telegram, topic)
    async with running(made):
        await until(lambda: "does not answer" in made.setup.health.snapshot().get("s-raqqa_now", _NONE).reason)
        telegram.silent.clear()
        await until(lambda: texts(topic) == ["one"])


async def test_the_watchdog_notices_a_dead_connection(telegram, monkeypatch):
    monkeypatch.setattr(doors, "WATCH_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(doors, "WATCH_SECONDS", 0.3)
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic)):
        await until(lambda: topic.posts)
        before = telegram.connects
        telegram.silent.add("GetState")
        await until(lambda: telegram.connects > before)


async def test_wrong_clocks_are_corrected(telegram):
    telegram.clock_skew = 4000.0
    telegram.post(telegram.world.add(1001, "raqqa_now"), "one")
    topic = Topic()
    await read(telegram, topic)
    assert texts(topic) == ["one"]


@pytest.mark.parametrize("rubbish", [b"\x01\x02\x03\x04", b"\x2a\xa5\xbd\x74" + b"\0" * 8, b""])
async def test_rubbish_on_the_wire_is_survived(telegram, rubbish):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic)):
        await until(lambda: topic.posts)
        telegram.push_raw(rubbish)
        telegram.post(channel, "two")
        await until(lambda: len(topic.posts) == 2)


async def test_the_topic_away_for_a_while_loses_nothing(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with running(connector(telegram, topic)):
        await until(lambda: topic.posts)
        topic.up.clear()
        for number in range(20):
            telegram.post(channel, f"meanwhile {number}")
        telegram.drop()
        topic.up.set()
        await until(lambda: len(topic.last()) == 21)
    assert differences(topic, [channel]) == []


async def test_a_session_that_another_process_uses_is_not_touched(telegram):
    @contextlib.asynccontextmanager
    async def taken(name):
        raise Misconfigured("Another marqab uses this Telegram session")
        yield

    telegram.world.add(1001, "raqqa_now")
    with pytest.raises(Misconfigured, match="Another marqab"):
        await connector(telegram, Topic(), hold=taken).run()
    assert telegram.connects == 0


async def test_a_session_that_is_taken_over_is_let_go(telegram):
    names, lost = [], asyncio.Event()

    @contextlib.asynccontextmanager
    async def mine(name):
        names.append(name)
        yield lost

    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    made = connector(telegram, topic, hold=mine)
    task = asyncio.create_task(made.run())
    await until(lambda: topic.posts)
    lost.set()
    with pytest.raises(SourceDown, match="taken over"):
        await task
    await until(lambda: not telegram.connections)
    assert names == [made.setup.settings.telegram_session]


# access: auto
async def test_auto_without_an_account_reads_the_web(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with FakePreview(telegram.world) as preview:
        fields = {"telegram_session": "", "telegram_web_url": preview.base}
        await read(telegram, topic, source(access="auto"), **fields)
    assert texts(topic) == ["one"]
    assert telegram.connects == 0


async def test_auto_falls_back_to_the_web_and_returns_without_a_second_identity(telegram, monkeypatch):
    monkeypatch.setattr(readers, "FALL_BACK_SECONDS", 0.0)
    monkeypatch.setattr(doors, "WATCH_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(doors, "WATCH_SECONDS", 0.3)
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one\nwith a line")
    async with FakePreview(telegram.world) as preview:
        made = connector(telegram, topic, source(access="auto", interval_seconds=1), telegram_web_url=preview.base)
        async with running(made):
            await until(lambda: len(topic.posts) == 1)
            telegram.refuse = True
            telegram.drop()
            telegram.post(channel, "while away")
            telegram.world.advance(10)
            telegram.edit(channel, 1, "one\ncorrected")
            await until(lambda: len(topic.posts) == 3)
            assert preview.requests
            telegram.refuse = False
            telegram.post(channel, "back")
            await until(lambda: len(topic.last()) == 3)
            await until(lambda: made.setup.health.snapshot()["s-raqqa_now"].state is SourceState.UP)
    assert differences(topic, [channel]) == []
    assert topic.repeats() == 0
    assert len(topic.posts) == 4


async def test_auto_reads_a_private_looking_channel_on_the_web(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    telegram.flood("ResolveUsername", 5000)
    async with FakePreview(telegram.world) as preview:
        setup = await read(telegram, topic, source(access="auto"), telegram_web_url=preview.base)
    assert texts(topic) == ["one"]
    assert setup.health.snapshot()["s-raqqa_now"].state is SourceState.UP


async def test_auto_survives_the_loss_of_the_account(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    telegram.fail("GetUsers", 401, "SESSION_REVOKED", times=99)
    async with FakePreview(telegram.world) as preview:
        await read(telegram, topic, source(access="auto"), telegram_web_url=preview.base)
    assert texts(topic) == ["one"]


async def test_from_the_web_to_mtproto_nothing_between_is_lost(telegram):
    channel, topic = telegram.world.add(1001, "raqqa_now"), Topic()
    telegram.post(channel, "one")
    async with FakePreview(telegram.world) as preview:
        await read(telegram, topic, source(access="web"), telegram_web_url=preview.base)
    for number in range(60):
        telegram.post(channel, f"between {number}")
    telegram.delete(channel, 1)
    await read(telegram, topic, source(access="mtproto"))
    assert differences(topic, [channel], [(1001, 1)]) == []
    assert topic.last()["tg:1001:1"].deleted
    assert topic.repeats() == 0


def test_budget_names_are_telegrams_own():
    from telethon.tl import functions

    names = {
        name
        for module in (functions.contacts, functions.channels, functions.messages, functions.updates)
        for name in dir(module)
    }
    assert {f"{method}Request" for method in budgets.RATES} <= names
