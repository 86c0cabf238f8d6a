"""Hours of faults: `python -m benchmarks.soak [--minutes 60] [--rate 200] [--every 60] [--nodes 3] [--seed 1]`.

A connector publishes posts at a pace, two workers handle them, and every so often something is killed, frozen, stopped
or removed, whatever chance says. At the end every published post must be accounted for, and the alerts by id must be
those of an undisturbed run. `--kills 50` does nothing but SIGKILL, so many times, at moments that chance chooses, and
does not wait for anybody to recover. Prints JSON; the exit code is 1 where anything is lost or differs, and then the
brokers' folders, the posts and the alerts that differ are kept.
"""

import argparse
import asyncio
import contextlib
import json
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.errors import KafkaError

from benchmarks import soak_accounts, soak_connector, soak_story
from deploy.kafka.cluster import Cluster, cluster
from marqab import admin
from schemas.codec import encode
from schemas.errors import SourceDown
from tests.contracts.conftest import Broker
from tests.contracts.harness import worked_off
from tests.faults.conftest import Supervisor

PATIENCE_SECONDS = 1800.0
POLL_SECONDS = 1.0

Fault = Callable[[], Awaitable[None]]


class Connector:
    """Keeps the connector running until it has published everything."""

    def __init__(self, broker: Broker, file: Path, rate: float, minutes: float, most_waiting: int) -> None:
        self._command = [sys.executable, "-m", "benchmarks.soak_connector", broker.bootstrap, broker.prefix]
        self._command += [str(word) for word in (file, rate, time.time(), minutes, most_waiting)]
        self.process: asyncio.subprocess.Process | None = None
        self.starts = 0

    async def keep(self) -> None:
        """Start it, and start it again, until it ends by itself."""
        while self.process is None or self.process.returncode != 0:
            self.process = await asyncio.create_subprocess_exec(*self._command, start_new_session=True)
            self.starts += 1
            await self.process.wait()
            await asyncio.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL, wherever it is."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()


@dataclass
class Scene:
    """All that can be hurt."""

    kafka: Cluster
    broker: Broker
    workers: list[Supervisor]
    folders: list[Path]
    connector: Connector
    chance: random.Random
    pause_seconds: float
    injected: dict[str, int] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    """Seconds from each fault until everything published by its end had been worked off, by kind."""
    loads: list[float] = field(default_factory=list)
    recoveries: set[asyncio.Future[None]] = field(default_factory=set)

    def _tell(self, number: int, which: int | None = None) -> None:
        chosen = self.workers if which is None else [self.workers[which]]
        for supervisor in chosen:
            if supervisor.now is not None and supervisor.now.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    supervisor.now.tell(number)

    async def worker_killed(self) -> None:
        """SIGKILL."""
        self._tell(signal.SIGKILL, self.chance.randrange(2))

    async def worker_asked_to_stop(self) -> None:
        """SIGTERM: drains, commits, leaves."""
        self._tell(signal.SIGTERM, self.chance.randrange(2))

    async def connector_killed(self) -> None:
        """SIGKILL in the middle of publishing."""
        self.connector.kill()

    async def workers_and_connector_killed(self) -> None:
        """All at once, as a power cut does it."""
        self.connector.kill()
        self._tell(signal.SIGKILL)

    async def worker_frozen(self) -> None:
        """SIGSTOP for longer than a session: it comes back as a zombie."""
        which = self.chance.randrange(2)
        self._tell(signal.SIGSTOP, which)
        await asyncio.sleep(self.pause_seconds)
        self._tell(signal.SIGCONT, which)

    async def local_store_lost(self) -> None:
        """SIGKILL, and the disk is gone."""
        which = self.chance.randrange(2)
        self._tell(signal.SIGKILL, which)
        await asyncio.to_thread(shutil.rmtree, self.folders[which], ignore_errors=True)

    async def node_paused(self) -> None:
        """A broker that takes requests and answers none."""
        node = self.chance.choice(self.kafka.nodes)
        node.pause()
        await asyncio.sleep(self.pause_seconds)
        node.resume()

    async def node_killed(self) -> None:
        """A broker killed and started again."""
        node = self.chance.choice(self.kafka.nodes)
        await node.kill()
        await asyncio.sleep(self.chance.random() * 5)
        await node.start()
        await self.kafka.ready()

    def kills(self) -> list[Fault]:
        """SIGKILL to whom."""
        return [self.worker_killed, self.connector_killed, self.workers_and_connector_killed]

    def faults(self) -> list[Fault]:
        """Everything that can happen."""
        others = [self.worker_asked_to_stop, self.worker_frozen, self.local_store_lost]
        return [*self.kills(), *others, self.node_paused, self.node_killed]

    async def inject(self, fault: Fault) -> None:
        """Do it; a task of its own sees how long it takes until what was published by then has been worked off."""
        began = time.monotonic()
        await fault()
        self.injected[fault.__name__] = self.injected.get(fault.__name__, 0) + 1
        self.loads.append(os.getloadavg()[0])
        recovery = asyncio.ensure_future(self._recovered(fault.__name__, began))
        self.recoveries.add(recovery)

    async def _recovered(self, name: str, began: float) -> None:
        """Note when every stage has finished what it had to do, stage by stage."""
        for topic in soak_accounts.FLOW:
            goal = await self._asked(lambda topic=topic: soak_accounts.end(self.broker, topic))  # type: ignore[misc]
            while await self._asked(lambda topic=topic: soak_accounts.done(self.broker, topic)) < goal:  # type: ignore[misc]
                if time.monotonic() - began > PATIENCE_SECONDS:
                    raise SourceDown(f"after {name} nothing went on for {PATIENCE_SECONDS} s")
                await asyncio.sleep(POLL_SECONDS)
        self.took.setdefault(name, []).append(round(time.monotonic() - began, 1))
        _say(f"{name}: {self.took[name][-1]} s (load {os.getloadavg()[0]:.1f})")

    async def _asked(self, what: Callable[[], Awaitable[int]]) -> int:
        while True:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(15):
                    return await what()
            await asyncio.sleep(POLL_SECONDS)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {sentence}\n")


async def _hurt(scene: Scene, options: argparse.Namespace, publishing: asyncio.Future[None]) -> None:
    """Faults until everything is published, or as many as were asked for; the next does not wait for a recovery."""
    deck: list[Fault] = []
    began = time.monotonic()
    for number in range(options.kills or sys.maxsize):
        moment = number + (scene.chance.random() if options.kills else 0.5 + scene.chance.random() / 2)
        wait = max(0.0, began + options.every * moment - time.monotonic())
        await asyncio.wait([publishing], timeout=wait)
        if publishing.done():
            return
        pool = scene.kills() if options.kills else scene.faults()
        deck = deck or scene.chance.sample(pool, k=len(pool))
        _say(f"fault {number + 1}: {deck[-1].__name__}")
        await scene.inject(deck.pop())


async def _soak(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    file, expected = folder / "posts.jsonl", folder / "expected.txt"
    number = options.posts or max(1, round(options.minutes * 60 * options.rate))
    await asyncio.to_thread(_write, file, number, options.share, options.seed)
    undisturbed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.soak_story", str(file), str(expected), start_new_session=True
    )
    async with cluster(folder / "kafka", nodes=options.nodes) as kafka, contextlib.AsyncExitStack() as stack:
        broker = Broker("kafka", kafka.bootstrap, "soak.", "soak")
        copies = 3 if options.nodes == 3 else 1
        made = [*admin.declared(prefix=broker.prefix, partitions=1, replication=copies)]
        await admin.create(broker.connection, [*made, *admin.tables("soak", partitions=1, replication=copies)])
        folders = [folder / "one", folder / "two"]
        more = {"replication": copies, "session_seconds": options.session, "commit_seconds": 1.0}
        workers = [await stack.enter_async_context(Supervisor(broker, place, **more)) for place in folders]
        minutes = math.inf if options.posts else options.minutes
        connector = Connector(broker, file, options.rate, minutes, options.most_waiting)
        chance = random.Random(options.seed)
        scene = Scene(kafka, broker, workers, folders, connector, chance, options.pause)
        began, publishing = time.monotonic(), asyncio.ensure_future(connector.keep())
        try:
            await _hurt(scene, options, publishing)
            await publishing
            published = time.monotonic() - began
            lines = (await soak_connector.published(broker))["line"]
            await asyncio.gather(*scene.recoveries)
            await worked_off(broker, seconds=PATIENCE_SECONDS)
            worked = time.monotonic() - began
            await soak_story.until(expected, lines, undisturbed)
        finally:
            for task in (publishing, *scene.recoveries):
                task.cancel()
            connector.kill()
            await asyncio.gather(publishing, *scene.recoveries, return_exceptions=True)
            if undisturbed.returncode is None:
                undisturbed.kill()
        paces = {
            "publishing_minutes": round(published / 60, 1),
            "published_per_second": round(lines / published),
            "until_all_is_worked_off_minutes": round(worked / 60, 1),
        }
        told = await soak_accounts.settled(broker, file, expected, lines, folder / "differing.jsonl")
        return {**paces, **told, **_faults(scene)}


def _write(file: Path, number: int, share: float, seed: int) -> None:
    with file.open("wb") as out:
        for post in soak_story.told(number, share, seed):
            out.write(encode(post) + b"\n")


def _faults(scene: Scene) -> dict[str, object]:
    return {
        "faults": sum(scene.injected.values()),
        "faults_by_kind": scene.injected,
        "longest_recovery_seconds": {name: max(took) for name, took in scene.took.items()},
        "median_recovery_seconds": {name: sorted(took)[len(took) // 2] for name, took in scene.took.items()},
        "worker_starts": sum(len(worker.ends) + 1 for worker in scene.workers),
        "connector_starts": scene.connector.starts,
        "load_mean": round(sum(scene.loads) / max(1, len(scene.loads)), 1),
        "load_most": round(max(scene.loads, default=0.0), 1),
    }


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--posts", type=int, default=0, help="instead of minutes")
    parser.add_argument("--rate", type=float, default=200, help="posts per second")
    parser.add_argument("--most-waiting", type=int, default=1 << 60, help="publish nothing while more messages wait")
    parser.add_argument("--share", type=float, default=0.05, help="of the posts that tell of incidents")
    parser.add_argument("--every", type=float, default=60, help="seconds between faults, on average")
    parser.add_argument("--kills", type=int, default=0, help="nothing but SIGKILL, so many times")
    parser.add_argument("--pause", type=float, default=30, help="seconds for which a worker or a node is frozen")
    parser.add_argument("--session", type=float, default=20, help="a worker silent for so long loses its partitions")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="marqab-soak-"))
    bad = True
    try:
        told = asyncio.run(_soak(options, folder))
        kinds = ("posts_lost", "rejected", "alerts_lost", "alerts_unexpected", "alerts_different")
        bad = any(told[key] for key in kinds)
        print(json.dumps({**vars(options), **told}, indent=2))
    finally:
        if bad:
            _say(f"kept: {folder}")
        else:
            shutil.rmtree(folder)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
