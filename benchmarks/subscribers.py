"""What readers cost: 200 open desk pages and 50 webhooks on one process; prints JSON.

    python -m benchmarks.subscribers [--pages 200] [--webhooks 50] [--alerts 100]

Desk: seconds from putting an alert on the board to its arrival at each open page, and processor seconds an alert
(server and all readers together, since they share this process). Webhooks: the same for signing, posting and
remembering. None of this touches the pipeline: the desk and the notifier are processes of their own, which only read
the alert topic.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from aiohttp import web

from schemas.codec import encode
from schemas.records import Alert
from subscribers.dead_letters import DeadLetters
from subscribers.desk.server import Desk, DeskSettings, serving
from subscribers.heard import Heard, ListStream
from subscribers.notify import Notifier, World, deliverer
from subscribers.settings import Subscriber, Webhook
from tests.served import served
from tests.unit.subscribers.builders import alert


async def pages(count: int, alerts: list[Alert]) -> dict[str, float]:
    """Open so many pages, tell the alerts, wait for the last to arrive everywhere."""
    desk, sent, took = Desk(DeskSettings(port=0)), [0.0] * len(alerts), []

    async def read(http: aiohttp.ClientSession, address: str) -> None:
        async with http.get(address + "/events?lang=ar") as answer:
            arrived = 0
            async for line in answer.content:
                if line.startswith(b"event: incident"):
                    took.append(time.perf_counter() - sent[arrived])
                    arrived += 1
                    if arrived == len(alerts):
                        return

    connector = aiohttp.TCPConnector(limit=0)
    async with serving(desk) as address, aiohttp.ClientSession(connector=connector, read_bufsize=2**20) as http:
        readers = [asyncio.create_task(read(http, address)) for _ in range(count)]
        while len(desk.live.viewers) < count:  # noqa: ASYNC110 - the server under test tells nobody
            await asyncio.sleep(0.01)
        began = time.process_time()
        for number, told in enumerate(alerts):
            sent[number] = time.perf_counter()
            changed = desk.board.take(Heard(told, 0, number))
            if changed:
                desk.live.tell(changed)
            await asyncio.sleep(0.1)
        await asyncio.gather(*readers)
        used = time.process_time() - began
    cuts = statistics.quantiles(took, n=100)
    return {
        "pages": count,
        "alerts": len(alerts),
        "arrivals": len(took),
        "seconds_p50": round(cuts[49], 4),
        "seconds_p95": round(cuts[94], 4),
        "seconds_max": round(max(took), 4),
        "cpu_seconds_an_alert": round(used / len(alerts), 4),
        "bytes_an_alert": len(encode(alerts[0])),
    }


async def webhooks(count: int, alerts: list[Alert]) -> dict[str, float]:
    """So many subscribers, each told all alerts through a webhook that answers at once."""
    got = 0

    async def take(request: web.Request) -> web.Response:
        nonlocal got
        await request.read()
        got += 1
        return web.Response(status=204)

    with tempfile.TemporaryDirectory() as folder:
        connector = aiohttp.TCPConnector(limit=0)
        async with served(web.post("/in", take)) as base, aiohttp.ClientSession(connector=connector) as http:
            began, used = time.perf_counter(), time.process_time()

            async def serve(number: int) -> None:
                subscriber = Subscriber(id=f"s{number}", to=Webhook(url=f"{base}/in", secret_from="S"))
                stream = ListStream([Heard(told, 0, offset) for offset, told in enumerate(alerts)])
                deliver = deliverer(subscriber, {"S": "secret"}, http, World())
                notifier = Notifier(subscriber, stream, deliver, DeadLetters(Path(folder)))
                for _ in alerts:
                    await notifier.step()

            await asyncio.gather(*(serve(number) for number in range(count)))
            took, used = time.perf_counter() - began, time.process_time() - used
    return {
        "webhooks": count,
        "alerts": len(alerts),
        "deliveries": got,
        "deliveries_a_second": round(got / took),
        "cpu_seconds_an_alert": round(used / len(alerts), 4),
    }


def main() -> int:
    """Run both and print what was measured."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--pages", type=int, default=200)
    asked.add_argument("--webhooks", type=int, default=50)
    asked.add_argument("--alerts", type=int, default=100)
    told = asked.parse_args()
    alerts = [alert(f"i-{number}") for number in range(told.alerts)]
    result = {"desk": asyncio.run(pages(told.pages, alerts)), "notify": asyncio.run(webhooks(told.webhooks, alerts))}
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
