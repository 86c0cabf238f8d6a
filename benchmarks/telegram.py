"""Telegram messages a second through the real Telethon client, and the time from a push to its published post.

`python -m benchmarks.telegram [--history 20000] [--pushes 5000]` prints JSON. A local MTProto server (`tests/mtproto`)
plays Telegram, in a process of its own; the sink encodes every post and forgets it, so the numbers are those of the
connector, without Kafka. `limit` is a bare Telethon client that pages the same history and throws it away.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from telethon import TelegramClient
from telethon.sessions import StringSession

from connectors.base import Batch, Position, Setup
from connectors.health import HealthBoard
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.telegram.budget import Budget, Rate
from connectors.telegram.client import TelethonDoor
from connectors.telegram.connector import TelegramConnector
from connectors.telegram_web.parse import parse_page
from schemas.codec import encode
from schemas.kinds import SourceKind
from tests.mtproto.pages import page
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


@contextlib.asynccontextmanager
async def reading(session: str, address: str, backfill: int) -> AsyncIterator[Forgetful]:
    """The connector, running."""
    sink = Forgetful()
    source = SourceSettings(
        id="bench", kind=SourceKind.TELEGRAM, channel="bench_news", access="mtproto", backfill_posts=backfill
    )
    settings = ConnectorSettings(
        telegram_api_id=1, telegram_api_hash="h", telegram_session=session, telegram_server=address
    )
    setup = Setup(sources=(source,), settings=settings, positions={}, sink=sink, health=HealthBoard())
    unlimited = partial(TelethonDoor, budget=Budget({}, Rate(1, 0)))
    task = asyncio.create_task(TelegramConnector(setup, open_door=unlimited).run())
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
        "web_page_of_20_parse_ms": round(page_milliseconds(), 2),
    }


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
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=telegram, args=(theirs, options.history), daemon=True)
    server.start()
    try:
        print(json.dumps(asyncio.run(measured(ours, options.history, options.pushes)), indent=2))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
