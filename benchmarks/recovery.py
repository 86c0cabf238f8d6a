"""How long a worker takes to read its tables back: `python -m benchmarks.recovery [--rows 1000000] [--bytes 300]`.

Rows are written straight into the changelog of the table `announced` on real Kafka; measured is the time from the
start of a worker without a local store until it works, less that of a worker with empty tables. Prints JSON.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil
from aiokafka import AIOKafkaProducer

from agents.app import declare, serve
from benchmarks.pipeline import IDENTITY
from deploy.kafka.cluster import cluster
from marqab import admin
from tests.contracts.conftest import Broker
from tests.contracts.harness import config

TELL_SECONDS = 10.0


async def _start_seconds(broker: Broker, folder: Path, partitions: int, store: str) -> float:
    """From declaring a worker until it has its tables."""
    stop, settings = asyncio.Event(), config(broker, folder, partitions, store=store, session_seconds=30.0)
    began = time.monotonic()
    worker = declare(settings, IDENTITY)
    task = asyncio.create_task(serve(worker, stop, stalled_seconds=600))
    told = began
    while not worker.progress.joined:
        if task.done():
            task.result()
        if time.monotonic() > told + TELL_SECONDS:
            told = time.monotonic()
            sys.stderr.write(f"{told - began:.0f} s: {worker.progress.recovery_remaining} rows to go\n")
        await asyncio.sleep(0.02)
    seconds = time.monotonic() - began
    stop.set()
    await task
    return seconds


async def _fill(broker: Broker, rows: int, size: int, partitions: int) -> None:
    topic = admin.changelog(broker.app_id, "announced", partitions, 1)
    await admin.create(broker.connection, [topic])
    async with AIOKafkaProducer(linger_ms=20, max_batch_size=1 << 18, **broker.connection) as producer:
        value = os.urandom(size)
        for number in range(rows):
            partition = number % partitions
            key = b"%d/i-%d" % (partition, number)
            await producer.send(topic.name, value, key=key, partition=partition)
        await producer.flush()


async def _measure(options: argparse.Namespace) -> dict[str, object]:
    results: dict[str, object] = {"rows": options.rows, "row_bytes": options.bytes, "partitions": options.partitions}
    with tempfile.TemporaryDirectory() as name:
        async with cluster(Path(name) / "kafka") as kafka:
            for store in options.stores:
                empty = Broker("kafka", kafka.bootstrap, f"{store}-empty.", f"{store}-empty")
                full = Broker("kafka", kafka.bootstrap, f"{store}-full.", f"{store}-full")
                for broker in (empty, full):
                    await broker.create_topics(options.partitions)
                await _fill(full, options.rows, options.bytes, options.partitions)
                before = psutil.Process().memory_info().rss
                base = await _start_seconds(empty, Path(name) / "empty", options.partitions, store)
                seconds = await _start_seconds(full, Path(name) / f"full-{store}", options.partitions, store)
                results[store] = {
                    "empty_start_seconds": round(base, 1),
                    "recovery_seconds": round(seconds - base, 1),
                    "rows_per_second": round(options.rows / (seconds - base)),
                    "seconds_per_million_rows": round((seconds - base) / options.rows * 1e6),
                    "load": round(os.getloadavg()[0], 1),
                    "memory_before_mb": round(before / 1e6),
                    "memory_mb": round(psutil.Process().memory_info().rss / 1e6),
                }
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--stores", nargs="+", choices=("disk", "memory"), default=["disk", "memory"])
    parser.add_argument("--partitions", type=int, default=4)
    print(json.dumps(asyncio.run(_measure(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
