"""Telegram messages a second through the real Telethon client, the time from a push to its record, and what is lost.

`python -m benchmarks.telegram [--history 20000] [--pushes 5000] [--worlds 20]` prints JSON. A local MTProto server
(`tests/mtproto`) plays Telegram, in a process of its own. Messages a second are those of the connector without Kafka:
the sink encodes every post and forgets it. `telethon_alone` is a bare Telethon client that pages the same history and
throws it away. `push_to_record` ends with the record in `marqab.posts` of the embedded broker, as a reader sees it.
`faults` plays random worlds with drops, kills and lost pushes, and counts what the topic does not say in the end.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from telethon import TelegramClient
from telethon.sessions import StringSession

from benchmarks.feeds import consumer
from connectors.base import Batch, Position, Setup, Sink
from connectors.health import HealthBoard
from connectors.publish import KafkaSink
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.telegram.budget import Budget, Rate
from connectors.telegram.client import TelethonDoor
from connectors.telegram.connector import TelegramConnector
from connectors.telegram_web.parse import parse_page
from marqab import admin, embedded
from schemas.codec import decode, encode
from schemas.kinds import SourceKind
from schemas.records import Post
from tests.mtproto.pages import page
from tests.mtproto.play import HURRIED, played
from tests.mtproto.server import FakeTelegram
from tests.mtproto.world import World

WORDS = "تعرضت نقطة تفتيش لهجوم مسلح قرب المدخل الشمالي للمدينة، وفق مصادر محلية. " * 4
# "a checkpoint came under armed attack near the city's northern entrance, according to local sources"


class Forgetful:
    """Encodes what it is given, as Kafka's producer would need it, and keeps the times."""

    def __init__(self) -> None:
        self.count = 0
        self.arrived: dict[str, float] = {}
        self.changed = asyncio.Event()

    async def positions(self) -> dict[str, Position]:
        """Nothing was stored."""
        return {}

    async def deliver(self, batch: Batch) -> None:
        """Encode and forget."""
        for post in batch.posts:
            encode(post)
            self.arrived[post.text] = time.time()
        self.count += len(batch.posts)
        self.changed.set()

    async def reached(self, count: int) -> None:
        """Wait until so many posts were delivered."""
        while self.count < count:
            self.changed.clear()
            await self.changed.wait()


def telegram(pipe: Connection, history: int) -> None:
    """The server's process: answers commands of the measuring one."""

    async def serve() -> None:
        async with FakeTelegram() as server:
            channel = server.world.add(1001, "bench_news")
            for number in range(history):
                server.world.post(channel, f"{number} {WORDS}")
            pipe.send((server.session(), server.session(), server.address))
            loop = asyncio.get_running_loop()
            while (command := await loop.run_in_executor(None, pipe.recv)) is not None:
                count, spacing = command
                sent = {}
                for number in range(count):
                    text = f"push {number} {spacing}"
                    sent[text] = time.time()
                    server.post(channel, text)
                    await asyncio.sleep(spacing)
                pipe.send(sent)

    asyncio.run(serve())


UNLIMITED = partial(TelethonDoor, budget=Budget({}, Rate(1, 0)))
"""A local server needs no courtesy."""


def setup_for(session: str, address: str, sink: Sink, backfill: int = 0) -> Setup:
    """All that the connector is built from."""
    source = SourceSettings(
        id="bench", kind=SourceKind.TELEGRAM, channel="bench_news", access="mtproto", backfill_posts=backfill
    )
    settings = ConnectorSettings(
        telegram_api_id=1, telegram_api_hash="h", telegram_session=session, telegram_server=address
    )
    return Setup(sources=(source,), settings=settings, positions={}, sink=sink, health=HealthBoard())


@contextlib.asynccontextmanager
async def reading(session: str, address: str, backfill: int) -> AsyncIterator[Forgetful]:
    """The connector, running."""
    sink = Forgetful()
    task = asyncio.create_task(
        TelegramConnector(setup_for(session, address, sink, backfill), open_door=UNLIMITED).run()
    )
    try:
        yield sink
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def bare(session: str, history: int) -> tuple[float, float]:
    """Messages a second of Telethon alone, and its CPU seconds a message."""
    client = TelegramClient(StringSession(session), 1, "h")
    await client.connect()
    began, cpu, seen = time.perf_counter(), time.process_time(), 0
    async for _ in client.iter_messages("bench_news", wait_time=0):
        seen += 1
    await client.disconnect()
    if seen != history:
        raise RuntimeError(f"{seen} of {history} messages")
    return seen / (time.perf_counter() - began), (time.process_time() - cpu) / seen


async def measured(pipe: Connection, history: int, pushes: int) -> dict[str, Any]:
    """All numbers."""
    first, second, address = pipe.recv()
    limit, limit_cpu = await bare(second, history)
    loop = asyncio.get_running_loop()
    async with reading(first, address, history) as sink:
        began, cpu = time.perf_counter(), time.process_time()
        await sink.reached(history)
        speed = history / (time.perf_counter() - began)
        spent = (time.process_time() - cpu) / history
        began = time.perf_counter()
        pipe.send((pushes, 0))
        await sink.reached(history + pushes)
        pushed = pushes / (time.perf_counter() - began)
        await loop.run_in_executor(None, pipe.recv)
        pipe.send((500, 0.01))
        await sink.reached(history + pushes + 500)
        sent = await loop.run_in_executor(None, pipe.recv)
    record = await push_to_record(pipe, first, address)
    pipe.send(None)
    delays = sorted((sink.arrived[text] - at) * 1000 for text, at in sent.items())
    return {
        "history_messages_per_second": round(speed),
        "history_cpu_microseconds_per_message": round(spent * 1e6),
        "telethon_alone_messages_per_second": round(limit),
        "telethon_alone_cpu_microseconds_per_message": round(limit_cpu * 1e6),
        "pushes_per_second": round(pushed),
        "push_to_published_ms_p50": round(statistics.median(delays), 1),
        "push_to_published_ms_p99": round(delays[int(len(delays) * 0.99)], 1),
        "push_to_record": record,
        "web_page_of_20_parse_ms": round(page_milliseconds(), 2),
    }


async def push_to_record(pipe: Connection, session: str, address: str, count: int = 500) -> dict[str, float]:
    """From a message on the server to its record in `marqab.posts` on the embedded broker, as a consumer gets it."""
    loop, found = asyncio.get_running_loop(), dict[str, float]()
    async with embedded.broker() as bootstrap:
        connection = {"bootstrap_servers": bootstrap}
        await admin.create(connection, admin.declared(partitions=1))
        async with KafkaSink(connection, idempotent=False) as sink, consumer(connection) as posts:
            task = asyncio.create_task(TelegramConnector(setup_for(session, address, sink), open_door=UNLIMITED).run())
            seen = 0
            async with asyncio.timeout(120):
                async for message in posts:
                    seen += 1
                    if seen == 20:  # the newest page has been read: what comes now is pushed
                        pipe.send((count, 0.01))
                    found[decode(message.value, Post).text] = time.time()
                    if seen == 20 + count:
                        break
            sent = await loop.run_in_executor(None, pipe.recv)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    delays = sorted((found[text] - at) * 1000 for text, at in sent.items())
    return {
        "messages": len(delays),
        "p50_ms": round(statistics.median(delays), 1),
        "p99_ms": round(delays[int(len(delays) * 0.99)], 1),
    }


async def faults(worlds: int) -> dict[str, int]:
    """Random worlds with random faults, and what the topic does not say, or says twice, in the end."""
    for where, name, value in HURRIED:
        setattr(where, name, value)
    totals = dict.fromkeys(("worlds", "messages", "killed_connectors", "lost", "stale", "undeleted", "two_texts"), 0)
    totals["second_identities"] = 0
    for seed in range(worlds):
        play = await played(seed)
        totals["worlds"] += 1
        totals["messages"] += sum(len(channel.messages) for channel in play.channels)
        totals["killed_connectors"] += play.kills
        for kind, *_ in play.wrong():
            totals[kind.replace(" ", "_")] += 1
        identities = Counter(post_id for post_id, _ in {(p.post_id, p.native_id) for p in play.topic.posts})
        natives = Counter(native for _, native in {(p.post_id, p.native_id) for p in play.topic.posts})
        totals["second_identities"] += sum(n > 1 for n in (*identities.values(), *natives.values()))
    return totals


def page_milliseconds() -> float:
    """Median time to parse one t.me/s page of 20 messages."""
    world = World()
    channel = world.add(1001, "bench_news")
    for _ in range(20):
        world.post(channel, WORDS)
    markup = page(channel)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        parse_page(markup)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=20_000)
    parser.add_argument("--pushes", type=int, default=5_000)
    parser.add_argument("--worlds", type=int, default=20)
    options = parser.parse_args()
    logging.disable(logging.ERROR)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=telegram, args=(theirs, options.history), daemon=True)
    server.start()
    try:
        result = asyncio.run(measured(ours, options.history, options.pushes))
        result["faults"] = asyncio.run(faults(options.worlds))
        print(json.dumps(result, indent=2))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
