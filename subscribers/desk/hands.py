"""The addresses that change something: log-in, log-out, and corrections, which go to `marqab.feedback`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Final

from aiohttp import web

from schemas.errors import SourceDown
from schemas.records import Feedback, Incident
from subscribers.desk.board import Board
from subscribers.desk.correct import meant
from subscribers.desk.door import SESSION_SECONDS, TRY_SECONDS, Door, Session, local
from subscribers.desk.pages import login_page, told_page
from subscribers.desk.wanted import Wanted
from subscribers.words import Language, say

log = logging.getLogger("marqab.desk")

COOKIE: Final = "marqab-desk"
OPEN_TO_ALL: Final = ("/healthz", "/login")
PUBLISH_SECONDS: Final = 30

Publish = Callable[[Feedback], Awaitable[None]]


class Hands:
    """What a person may do at the desk."""

    def __init__(self, board: Board, door: Door, publish: Publish | None, *, secure: bool) -> None:
        """Nothing happens yet.

        Args:
            board: the incidents.
            door: who may.
            publish: sends a correction; None: this desk only reads.
            secure: the cookie travels by https alone.
        """
        self._board, self._door, self._publish, self._secure = board, door, publish, secure

    def routes(self) -> list[web.RouteDef]:
        """The addresses."""
        return [
            web.get("/login", self._ask),
            web.post("/login", self._log_in),
            web.post("/logout", self._log_out),
            web.post(r"/incidents/{id:i-[0-9A-Za-z-]+}/correct", self._correct),
        ]

    def session(self, request: web.Request) -> Session | None:
        """Who has shown the token."""
        return self._door.session(request.cookies.get(COOKIE))

    def may_correct(self) -> bool:
        """Whether anybody can: there is a token, and a topic to send to."""
        return bool(self._door.token) and self._publish is not None

    def may_read(self, request: web.Request) -> bool:
        """Whether this reader is let in: with a session, with `Authorization: Bearer TOKEN`, or where none is asked."""
        if not self._door.guards_reading or request.path in OPEN_TO_ALL or request.path.startswith("/static/"):
            return True
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._door.knows(token.strip())
        return self.session(request) is not None

    def others(self) -> list[Incident]:
        """Incidents that one may be part of, the newest first."""
        return [alert.incident for alert in self._board.newest(Wanted())]

    async def _ask(self, request: web.Request) -> web.Response:
        page = login_page(language_of(request), local(request.query.get("next", "/")))
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _log_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        token, onward = form.get("token", ""), form.get("next", "/")
        address = local(onward if isinstance(onward, str) else "/")
        if isinstance(token, str) and self._door.knows(token):
            answer = web.Response(status=303, headers={"Location": address})
            answer.set_cookie(
                COOKIE, self._door.open(), max_age=int(SESSION_SECONDS), httponly=True, samesite="Strict",
                secure=self._secure, path="/",
            )  # fmt: skip
            return answer
        language = language_of(request)
        if self._door.tired():
            log.warning("many wrong tokens: nobody is let in for %.0f s", TRY_SECONDS)
            page = login_page(language, address, say("many_wrong", language))
            headers = {"Retry-After": str(int(TRY_SECONDS))}
            return web.Response(status=429, text=page, content_type="text/html", headers=headers)
        page = login_page(language, address, say("wrong_token", language))
        return web.Response(status=403, text=page, content_type="text/html")

    async def _log_out(self, request: web.Request) -> web.Response:
        form = await request.post()
        session = self.session(request)
        if session and _same(form.get("word"), session.form_word):
            self._door.close(request.cookies.get(COOKIE))
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.del_cookie(COOKIE, path="/")
        return answer

    async def _correct(self, request: web.Request) -> web.Response:
        form = await request.post()
        alert, session = self._board.latest(request.match_info["id"]), self.session(request)
        language: Language = "ar" if form.get("lang") == "ar" else "en"
        if alert is None:
            raise web.HTTPNotFound
        back = f"/incidents/{alert.incident_id}?lang={language}"
        if session is None or self._publish is None or not _same(form.get("word"), session.form_word):
            return _told(403, say("log_in_first", language), back, language)
        fields = {name: [str(value) for value in form.getall(name)] for name in form}
        try:
            feedback = meant(fields, alert.incident, self._find, datetime.now(UTC))
        except ValueError as error:
            return _told(400, f"{error}", back, language)
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._publish(feedback)
        except (SourceDown, TimeoutError) as error:
            log.warning("a correction of %s was not sent: %s", alert.incident_id, error)
            return _told(503, say("not_sent", language), back, language)
        log.info("%s of %s was sent by hand as %s", feedback.kind, feedback.incident_id, feedback.feedback_id)
        return _told(202, say("sent", language), back, language)

    def _find(self, incident_id: str) -> Incident | None:
        alert = self._board.latest(incident_id)
        return alert.incident if alert else None


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and compare_digest(given.encode(), expected.encode())


def _told(status: int, text: str, back: str, language: Language) -> web.Response:
    page = told_page(text, back, language)
    return web.Response(status=status, text=page, content_type="text/html", headers={"Cache-Control": "no-store"})


def language_of(request: web.Request) -> Language:
    """The language of the answer: as asked for in the address, else as the browser prefers."""
    asked = request.query.get("lang")
    if asked in ("ar", "en"):
        return "ar" if asked == "ar" else "en"
    return "ar" if request.headers.get("Accept-Language", "").lower().startswith("ar") else "en"
