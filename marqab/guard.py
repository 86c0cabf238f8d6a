"""What stands before every endpoint of a process: strict headers, a token where one is set, and a pace.

There is nothing to change behind it, and no body is read.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

OPEN_TO_ALL: Final = frozenset({"/healthz", "/readyz"})
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
ANSWERS_PER_SECOND: Final = 20.0
"""Further ones are asked to come back in a second; health is always answered."""
BODY_BYTES: Final = 1024

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pace:
    """So many a second, and as many at once."""

    def __init__(self, per_second: float, now: Callable[[], float]) -> None:
        self._rate, self._now = per_second, now
        self._left, self._at = per_second, now()

    def may(self) -> bool:
        """Whether one more is all right now; then it counts."""
        now = self._now()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def guarded(token: str) -> web.Application:
    """An application for endpoints; call it inside the running event loop.

    Args:
        token: wanted as `Authorization: Bearer` by everything but health; empty: by nothing.
    """
    pace = Pace(ANSWERS_PER_SECOND, asyncio.get_running_loop().time)

    @web.middleware
    async def guard(request: web.Request, handler: Answer) -> web.StreamResponse:
        try:
            if request.path in OPEN_TO_ALL:
                answer = await handler(request)
            elif not pace.may():
                answer = web.Response(status=429, headers={"Retry-After": "1"})
            elif token and not _knows(token, request):
                answer = web.Response(status=401, headers={"WWW-Authenticate": 'Bearer realm="marqab"'})
            else:
                answer = await handler(request)
        except web.HTTPException as told:
            allow = {"Allow": told.headers["Allow"]} if "Allow" in told.headers else {}
            answer = web.Response(status=told.status, text=f"{told.reason}\n", headers=allow)
        answer.headers.update(HEADERS)
        return answer

    return web.Application(middlewares=[guard], client_max_size=BODY_BYTES)


def _knows(token: str, request: web.Request) -> bool:
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, f"Bearer {token}".encode())
