"""The desk's web server: pages, feeds and live updates over one board; what changes something is in `hands`.

Every answer carries a strict Content-Security-Policy: scripts and styles from this server alone, none inline.
"""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from importlib.resources import files
from itertools import islice
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec
from aiohttp import web

from schemas.codec import encode
from schemas.errors import Misconfigured
from subscribers.atom import atom
from subscribers.cap import Profile, cap
from subscribers.desk.board import Board
from subscribers.desk.correct import correction_form
from subscribers.desk.door import Door
from subscribers.desk.hands import Hands, Publish, language_of
from subscribers.desk.incident import incident_page
from subscribers.desk.live import Live
from subscribers.desk.pages import absent_page, list_page
from subscribers.desk.sources import Sources, sources_page
from subscribers.desk.tree import h
from subscribers.desk.wanted import Wanted
from subscribers.geojson import collection
from subscribers.heard import Heard, Stream, positions_of
from subscribers.stix import bundle
from subscribers.words import say

SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC: Final = {"desk.js": "text/javascript", "desk.css": "text/css", "desk.svg": "image/svg+xml"}
FEED_SIZE: Final = 100
MAP_SIZE: Final = 2000
IDLE_SECONDS: Final = 3
WRITE_SECONDS: Final = 30
OPEN_PAGES: Final = 1000
"""Live pages at the same time; further ones are asked to come back."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class DeskSettings:
    """How the desk is reached."""

    host: str = "127.0.0.1"
    port: int = 9466
    """0: any free one."""
    base: str = ""
    """Public address without a slash at the end, for feeds behind a proxy; empty: as the reader wrote it."""
    profile: Profile = field(default_factory=Profile)
    token: str = field(default="", repr=False)
    """What those show who correct; empty: nobody can."""
    guards_reading: bool = False
    """Reading needs the token too."""
    connectors: tuple[str, ...] = ()
    """Addresses of connectors' endpoints, which tell how the sources are."""
    connectors_token: str = field(default="", repr=False)
    """What those endpoints want to be shown."""


class Desk:
    """The pages over one board."""

    def __init__(self, settings: DeskSettings, publish: Publish | None = None) -> None:
        """An empty desk.

        Args:
            settings: how it is reached.
            publish: sends a person's correction to `marqab.feedback`; None: nobody can correct.
        """
        self.settings = settings
        self.board = Board()
        self.live = Live(self.board)
        self.sources = Sources(settings.connectors, settings.connectors_token)
        door = Door(settings.token, time.monotonic, guards_reading=bool(settings.token) and settings.guards_reading)
        self.hands = Hands(self.board, door, publish, secure=settings.base.startswith("https:"))

    def app(self) -> web.Application:
        """The application, with all its addresses."""
        app = web.Application(middlewares=[self._safely], client_max_size=64 * 1024)
        app.router.add_get("/", self._list)
        app.router.add_get(r"/incidents/{id:i-[0-9A-Za-z-]+}", self._incident)
        app.router.add_get(r"/incidents/{id:i-[0-9A-Za-z-]+}.json", self._json)
        app.router.add_get(r"/alerts/{id:a-[0-9A-Za-z-]+}.cap", self._cap)
        app.router.add_get(r"/alerts/{id:a-[0-9A-Za-z-]+}.stix.json", self._stix)
        app.router.add_get("/sources", self._sources)
        app.router.add_get("/alerts.atom", self._atom)
        app.router.add_get("/alerts.geojson", self._geojson)
        app.router.add_get("/events", self._events)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/static/{name}", self._static)
        app.add_routes(self.hands.routes())
        app.on_shutdown.append(self._close)
        return app

    async def _close(self, app: web.Application) -> None:
        del app
        self.live.close()

    async def read(self, stream: Stream) -> None:
        """Take alerts from the stream without end and tell the open pages."""
        while True:
            if heard := await stream.next():
                self.take(heard)

    def take(self, heard: Heard) -> None:
        """Put one alert on the board and tell the open pages."""
        if changed := self.board.take(heard):
            self.live.tell(changed)

    @web.middleware
    async def _safely(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        if not self._at_home(request):
            # A page of a stranger whose name was pointed at this machine must not read the desk (DNS rebinding).
            return web.Response(status=421, text="This desk answers only to its own address.\n", headers=SAFE)
        try:
            answer = await handler(request) if self.hands.may_read(request) else _ask_for_token(request)
        except web.HTTPNotFound:
            answer = web.Response(status=404, text=absent_page(language_of(request)), content_type="text/html")
        except web.HTTPException as error:
            error.headers.update(SAFE)
            raise
        if not answer.prepared:
            answer.headers.update(SAFE)
            if isinstance(answer, web.Response) and answer.body:
                answer.enable_compression()
        return answer

    def _at_home(self, request: web.Request) -> bool:
        """Whether the reader meant this desk; without a public address only a desk on loopback can tell."""
        if request.path == "/healthz" or request.host == urlsplit(self.settings.base).netloc:
            return True
        name = request.url.host or ""
        return name == "localhost" or is_loopback(name) or not (self.settings.base or is_loopback(self.settings.host))

    def _base(self, request: web.Request) -> str:
        return self.settings.base or f"http://{request.host}"

    async def _list(self, request: web.Request) -> web.Response:
        number = request.query.get("page", "1")
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 1
        text = list_page(self.board, Wanted.read(request.query), language_of(request), max(1, page))
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _incident(self, request: web.Request) -> web.Response:
        story = self.board.story(request.match_info["id"])
        if not story:
            raise web.HTTPNotFound
        session, language = self.hands.session(request), language_of(request)
        form = None
        if self.hands.may_correct():
            incident = story[0].incident
            form = (
                correction_form(incident, self.hands.others(), session.form_word, language)
                if session
                else h("p", h("a", say("log_in_first", language), href=f"/login?next={quote(request.path_qs)}"))
            )
        text = incident_page(story, language, form)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _sources(self, request: web.Request) -> web.Response:
        text = sources_page(self.sources, datetime.now(UTC), language_of(request))
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _json(self, request: web.Request) -> web.Response:
        alert = self.board.latest(request.match_info["id"])
        if alert is None:
            raise web.HTTPNotFound
        return web.Response(body=encode(alert), content_type="application/json", charset="utf-8")

    async def _cap(self, request: web.Request) -> web.Response:
        alert = self.board.alert(request.match_info["id"])
        if alert is None:
            raise web.HTTPNotFound
        told = cap(alert, profile=self.settings.profile, sent_before=self.board.issued, base=self._base(request))
        return web.Response(body=told, content_type="application/cap+xml", charset="utf-8")

    async def _stix(self, request: web.Request) -> web.Response:
        alert = self.board.alert(request.match_info["id"])
        if alert is None:
            raise web.HTTPNotFound
        return web.Response(body=msgspec.json.encode(bundle(alert)), content_type="application/stix+json")

    async def _atom(self, request: web.Request) -> web.Response:
        alerts = list(islice(self.board.newest(Wanted.read(request.query)), FEED_SIZE))
        told = atom(alerts, language=language_of(request), base=self._base(request))
        etag = '"' + blake2b(told, digest_size=12).hexdigest() + '"'
        headers = {"ETag": etag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
        if alerts:
            headers["Last-Modified"] = format_datetime(max(alert.issued_at for alert in alerts), usegmt=True)
        if etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=told, content_type="application/atom+xml", charset="utf-8", headers=headers)

    async def _geojson(self, request: web.Request) -> web.Response:
        alerts = islice(self.board.newest(Wanted.read(request.query)), MAP_SIZE)
        told = msgspec.json.encode(collection(alerts, base=self._base(request)))
        return web.Response(body=told, content_type="application/geo+json", headers={"Cache-Control": "no-store"})

    async def _health(self, request: web.Request) -> web.Response:
        del request
        told = {"ok": True, "position": self.board.position, "open_pages": len(self.live.viewers)}
        return web.json_response(told)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        body = files(__package__).joinpath("static", name).read_bytes()
        return web.Response(body=body, content_type=STATIC[name], charset="utf-8")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if len(self.live.viewers) >= OPEN_PAGES:
            return web.Response(status=503, headers={"Retry-After": "60"}, text="Too many pages are open.\n")
        try:
            after = positions_of(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
        except ValueError as error:
            return web.Response(status=400, text=f"{error}\n")
        headers = {**SAFE, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        answer = web.StreamResponse(headers=headers)
        answer.content_type, answer.charset = "text/event-stream", "utf-8"
        await answer.prepare(request)
        events = self.live.stream(Wanted.read(request.query), language_of(request), after)
        with suppress(ConnectionError, TimeoutError):
            async with aclosing(events):
                async for told in events:
                    async with asyncio.timeout(WRITE_SECONDS):  # a reader that takes nothing is let go
                        await answer.write(told)
        return answer


def _ask_for_token(request: web.Request) -> web.Response:
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return web.Response(status=303, headers={"Location": f"/login?next={quote(request.path_qs)}"})
    challenge = {"WWW-Authenticate": 'Bearer realm="marqab desk"'}
    return web.Response(status=401, text="Show the desk's token: Authorization: Bearer …\n", headers=challenge)


def is_loopback(host: str) -> bool:
    """Whether this address, or the name localhost, is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[str]:
    """The desk's address while it is served.

    Raises:
        Misconfigured: its port is taken or the address is not this machine's.
    """
    runner = web.AppRunner(desk.app(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, desk.settings.host, desk.settings.port).start()
        except OSError as error:
            raise Misconfigured(
                f"the desk cannot listen on {desk.settings.host}:{desk.settings.port}: {error.strerror or error}; "
                "name another one with --port (0: any free one)"
            ) from None
        host, port = runner.addresses[0][:2]
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        await runner.cleanup()


async def catch_up(desk: Desk, stream: Stream, ends: dict[int, int], patience_seconds: float = 60) -> None:
    """Read what is on the topic already, so that the first page is whole; goes on anyway when it takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_seconds):
            while any(desk.board.reached.get(partition, 0) < end for partition, end in ends.items()):
                heard = await stream.next(IDLE_SECONDS)
                if heard is None:  # what is left there is no alert, or one that we have
                    return
                desk.board.take(heard)
