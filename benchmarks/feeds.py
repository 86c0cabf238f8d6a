"""A thousand feeds in one process, beside a bare aiohttp loop (the limit).

`python -m benchmarks.feeds [--feeds 1000] [--rounds 3]` prints JSON: feeds a second and CPU per feed when nothing has
changed and when everything is new, memory, and the time from a new entry on the server to its record in Kafka
(embedded broker), feeds being asked once a second. The ratios count: machines differ.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer

from connectors.base import Batch, Position
from connectors.publish import KafkaSink
from connectors.runner import run
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from marqab import admin, embedded
from schemas.codec import decode, encode
from schemas.kinds import SourceKind
from schemas.records import Post
from schemas.topics import POSTS

SETTINGS = ConnectorSettings(fetch_allow_private=True, source_posts_per_minute=0)


class Nowhere:
    """A sink that encodes and forgets, so that only the connector is measured."""

    def __init__(self) -> None:
        self.stored: dict[str, Position] = {}
        self.posts = 0

    async def positions(self) -> dict[str, Position]:
        """What has been delivered so far."""
        return self.stored

    async def deliver(self, batch: Batch) -> None:
        """Encode the posts as a real sink would."""
        for post in batch.posts:
            encode(post)
        self.posts += len(batch.posts)
        if batch.position is not None:
            self.stored[batch.source_id] = batch.position


@contextlib.contextmanager
def server() -> Iterator[int]:
    """The feed server in another process; gives its port."""
    with tempfile.TemporaryDirectory() as folder:
        port_file = Path(folder) / "port"
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.feed_server", str(port_file)])
        try:
            while not port_file.exists():
                time.sleep(0.05)
            yield int(port_file.read_text())
        finally:
            process.kill()
            process.wait()


def addresses(count: int, port: int) -> list[str]:
    """As many hosts as feeds, all of them this machine."""
    return [f"http://127.1.{n // 250}.{n % 250 + 1}:{port}/feed{n}" for n in range(count)]


async def bare(urls: list[str]) -> None:
    """What no connector can beat: conditional requests and nothing else, with the same connector settings."""
    slots = asyncio.Semaphore(SETTINGS.fetch_concurrency)

    async def ask(session: aiohttp.ClientSession, url: str) -> None:
        tag = f'"/{url.rpartition("/")[2]}"'
        async with slots, session.get(url, headers={"If-None-Match": tag}) as response:
            await response.read()
            assert response.status == 304

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0)) as session:
        await asyncio.gather(*(ask(session, url) for url in urls))


async def measured(work: Any) -> dict[str, float]:
    """Wall and CPU seconds of a coroutine."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def figures(runs: list[dict[str, float]], count: int) -> dict[str, float]:
    """The median run."""
    wall, cpu = (statistics.median(one[name] for one in runs) for name in ("wall", "cpu"))
    return {"feeds_per_second": round(count / wall, 1), "cpu_ms_per_feed": round(1000 * cpu / count, 3)}


async def polling(urls: list[str], rounds: int) -> dict[str, Any]:
    """All new once, then nothing new, marqab and the bare loop in turn."""
    sources = [SourceSettings(id=f"f{n}", kind=SourceKind.FEED, url=url) for n, url in enumerate(urls)]
    sink, unchanged, limit = Nowhere(), [], []
    fresh = await measured(run(sources, sink, SETTINGS, once=True))
    for _ in range(rounds):
        limit.append(await measured(bare(urls)))
        unchanged.append(await measured(run(sources, sink, SETTINGS, once=True)))
    ours, theirs = figures(unchanged, len(urls)), figures(limit, len(urls))
    return {
        "feeds": len(urls),
        "posts_of_first_reading": sink.posts,
        "first_reading": figures([fresh], len(urls)),
        "unchanged": ours,
        "bare_aiohttp": theirs,
        "cpu_of_unchanged_over_bare": round(ours["cpu_ms_per_feed"] / theirs["cpu_ms_per_feed"], 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


async def latencies(port: int, seconds: float) -> dict[str, float]:
    """From the moment when the server first shows an entry to its record in `marqab.posts`."""
    source = SourceSettings(
        id="grow",
        kind=SourceKind.FEED,
        url=f"http://127.0.0.1:{port}/g?grow=1",
        interval_seconds=1,
        max_interval_seconds=1,
    )
    async with embedded.broker() as address:
        connection = {"bootstrap_servers": address}
        await admin.create(connection, admin.declared(partitions=1))
        async with KafkaSink(connection, idempotent=False) as sink, consumer(connection) as posts:
            running = asyncio.ensure_future(run([source], sink, SETTINGS))
            found = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for message in posts:
                        shown_at = float(decode(message.value, Post).native_id)
                        found.append(time.time() - shown_at)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    ordered = sorted(found)
    return {
        "entries": len(ordered),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
    }


@contextlib.asynccontextmanager
async def consumer(connection: dict[str, str]) -> AsyncIterator[AIOKafkaConsumer]:
    """Reads the posts from the beginning."""
    reading = AIOKafkaConsumer(POSTS.named(), auto_offset_reset="earliest", fetch_max_wait_ms=10, **connection)
    await reading.start()
    try:
        yield reading
    finally:
        await reading.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-seconds", type=float, default=40)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with server() as port:
        result = asyncio.run(polling(addresses(options.feeds, port), options.rounds))
        result["entry_to_record"] = asyncio.run(latencies(port, options.latency_seconds))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
