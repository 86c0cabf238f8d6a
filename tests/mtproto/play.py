"""Random worlds with random faults, played against the connector; the law's test and the measurement of faults use it.

Posts, edits, albums, deletions, glances; connections dropped and refused, requests that fail, differences that are too
long, pushes that are lost, held back, doubled and shuffled, a topic that is away, connectors killed at any await, also
between acknowledgement and cursor, channels that turn private and come back. In every other world the account may be
away for long enough that t.me/s takes over.
"""

import asyncio
import contextlib
import random
from functools import partial

from telethon.tl.types import Message

from connectors.sources import SourceSettings
from connectors.telegram import channel as channels
from connectors.telegram import reader as readers
from connectors.telegram.budget import Budget, Rate
from connectors.telegram.client import TelethonDoor
from connectors.telegram.client import door as doors
from connectors.telegram.connector import TelegramConnector
from schemas.kinds import SourceKind
from tests.mtproto.pages import FakePreview
from tests.mtproto.server import FakeTelegram
from tests.mtproto.sinks import Topic, differences, setup_of, until

STEPS = 120
FAILURES = (
    (400, "PERSISTENT_TIMESTAMP_OUTDATED"),
    (400, "PERSISTENT_TIMESTAMP_INVALID"),
    (400, "CHANNEL_INVALID"),
    (400, "MSG_ID_INVALID"),
)
METHODS = ("GetChannelDifference", "GetHistory", "GetMessages", "GetFullChannel")
HURRIED = (
    (readers, "RECONNECT_SECONDS", (0.01,)),
    (readers, "RETRY_SECONDS", (0.02, 0.05)),
    (readers, "LOST_SECONDS", (0.05,)),
    (readers, "FALL_BACK_SECONDS", 0.2),
    (doors, "CONNECT_SECONDS", 1.0),
    (doors, "CALL_SECONDS", 1.0),
    (doors, "WATCH_EVERY_SECONDS", 0.3),
    (doors, "WATCH_SECONDS", 0.5),
    (doors, "reconnect_pause", lambda streak, chance: min(streak * 0.005, 0.05)),
    (channels.Channel, "pause_seconds", lambda self, chance: 0.2),
    (channels, "STORE_EVERY_SECONDS", 0.1),
)
"""What makes a world's months last seconds: (where, name, value)."""


class Play:
    """One random world, and what happens in it."""

    def __init__(self, seed, telegram, preview):
        self.chance = random.Random(seed)
        self.telegram, self.preview, self.world = telegram, preview, telegram.world
        self.topic, self.deleted, self.kills = Topic(), set(), 0
        self.auto = seed % 2 == 1
        self.session = telegram.session()
        self.channels = [self.world.add(1000 + n, f"channel_{n}", joined=self.chance.random() < 0.7) for n in range(4)]
        for channel in self.channels:
            for number in range(self.chance.randrange(0, 150)):
                telegram.post(channel, f"old {number}", push=False)
        self.task = None

    def start(self):
        sources = [
            SourceSettings(
                id=channel.username,
                kind=SourceKind.TELEGRAM,
                channel=channel.username,
                access="auto" if self.auto else "mtproto",
                backfill_posts=100_000,
                interval_seconds=1,
            )
            for channel in self.channels
        ]
        setup = setup_of(
            sources,
            self.topic,
            now=self.world.now,
            telegram_api_id=1,
            telegram_api_hash="hash",
            telegram_session=self.session,
            telegram_server=self.telegram.address,
            telegram_web_url=self.preview.base,
        )
        door = partial(TelethonDoor, budget=Budget({}, Rate(1, 0)))
        self.task = asyncio.create_task(TelegramConnector(setup, open_door=door).run())

    async def kill(self):
        self.kills += 1
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def step(self, number):
        chance, telegram, world = self.chance, self.telegram, self.world
        channel, act = chance.choice(self.channels), chance.random()
        heard = chance.random() < 0.7
        world.advance(chance.choice([1, 1, 5, 60]))
        await asyncio.sleep(chance.choice([0, 0, 0.002, 0.01, 0.03]))
        known = [n for n, m in channel.messages.items() if isinstance(m, Message)]
        if act < 0.42:
            telegram.post(channel, f"text {number}", push=heard)
        elif act < 0.49:
            album = chance.getrandbits(40)
            for place in range(chance.randint(2, 6)):
                telegram.post(channel, "caption" if place == 0 else "", grouped_id=album, push=heard)
        elif act < 0.62 and known:
            telegram.edit(channel, chance.choice(known), f"edited {number}", push=heard)
        elif act < 0.65 and known:
            telegram.glance(channel, chance.choice(known), number, push=heard)
        elif act < 0.72 and known:
            gone = chance.choice(known)
            self.deleted.add((channel.id, gone))
            telegram.delete(channel, gone, push=heard)
        elif act < 0.73:
            world.service(channel)
        else:
            await self.fault(channel, number)

    async def fault(self, channel, number):
        chance, telegram = self.chance, self.telegram
        kind = chance.choice(
            ["drop", "drop", "refuse", "fail", "fail", "long", "away", "kill", "kill", "cut", "private", "hold", "wait"]
        )
        if kind == "drop":
            telegram.drop(abort=chance.random() < 0.5)
        elif kind == "refuse":
            telegram.refuse = True
            telegram.drop()
            await asyncio.sleep(chance.choice([0.05, 0.05, 0.6]))
            telegram.refuse = False
        elif kind == "fail":
            telegram.fail(chance.choice(METHODS), *chance.choice(FAILURES))
        elif kind == "long":
            channel.log_floor = channel.pts
        elif kind == "away":
            self.topic.up.clear() if self.topic.up.is_set() else self.topic.up.set()
        elif kind == "kill":
            await self.kill()
            telegram.post(channel, f"while dead {number}", push=False)
            self.start()
        elif kind == "cut":  # acknowledged, then killed before the cursor is stored
            self.topic.die_before_cursor = True
            before = len(self.topic.posts)
            with contextlib.suppress(TimeoutError):
                await until(lambda: len(self.topic.posts) > before, seconds=0.2)
            await self.kill()
            self.topic.die_before_cursor = False
            self.start()
        elif kind == "private":
            channel.private = True
            await asyncio.sleep(0.02)
            channel.private = False
        elif kind == "hold":
            telegram.held = []
            for _ in range(3):
                telegram.post(channel, f"held {number}")
            places = [chance.randrange(len(telegram.held)) for _ in telegram.held]
            telegram.release(places)
        else:
            await asyncio.sleep(chance.random() * 0.05)

    def wrong(self):
        return differences(self.topic, self.channels, self.deleted)


async def played(seed, seconds=60):
    """Play a world to its end and wait until the topic equals it; `wrong()` of what is given says what does not."""
    async with FakeTelegram() as telegram, FakePreview(telegram.world) as preview:
        play = Play(seed, telegram, preview)
        play.start()
        for number in range(STEPS):
            await play.step(number)
        play.topic.up.set()
        telegram.faults.clear()
        with contextlib.suppress(TimeoutError):
            await until(lambda: play.task.done() or not play.wrong(), seconds=seconds)
        play.ended = play.task.done()
        await play.kill()
        return play
