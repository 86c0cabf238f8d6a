"""A burst while the classifier is slow: `python -m benchmarks.burst [--posts 100000] [--slow 0.002]`.

On real Kafka a worker (a process of its own, one partition) is given all posts at once; classifying each takes `slow`
seconds more than it does. Measured twice a second: the worker's memory, its lag as it tells it, how often partitions
were handed out anew, and whether it answers at all. In the end everything must be worked off. Prints JSON; the exit
code is 1 where memory grew by more than `--most-mb`, or anybody was thrown out of the group.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from agents.app import declare, serve
from agents.stages import shipped
from agents.worker import Worker
from benchmarks import soak_accounts, soak_story
from deploy.kafka.cluster import cluster
from schemas.metrics import NoMeter
from schemas.records import Report, Sighting
from schemas.topics import POSTS, REJECTS, REPORTS
from tests.contracts.conftest import Broker
from tests.contracts.harness import config, publish, worked_off

ASK_SECONDS = 0.5


class Rebalances(NoMeter):
    """Counts how often partitions were handed out."""

    number = 0

    def count(self, name: str, value: float = 1, **labels: str) -> None:  # noqa: ARG002
        """See `schemas.metrics.Meter`."""
        self.number += name == "marqab_rebalances_total"


async def _tell(worker: Worker, meter: Rebalances) -> None:
    while True:
        told = {"lag": sum(worker.progress.lag.values()), "rebalances": meter.number, "joined": worker.progress.joined}
        sys.stdout.write(json.dumps({**told, "reason": worker.progress.reason()}) + "\n")
        sys.stdout.flush()
        await asyncio.sleep(ASK_SECONDS)


async def _work(broker: Broker, folder: Path, slow: float) -> None:
    """The worker's process: tells how it goes, on standard output, until SIGTERM."""
    stages, stop, meter = shipped(), asyncio.Event(), Rebalances()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    def slowly(report: Report) -> Sighting:
        time.sleep(slow)
        return stages.classify(report)

    settings = config(broker, folder, session_seconds=20.0, commit_seconds=1.0)
    worker = declare(settings, replace(stages, classify=slowly), meter)
    telling = asyncio.create_task(_tell(worker, meter))
    try:
        await serve(worker, stop, stalled_seconds=settings.stalled_seconds)
    finally:
        telling.cancel()


class Watched:
    """What was seen of the worker's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._memory = process, psutil.Process(process.pid)
        self.last: dict[str, Any] = {"lag": 0, "rebalances": 0, "joined": False, "reason": None}
        self.most_lag = self.most_memory = 0
        self.unready: list[str] = []

    async def listen(self) -> None:
        """Until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.last = json.loads(line)
            self.most_lag = max(self.most_lag, self.last["lag"])
            self.most_memory = max(self.most_memory, self.memory())
            if self.last["joined"] and self.last["reason"]:
                self.unready.append(self.last["reason"])

    async def caught_up(self) -> None:
        """Return when it tells no lag; it measures every other second."""
        while self.last["lag"]:  # noqa: ASYNC110 - it tells in lines, not by events
            await asyncio.sleep(ASK_SECONDS)

    def memory(self) -> int:
        """Resident bytes now."""
        with contextlib.suppress(psutil.Error):
            return int(self._memory.memory_info().rss)
        return 0


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        async with cluster(Path(name) / "kafka") as kafka:
            broker = Broker("kafka", kafka.bootstrap, "burst.", "burst")
            await broker.create_topics(1)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.burst", "--worker", kafka.bootstrap),
                *("--folder", f"{name}/state", "--slow", str(options.slow)),
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            watched = Watched(process)
            listening = asyncio.create_task(watched.listen())
            try:
                return await _burst(broker, watched, options)
            finally:
                if process.returncode is None:
                    process.terminate()
                await process.wait()
                await listening


async def _burst(broker: Broker, watched: Watched, options: argparse.Namespace) -> dict[str, Any]:
    posts = list(soak_story.told(options.posts + 200, options.share))
    await publish(broker, posts[:200])
    await worked_off(broker, seconds=300)  # everything has been used once
    before, rebalances, began = watched.memory(), watched.last["rebalances"], time.monotonic()
    await publish(broker, posts[200:])
    published = time.monotonic() - began
    loads = [os.getloadavg()[0]]
    while min([await soak_accounts.done(broker, topic) for topic in (POSTS, REPORTS)]) < len(posts):
        loads.append(os.getloadavg()[0])
        await asyncio.sleep(2)
    await worked_off(broker, seconds=300)
    caught_up = time.monotonic() - began
    await watched.caught_up()
    return {
        "posts": options.posts,
        "slow_seconds": options.slow,
        "published_seconds": round(published, 1),
        "caught_up_seconds": round(caught_up, 1),
        "posts_per_second": round(options.posts / caught_up),
        "memory_before_mb": round(before / 1e6),
        "memory_most_mb": round(watched.most_memory / 1e6),
        "lag_most": watched.most_lag,
        "lag_at_the_end": watched.last["lag"],
        "rebalances": watched.last["rebalances"] - rebalances,
        "not_ready_because": sorted(set(watched.unready)),
        "rejected": await soak_accounts.end(broker, REJECTS),
        "load_mean": round(sum(loads) / len(loads), 1),
    }


def main() -> int:
    """Measure and print; or be the worker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.02, help="of the posts that tell of incidents")
    parser.add_argument("--slow", type=float, default=0.002, help="seconds")
    parser.add_argument("--most-mb", type=float, default=300)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        asyncio.run(_work(Broker("kafka", options.worker, "burst.", "burst"), Path(options.folder), options.slow))
        return 0
    told = asyncio.run(_measure(options))
    print(json.dumps(told, indent=1))
    grown = told["memory_most_mb"] - told["memory_before_mb"]
    return int(grown > options.most_mb or told["rebalances"] > 0 or told["rejected"] > 0)


if __name__ == "__main__":
    sys.exit(main())
