"""How long an alert takes, from publication and from fetching: `python -m benchmarks.latency [--posts 60]`.

A whole service (`marqab up` on the embedded broker: connectors and worker as processes of their own) reads a local feed
to which an entry is added every `--pause` seconds: an incident whose toll rises each time, so that each entry is worth
an alert. Alerts are read as a subscriber reads them. From publication holds what polling takes (half of `--interval` on
average), from fetching is the service alone. Prints JSON with the median and the 99th percentile of both.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from marqab import embedded
from marqab.settings import Settings
from marqab.supervise import run_all
from marqab.up import create_topics, halves
from subscribers.reader import read_alerts
from tests.contracts.posts import ORDINARY
from tests.served import served

START_SECONDS = 120.0
LAST_SECONDS = 30.0
"""So long alerts may still come after the last entry."""
TITLE = "ارتفاع حصيلة الهجوم على حاجز أمني في مدينة الرقة إلى {} قتيلاً"
"""“The toll of the attack on a checkpoint in Raqqa rises to {} killed.”"""
TEXT = "ارتفعت حصيلة الهجوم المسلح على حاجز لقوى الأمن الداخلي في مدينة الرقة إلى {} قتيلاً من القوة."
SOURCE = """\
[[source]]
id = "local"
kind = "feed"
url = "{base}/feed.xml"
language = "ar"
country = "SY"
reliability = "B"
interval_seconds = {interval}
max_interval_seconds = {interval}
"""


class Feed:
    """An Atom feed (its dates have fractions of a second) that grows."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, datetime, str]] = []

    def publish(self, number: int) -> None:
        """The next toll, as of now."""
        filler = " ".join(random.Random(number).sample(ORDINARY.split(), 24))  # so that none is a copy of another
        text = f"<title>{TITLE.format(number + 3)}</title><content>{TEXT.format(number + 3)} {filler}.</content>"
        self.entries.append((f"https://news.example/{number}", datetime.now(UTC), text))

    async def answer(self, request: web.Request) -> web.Response:
        """The feed, the newest first."""
        del request
        told = "".join(
            f'<entry><id>{link}</id><link href="{link}"/><published>{at.isoformat()}</published>'
            f"<updated>{at.isoformat()}</updated>{text}</entry>"
            for link, at, text in reversed(self.entries[-100:])
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:local</id><title>local</title>{told}</feed>'
        return web.Response(text=body, content_type="application/atom+xml")


@asynccontextmanager
async def _service(folder: Path, base: str, interval: int, ports: dict[str, int]):
    (folder / "sources.toml").write_text(SOURCE.format(base=base, interval=interval), "utf-8")
    os.environ.update(
        MARQAB_SOURCES=str(folder / "sources.toml"),
        MARQAB_SETTLE_SECONDS="0",
        MARQAB_STATE_DIR=str(folder / "state"),
        MARQAB_FETCH_ALLOW_PRIVATE="1",
        MARQAB_FETCH_HOST_SPACING_SECONDS="0",
        MARQAB_LOG_LEVEL=os.environ.get("MARQAB_LOG_LEVEL", "error"),
        MARQAB_WORKER_PORT=str(ports["worker"]),
        MARQAB_CONNECTORS_PORT=str(ports["connectors"]),
    )
    settings = Settings(embedded_broker=True)
    async with embedded.broker() as bootstrap:
        await create_topics(settings, bootstrap)
        running = asyncio.ensure_future(run_all(halves(Settings(), bootstrap)))
        try:
            yield bootstrap
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def _ready(ports: dict[str, int]) -> None:
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
        for port in ports.values():
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                        if answer.status == 200:
                            break
                await asyncio.sleep(0.2)


async def _listen(bootstrap: str, heard: dict[str, tuple[float, float]], most: int) -> None:
    """By alert: seconds from publication and fetching of its newest statement to its reading; ends with `most`."""
    async for alert in read_alerts(bootstrap):
        now = datetime.now(UTC)
        said = alert.incident.statements[-1]
        if said.fetched_at:
            since = ((now - said.published_at).total_seconds(), (now - said.fetched_at).total_seconds())
            heard.setdefault(alert.alert_id, since)
        if len(heard) == most:
            return


async def _measure(options: argparse.Namespace) -> dict[str, object]:
    feed, heard = Feed(), {}
    ports = dict(zip(("worker", "connectors"), await _free(2), strict=True))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base = await stack.enter_async_context(served(web.get("/feed.xml", feed.answer)))
        bootstrap = await stack.enter_async_context(_service(folder, base, options.interval, ports))
        await _ready(ports)
        listening = asyncio.ensure_future(_listen(bootstrap, heard, options.posts))
        for number in range(options.posts):
            feed.publish(number)
            await asyncio.sleep(options.pause)
        await asyncio.wait([listening], timeout=LAST_SECONDS)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return {
        "posts": options.posts,
        "alerts": len(heard),
        "poll_interval_seconds": options.interval,
        "from_publication_seconds": _told([published for published, _ in heard.values()]),
        "from_fetching_seconds": _told([fetched for _, fetched in heard.values()]),
    }


async def _free(count: int) -> list[int]:
    servers = [await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) for _ in range(count)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def _told(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    return {
        "p50": round(statistics.median(seconds), 3),
        "p99": round(statistics.quantiles(seconds, n=100, method="inclusive")[98], 3),
        "worst": round(max(seconds), 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two entries")
    parser.add_argument("--interval", type=int, default=2, help="seconds between two polls of the feed")
    print(json.dumps(asyncio.run(_measure(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
