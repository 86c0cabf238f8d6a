"""The other end of a webhook: a real web server that answers what the test tells it to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from subscribers.webhook import sign
from tests.served import served

ENVIRON = {"SECRET": "whsec_c2VjcmV0"}


@dataclass
class Receiver:
    """Answers what it is told to, then 204; keeps what it got."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[dict[str, str], Any]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got.append((headers, json.loads(body)))
        if "webhook-signature" in headers:
            expected = sign(ENVIRON["SECRET"], headers["webhook-id"], headers["webhook-timestamp"], body)
            assert headers["webhook-signature"] == expected
        status, told = self.answers.pop(0) if self.answers else (204, {})
        return web.Response(status=status, headers=told)


@asynccontextmanager
async def receiver(*answers: int | tuple[int, dict[str, str]]) -> AsyncIterator[Receiver]:
    made = Receiver(answers=[one if isinstance(one, tuple) else (one, {}) for one in answers])
    async with served(web.post("/in", made.take)) as base:
        made.url = f"{base}/in"
        yield made
