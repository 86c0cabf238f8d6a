"""`/metrics`, `/healthz` and `/readyz` of one process.

`/healthz` answers 200 while the loop runs. `/readyz` asks every part that registered a check and answers 503 with the
reasons as JSON while any of them is not ready, so that a supervisor and a person read the same words. Everything but
these two wants the token, where one is set (`marqab.guard`).
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web

from marqab.guard import guarded
from marqab.metrics import CONTENT_TYPE, Metrics
from schemas.errors import Misconfigured


@dataclass(frozen=True)
class Check:
    """What one part says of itself."""

    ok: bool
    reason: str = ""


class Health:
    """The checks of one process, asked anew at every request."""

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[], Check]] = {}
        self.measures: list[Callable[[Metrics], None]] = []
        """Called in a thread before every answer of /metrics."""
        self.pages: dict[str, Callable[[], object]] = {}
        """Further addresses, each with what makes its JSON."""

    def register(self, name: str, check: Callable[[], Check]) -> None:
        """Let a part speak for itself under this name."""
        self._checks[name] = check

    def ask(self) -> dict[str, Check]:
        """What every part says now; a check that fails counts as not ready."""
        told = {}
        for name, check in self._checks.items():
            try:
                told[name] = check()
            except Exception as error:  # a broken check must not hide the others
                told[name] = Check(False, f"the check itself failed: {error!r}")
        return told


def room_at(folder: Path) -> Callable[[Metrics], None]:
    """Measures the file system that holds the folder (or, while there is none yet, the nearest one above it)."""

    def measure(metrics: Metrics) -> None:
        place = folder.absolute()
        while not place.exists():
            place = place.parent
        disk = shutil.disk_usage(place)
        metrics.gauge("marqab_state_bytes", disk.total, use="total")
        metrics.gauge("marqab_state_bytes", disk.free, use="free")

    return measure


def _json_of(tell: Callable[[], object]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(tell()), content_type="application/json")

    return answer


@asynccontextmanager
async def endpoints(host: str, port: int, metrics: Metrics, health: Health, token: str = "") -> AsyncIterator[str]:
    """Serve the three endpoints, and further pages, while the context lasts; gives their base address.

    Args:
        host: loopback, unless somebody else may read them.
        port: 0 for any free one.
        metrics: shown at /metrics.
        health: asked for /readyz, and for further pages.
        token: wanted by everything but health; empty: by nothing.

    Raises:
        Misconfigured: the address is taken or not ours.
    """

    async def answer_metrics(_: web.Request) -> web.Response:
        for name, check in health.ask().items():
            metrics.gauge("marqab_ready", float(check.ok), check=name)
        for measure in health.measures:
            await asyncio.to_thread(measure, metrics)
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    async def answer_healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def answer_readyz(_: web.Request) -> web.Response:
        told = health.ask()
        ready = all(check.ok for check in told.values())
        body = {"status": "ready" if ready else "not ready", "checks": told}
        return web.Response(
            body=msgspec.json.encode(body), status=200 if ready else 503, content_type="application/json"
        )

    app = guarded(token)
    app.add_routes(
        [web.get("/metrics", answer_metrics), web.get("/healthz", answer_healthz), web.get("/readyz", answer_readyz)]
    )
    for path, tell in health.pages.items():
        app.router.add_get(path, _json_of(tell))
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=15)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise Misconfigured(
                f"cannot listen on {host}:{port} for /metrics ({error.strerror}); "
                "choose another port (MARQAB_WORKER_PORT, MARQAB_CONNECTORS_PORT …; 0 takes any free one)"
            ) from None
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()
