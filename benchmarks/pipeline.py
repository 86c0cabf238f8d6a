"""Posts a second through Kafka and the whole worker, beside the same topology with stages that do nothing (the limit).

`python -m benchmarks.pipeline [--posts 2000] [--partitions 4] [--brokers embedded kafka] [--file POSTS.jsonl]` prints
JSON: posts a second, CPU time of the worker per post (which a busy machine changes least), its memory, time to start,
and the time from a single post to its report. The worker is a process of its own; the ratio to the limit is what
counts: machines differ.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import psutil
from aiokafka import AIOKafkaConsumer

from agents.app import run
from agents.stages import Stages, shipped
from deploy.kafka.cluster import cluster
from marqab import embedded
from schemas.codec import decode
from schemas.kinds import CapCertainty, CapMessage, CapSeverity, DocRole, EventType, Grade, Level, Modality
from schemas.records import Alert, EventTime, Incident, Post, Report, Severity, Sighting
from schemas.topics import ALERTS, INCIDENTS, POSTS, REPORTS
from tests.contracts.conftest import Broker
from tests.contracts.harness import committed, config, count, publish, worked_off
from tests.contracts.posts import posts


def _report(post: Post, *, arrived_at: object = None) -> Report:
    del arrived_at
    return Report(
        post_id=post.post_id,
        source=post.source,
        native_id=str(post.native_id),
        language="ar",
        text=post.original,
        published_at=post.published_at,
    )


def _sighting(report: Report) -> Sighting:
    return Sighting(
        post_id=report.post_id,
        source=report.source,
        native_id=report.native_id,
        text=report.text,
        language="ar",
        relevant=True,
        score=1.0,
        doc_role=DocRole.NEW_INCIDENT,
        modality=Modality.ACTUAL,
        event_type=EventType.CLASH,
        time=EventTime(event_start=report.published_at, event_end=report.published_at),
        published_at=report.published_at,
    )


@dataclass(frozen=True)
class _Fold:
    incidents: tuple[Incident, ...]
    puts: tuple[tuple[str, bytes | None], ...]
    duplicate_of: None = None


class _Correlator:
    """Every post is an incident of its own, with one row."""

    open_incidents = claims_waiting = 0

    def load(self, rows: object) -> None:
        """Nothing is remembered."""

    def hear(self, sightings: list[Sighting]) -> list[None]:
        """Nothing is worked out."""
        return [None] * len(sightings)

    def fold(self, sighting: Sighting, country: str, heard: None = None) -> _Fold:
        """One incident, one row."""
        del country, heard
        incident = Incident(
            incident_id="i-" + sighting.post_id,
            revision=1,
            event_type=EventType.CLASH,
            time=sighting.time,
            grade=Grade.WEAK,
            severity=Severity(level=Level.LOW, points=0, cap=CapSeverity.MINOR),
            certainty=CapCertainty.POSSIBLE,
            opened_at=sighting.published_at,
            updated_at=sighting.published_at,
        )
        return _Fold((incident,), ((sighting.post_id, b"row"),))

    def settle(self, now: float) -> tuple[()]:
        """Nothing is held back."""
        del now
        return ()

    def apply(self, puts: object) -> None:
        """Nothing is remembered."""


@dataclass(frozen=True)
class _Announcement:
    alerts: tuple[Alert, ...]
    row: bytes | None


def _announce(remembered: bytes | None, incident: Incident) -> _Announcement:
    if remembered is not None:
        return _Announcement((), None)
    alert = Alert(
        alert_id="a-" + incident.incident_id,
        incident_id=incident.incident_id,
        revision=1,
        kind="new",
        issued_at=incident.updated_at,
        msg_type=CapMessage.ALERT,
        severity=Level.LOW,
        cap_severity=CapSeverity.MINOR,
        certainty=CapCertainty.POSSIBLE,
        incident=incident,
    )
    return _Announcement((alert,), b"1")


IDENTITY = Stages(_report, _sighting, _Correlator, _announce)


@asynccontextmanager
async def broker_of(kind: str, folder: Path):
    """A broker of this kind for as long as the context lasts."""
    own = f"b{os.getpid()}-{time.monotonic_ns()}"
    if kind == "embedded":
        async with embedded.broker() as address:
            yield Broker(kind, address, f"{own}.", own)
    else:
        async with cluster(folder / "kafka") as kafka:
            yield Broker(kind, kafka.bootstrap, f"{own}.", own)


@asynccontextmanager
async def worker_process(broker: Broker, folder: Path, partitions: int, stages: str):
    """A worker process with these stages, ended with the context."""
    told = json.dumps([broker.kind, broker.bootstrap, broker.prefix, broker.app_id, str(folder), partitions, stages])
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.pipeline", "--worker", told)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _measure(kind: str, stages: str, told: list[Post], partitions: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with broker_of(kind, folder) as broker:
            await broker.create_topics(partitions)
            await publish(broker, told[:20])
            began = time.monotonic()
            async with worker_process(broker, folder, partitions, stages) as process:
                await worked_off(broker)
                start_seconds = time.monotonic() - began
                latencies = [await _latency(broker, post) for post in told[20:26]]
                warm = await committed(broker, POSTS)
                cpu = cpu_seconds(process.pid)
                await publish(broker, told[26:])
                began = time.monotonic()
                await worked_off(broker, seconds=600)
                seconds = time.monotonic() - began
                cpu = cpu_seconds(process.pid) - cpu
                memory = psutil.Process(process.pid).memory_info().rss
                return {
                    "posts_per_second": round((len(told) - warm) / seconds, 1),
                    "worker_cpu_ms_per_post": round(1000 * cpu / (len(told) - warm), 2),
                    "reports": await count(broker, REPORTS),
                    "incident_revisions": await count(broker, INCIDENTS),
                    "alerts": await count(broker, ALERTS),
                    "start_seconds": round(start_seconds, 2),
                    "post_to_report_seconds": round(statistics.median(latencies), 3),
                    "worker_memory_mb": round(memory / 1e6),
                }


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def _latency(broker: Broker, post: Post) -> float:
    """From publishing one post to its report (which every post has)."""
    async with AIOKafkaConsumer(REPORTS.named(broker.prefix), fetch_max_wait_ms=20, **broker.connection) as consumer:
        await consumer.seek_to_end()
        for place in consumer.assignment():
            await consumer.position(place)
        began = time.monotonic()
        await publish(broker, [post])
        async with asyncio.timeout(30):
            while decode((await consumer.getone()).value, Report).post_id != post.post_id:
                pass
        return time.monotonic() - began


async def _all(options: argparse.Namespace) -> dict[str, object]:
    told = posts(options.posts)
    if options.file:
        told = [decode(line, Post) for line in options.file.read_bytes().splitlines()][: options.posts]
    results: dict[str, object] = {"posts": len(told), "partitions": options.partitions, "cores": os.cpu_count()}
    for kind in options.brokers:
        found = {stages: await _measure(kind, stages, told, options.partitions) for stages in ("identity", "full")}
        share = found["full"]["posts_per_second"] / found["identity"]["posts_per_second"]
        results[kind] = {**found, "share_of_limit": round(share, 2)}
    return results


def main() -> None:
    """Measure and print, or be the worker that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--brokers", nargs="+", choices=("embedded", "kafka"), default=["embedded", "kafka"])
    parser.add_argument("--file", type=Path, help="posts instead of the tests' own")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        kind, bootstrap, prefix, app_id, folder, partitions, stages = json.loads(options.worker)
        told = config(Broker(kind, bootstrap, prefix, app_id), Path(folder), partitions)
        asyncio.run(run(told, IDENTITY if stages == "identity" else shipped()))
    else:
        print(json.dumps(asyncio.run(_all(options)), indent=1))


if __name__ == "__main__":
    main()
