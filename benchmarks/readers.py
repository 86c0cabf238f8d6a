"""What readers cost the pipeline: the same posts at the same pace, with nobody reading and with desk and webhooks.

    python -m benchmarks.readers [--viewers 200] [--webhooks 50] [--rate 20] [--seconds 30] [--broker embedded]

Prints JSON: time from a post to its alert (p50, p95) and the worker's processor time per post, alone and with readers,
in turns; how many events the pages and webhooks were told; processor time of desk and notifier. Readers are processes
of their own (`marqab desk`, `marqab notify`), as in production; on a machine of few cores they take processor time
from the worker like anybody else, which the times show and the worker's own processor time does not.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from aiokafka import AIOKafkaConsumer

from benchmarks.pipeline import broker_of, cpu_seconds, worker_process
from marqab.supervise import stop
from schemas.codec import decode
from schemas.records import Alert
from schemas.topics import ALERTS
from tests.contracts.conftest import Broker
from tests.contracts.harness import publish, worked_off
from tests.contracts.posts import posts
from tests.served import served

PARTITIONS = 4


@asynccontextmanager
async def command(*arguments: str, environ: dict[str, str]):
    """A process of this Python, ended with the context."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, env={**os.environ, **environ},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        await stop(process, 10)


async def crowd(viewers: int) -> None:
    """The people: open pages of the desk whose address comes on stdin, and a receiver of webhooks; ends with stdin."""
    told: Counter[str] = Counter()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        told["deliveries"] += 1
        return web.Response(status=204)

    async def look(http: aiohttp.ClientSession, url: str) -> None:
        async with http.get(url + "/events?lang=ar") as answer:
            async for line in answer.content:
                told["events"] += line.startswith(b"event: incident")

    async with served(web.post("/in", take)) as base:
        sys.stdout.write(f"{base}/in\n")
        sys.stdout.flush()
        url = (await asyncio.to_thread(sys.stdin.readline)).strip()
        connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=2**20) as http:
            pages = [asyncio.create_task(look(http, url)) for _ in range(viewers)]
            await asyncio.to_thread(sys.stdin.readline)
            for page in pages:
                page.cancel()
            await asyncio.gather(*pages, return_exceptions=True)
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


class Readers:
    """Desk, notifier and the people behind them."""

    def __init__(self, broker: Broker, folder: Path, options: argparse.Namespace) -> None:
        self.broker, self.folder, self.options = broker, folder, options

    def _environ(self) -> dict[str, str]:
        ports = dict.fromkeys(("MARQAB_DESK_METRICS_PORT", "MARQAB_NOTIFY_METRICS_PORT"), "0")
        secrets = {f"MARQAB_SECRET_{n}": "whsec_bm90IGEgcmVhbCBvbmU=" for n in range(self.options.webhooks)}
        return {
            "MARQAB_KAFKA_BOOTSTRAP_SERVERS": self.broker.bootstrap,
            "MARQAB_EMBEDDED_BROKER": str(int(self.broker.kind == "embedded")),
            "MARQAB_TOPIC_PREFIX": self.broker.prefix,
            "MARQAB_APP_ID": self.broker.app_id,
            "MARQAB_CONNECTORS_URLS": "",
            "MARQAB_LOG_LEVEL": "error",
            **ports,
            **secrets,
        }

    async def __aenter__(self) -> "Readers":
        """Start all of them and wait until every page is open."""
        self._stack, environ = AsyncExitStack(), self._environ()
        people = command("benchmarks.readers", "--crowd", str(self.options.viewers), environ={})
        self._people = await self._stack.enter_async_context(people)
        hook = (await self._people.stdout.readline()).decode().strip()
        file = self.folder / "subscribers.toml"
        one = '[[subscriber]]\nid = "s{n}"\nto = {{ by = "webhook", url = "{hook}", secret_from = "{name}_{n}" }}\n'
        file.write_text(
            "".join(one.format(n=n, hook=hook, name="MARQAB_SECRET") for n in range(self.options.webhooks)), "utf-8"
        )
        notify = command("marqab", "notify", "--subscribers", str(file), environ=environ)
        self._notify = await self._stack.enter_async_context(notify)
        desk = command("marqab", "desk", "--port", "0", environ=environ)
        self._desk = await self._stack.enter_async_context(desk)
        while not (found := re.search(rb"http://\S+", await self._desk.stderr.readline())):
            pass
        self._people.stdin.write(found[0] + b"\n")
        async with aiohttp.ClientSession() as http:
            while True:
                async with http.get(found[0].decode() + "/healthz") as answer:
                    if (await answer.json())["open_pages"] == self.options.viewers:
                        return self
                await asyncio.sleep(0.1)

    async def __aexit__(self, *_: object) -> None:
        """Ask what they were told, then end them."""
        await asyncio.sleep(3)  # what is on its way
        used = {"desk": cpu_seconds(self._desk.pid), "notify": cpu_seconds(self._notify.pid)}
        self._people.stdin.write(b"\n")
        told = json.loads((await self._people.stdout.readline()).decode())
        self.told = {**told, **{f"{name}_cpu_seconds": round(seconds, 2) for name, seconds in used.items()}}
        await self._stack.aclose()


async def run(broker: Broker, worker_pid: int, batch: list, options: argparse.Namespace) -> dict[str, float]:
    """Publish at the pace asked for; what it took from each post to each alert that it raised."""
    sent: dict[str, float] = {}
    took: list[float] = []
    cpu = cpu_seconds(worker_pid)

    async def listen(consumer: AIOKafkaConsumer) -> None:
        while True:
            message = await consumer.getone()
            arrived = time.monotonic()
            alert = decode(message.value, Alert)
            times = [sent[one.post_id] for one in alert.incident.statements if one.post_id in sent]
            if times:  # else of an earlier turn, held back until now
                took.append(arrived - max(times))

    async with AIOKafkaConsumer(ALERTS.named(broker.prefix), fetch_max_wait_ms=20, **broker.connection) as consumer:
        await consumer.seek_to_end()
        for place in consumer.assignment():
            await consumer.position(place)
        listening = asyncio.create_task(listen(consumer))
        for at in range(0, len(batch), options.rate):
            began = time.monotonic()
            part = batch[at : at + options.rate]
            sent |= {post.post_id: began for post in part}
            await publish(broker, part)
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - began)))
        await worked_off(broker)
        await asyncio.sleep(1)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    cuts = statistics.quantiles(took, n=20)
    return {
        "alerts": len(took),
        "seconds_p50": round(cuts[9], 3),
        "seconds_p95": round(cuts[18], 3),
        "worker_cpu_ms_per_post": round(1000 * (cpu_seconds(worker_pid) - cpu) / len(batch), 2),
    }


async def measure(options: argparse.Namespace) -> dict[str, object]:
    """Alone, with readers, alone again, with readers again: other posts each time, of the same making."""
    size = options.rate * options.seconds
    told = posts(40 + 4 * size)
    result: dict[str, object] = {**vars(options), "cores": os.cpu_count(), "alone": [], "with_readers": [], "told": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with broker_of(options.broker, folder) as broker:
            await broker.create_topics(PARTITIONS)
            await publish(broker, told[:40])
            async with worker_process(broker, folder / "state", PARTITIONS, "full") as process:
                await worked_off(broker)
                for turn in range(4):
                    batch = told[40 + turn * size : 40 + (turn + 1) * size]
                    if turn % 2 == 0:
                        result["alone"].append(await run(broker, process.pid, batch, options))
                        continue
                    async with Readers(broker, folder, options) as readers:
                        result["with_readers"].append(await run(broker, process.pid, batch, options))
                    result["told"].append(readers.told)
    for figure in ("seconds_p50", "worker_cpu_ms_per_post"):
        ratio = [statistics.mean(one[figure] for one in result[name]) for name in ("with_readers", "alone")]
        result[f"{figure}_ratio"] = round(ratio[0] / ratio[1], 2)
    return result


def main() -> None:
    """Measure and print; or be the crowd."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--webhooks", type=int, default=50)
    parser.add_argument("--rate", type=int, default=20, help="posts a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--broker", choices=("embedded", "kafka"), default="embedded")
    parser.add_argument("--crowd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.crowd is not None:
        asyncio.run(crowd(options.crowd))
        return
    del options.crowd
    print(json.dumps(asyncio.run(measure(options)), indent=1))


if __name__ == "__main__":
    main()
