"""`marqab demo`: the real broker, connectors and worker read a story from a local web server; alerts are printed.

The desk shows them as well; on a terminal it stays open at the end, until Ctrl-C.
"""

import asyncio
import contextlib
import os
import socket
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
from rich.console import Console

from marqab.demo.server import serve
from marqab.demo.story import CHANNEL, CHANNEL_ID, EXPECTED_KINDS, STORY
from marqab.settings import Settings
from marqab.supervise import Child, run_all
from marqab.up import broker_of, create_topics, halves
from schemas.errors import SourceDown
from schemas.records import Alert
from subscribers.desk.server import Desk, DeskSettings, serving
from subscribers.reader import AlertStream, alert_stream
from subscribers.show import show

START_SECONDS = 90.0
"""Longest time until the halves are ready, on a slow machine."""
QUIET_SECONDS = 6.0
"""After the last telling and the last expected alert: time for an alert that should not come."""
STORY_SECONDS = 60.0
"""The alerts must all be there this long after the story began."""

SOURCES = """\
[[source]]
id = "demo-monitor"
kind = "feed"
name = "Demo monitor"
url = "{base}/monitor/rss.xml"
language = "ar"
country = "SY"
role = "monitor"
reliability = "B"
interval_seconds = 1
max_interval_seconds = 1

[[source]]
id = "demo-broadcaster"
kind = "feed"
name = "Demo broadcaster"
url = "{base}/broadcaster/atom.xml"
language = "ar"
country = "SY"
reliability = "B"
interval_seconds = 1
max_interval_seconds = 1

[[source]]
id = "demo-copyist"
kind = "feed"
name = "Demo copyist"
url = "{base}/copyist/rss.xml"
language = "ar"
country = "SY"
reliability = "D"
interval_seconds = 1
max_interval_seconds = 1

[[source]]
id = "demo-claims"
kind = "telegram_web"
name = "Demo claims channel"
channel = "{channel}"
channel_id = {channel_id}
language = "ar"
country = "SY"
role = "claims"
speaks_for = "isis"
authenticity = "unverified"
reliability = "E"
interval_seconds = 1
max_interval_seconds = 1
"""


async def run_demo(settings: Settings, *, stay: bool) -> int:
    """Tell the story once; gives the exit code: 0 when every expected kind of alert came, about one incident.

    Args:
        settings: of this run.
        stay: keep the desk open after the story until this task is cancelled, which then is no failure.
    """
    console = Console(highlight=False)
    story = Clock()
    settings = msgspec.structs.replace(settings, embedded_port=0)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="marqab-demo-")))
        console.print("marqab demo: starting the broker, the connectors and the Faust worker …", style="dim")
        bootstrap = await stack.enter_async_context(broker_of(settings))
        await create_topics(settings, bootstrap)
        base = await stack.enter_async_context(serve(story.began, utc_now))
        ports = {"worker": free_port(), "connectors": free_port()}
        running = asyncio.ensure_future(run_all(_children(settings, bootstrap, folder, base, ports)))
        stack.push_async_callback(_end, running)
        await _until_ready(ports)
        desk = Desk(DeskSettings(port=0))
        opened = alert_stream(bootstrap, prefix=settings.topic_prefix, from_start=True)
        stream = await stack.enter_async_context(opened)
        page = await stack.enter_async_context(serving(desk))
        story.begin(utc_now())
        console.print(f"ready; the story begins ({len(STORY)} posts from 4 sources at {base})", style="dim")
        console.print(f"on a live page as well: {page}\n", style="dim")
        alerts = await _watch(stream, desk, console)
        code = _verdict(alerts, ports, console)
        if stay and code == 0:
            address = f"{page}/incidents/{alerts[0].incident_id}"
            console.print(
                f"\nThe desk stays open until Ctrl-C:\n  {address}?lang=ar\n  {address}?lang=en", soft_wrap=True
            )
            with contextlib.suppress(asyncio.CancelledError):
                await desk.read(stream)
        return code


def utc_now() -> datetime:
    """The demo's clock."""
    return datetime.now(UTC)


class Clock:
    """When the story begins: not before it is told to."""

    def __init__(self) -> None:
        self._at: datetime | None = None

    def begin(self, at: datetime) -> None:
        """The story begins now."""
        self._at = at

    def began(self) -> datetime | None:
        """When it began; None before."""
        return self._at


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_ready(ports: dict[str, int]) -> None:
    """Return when both halves answer 200 on /readyz."""
    said: dict[str, str] = dict.fromkeys(ports, "nothing yet")
    try:
        async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
            for half, port in ports.items():
                while said[half] != "ready":
                    try:
                        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                            said[half] = "ready" if answer.status == 200 else await answer.text()
                    except aiohttp.ClientError:
                        pass
                    await asyncio.sleep(0.1)
    except TimeoutError:
        told = "; ".join(f"{half}: {words}" for half, words in said.items())
        raise SourceDown(
            f"marqab did not become ready within {START_SECONDS:.0f} s ({told}). MARQAB_LOG_LEVEL=info shows more."
        ) from None


async def _watch(stream: AlertStream, desk: Desk, console: Console) -> list[Alert]:
    """Print alerts, and show them on the desk, until all expected ones came and it has been quiet, or time is up."""
    alerts: list[Alert] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + STORY_SECONDS
    told_at = loop.time() + STORY[-1].after_seconds
    while True:
        missing = set(EXPECTED_KINDS) - {alert.kind for alert in alerts}
        limit = end if missing else min(end, max(told_at, loop.time()) + QUIET_SECONDS)
        heard = await stream.next(max(0.0, limit - loop.time()))
        if heard is None:
            return alerts
        desk.take(heard)
        alerts.append(heard.alert)
        show(heard.alert, console)


def _verdict(alerts: list[Alert], ports: dict[str, int], console: Console) -> int:
    missing = [kind for kind in EXPECTED_KINDS if kind not in {alert.kind for alert in alerts}]
    incidents = {alert.incident_id for alert in alerts}
    counted = ", ".join(f"{n} {kind}" for kind, n in Counter(alert.kind.value for alert in alerts).items())
    console.print(f"{len(STORY)} posts, {len(incidents)} incident(s), {len(alerts)} alerts ({counted}).")
    if missing or len(incidents) != 1:
        console.print(f"The demo failed: missing alerts: {', '.join(missing) or 'none'}.", style="bold red")
        return 1
    console.print(
        "The copied report raised no alert, and the claim is kept as a claim.\n\n"
        "How to go on:\n"
        "  cp deploy/sources.example.toml sources.toml   choose your feeds and channels\n"
        "  .venv/bin/marqab up                           the always-on service (or --kafka HOST:PORT)\n"
        "  .venv/bin/marqab tail                         alerts as they arrive, from the topic marqab.alerts\n"
        "  .venv/bin/marqab desk                         the same on a live page, in Arabic and English\n"
        f"  http://127.0.0.1:9465/metrics                 metrics of the worker (in this demo: port {ports['worker']})",
        soft_wrap=True,
    )
    return 0


async def _end(running: "asyncio.Future[None]") -> None:
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _children(settings: Settings, bootstrap: str, folder: Path, base: str, ports: dict[str, int]) -> list[Child]:
    sources = folder / "sources.toml"
    sources.write_text(SOURCES.format(base=base, channel=CHANNEL, channel_id=CHANNEL_ID), "utf-8")
    environ = {
        "MARQAB_SOURCES": str(sources),
        "MARQAB_STATE_DIR": str(folder / "state"),
        "MARQAB_STORE": "memory",
        "MARQAB_FETCH_ALLOW_PRIVATE": "1",
        "MARQAB_FETCH_HOST_SPACING_SECONDS": "0",
        "MARQAB_TELEGRAM_WEB_URL": base,
        "MARQAB_SETTLE_SECONDS": "0",
        "MARQAB_WORKER_PORT": str(ports["worker"]),
        "MARQAB_CONNECTORS_PORT": str(ports["connectors"]),
        "MARQAB_LOG_LEVEL": os.environ.get("MARQAB_LOG_LEVEL", "warning"),
    }
    return [Child(c.name, c.arguments, {**c.environ, **environ}) for c in halves(settings, bootstrap)]
