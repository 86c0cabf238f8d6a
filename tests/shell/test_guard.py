"""The endpoints of a process: who may ask, how much, and what every answer says to a browser."""

import asyncio

import aiohttp
import pytest

from marqab.guard import ANSWERS_PER_SECOND, HEADERS, Pace
from marqab.health import Check, Health, endpoints
from marqab.metrics import Metrics
from marqab.settings import Settings

TOKEN = "a-token-for-prometheus"
PAGES = ("/metrics", "/sources", "/config", "/table/incidents/", "/")


def health() -> Health:
    made = Health()
    made.register("sources", lambda: Check(True))
    made.pages["/sources"] = list
    return made


async def ask(http: aiohttp.ClientSession, url: str, token: str = "", method: str = "GET") -> aiohttp.ClientResponse:
    headers = {"Authorization": token} if token else {}
    async with http.request(method, url, headers=headers) as answer:
        await answer.read()
        return answer


async def test_a_token_guards_everything_but_health() -> None:
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health(), TOKEN) as base, aiohttp.ClientSession() as http:
        for path in ("/healthz", "/readyz"):
            assert (await ask(http, base + path)).status == 200
        for path in PAGES:
            refused = await ask(http, base + path)
            assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="marqab"')
        for wrong in (f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer ", "Bearer \u0645"):
            assert (await ask(http, base + "/metrics", wrong)).status == 401
        assert (await ask(http, base + "/metrics", f"Bearer {TOKEN}")).status == 200


async def test_there_are_no_tables_and_no_settings_to_look_at_and_nothing_to_change() -> None:
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health()) as base, aiohttp.ClientSession() as http:
        assert [(await ask(http, base + path)).status for path in PAGES] == [200, 200, 404, 404, 404]
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = await ask(http, base + "/metrics", method=method)
            assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_every_answer_has_the_strict_headers() -> None:
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health(), TOKEN) as base, aiohttp.ClientSession() as http:
        answers = [
            await ask(http, base + path, token) for path in (*PAGES, "/healthz") for token in ("", f"Bearer {TOKEN}")
        ]
        answers.append(await ask(http, base + "/metrics", f"Bearer {TOKEN}", "POST"))
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_whoever_asks_too_often_waits_and_health_is_answered_all_the_same() -> None:
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health()) as base, aiohttp.ClientSession() as http:
        many = await asyncio.gather(*(ask(http, base + "/sources") for _ in range(int(ANSWERS_PER_SECOND) * 5)))
        assert {answer.status for answer in many} == {200, 429}
        assert all(answer.headers["Retry-After"] == "1" for answer in many if answer.status == 429)
        assert (await ask(http, base + "/healthz")).status == 200


@pytest.mark.parametrize(
    "sent", [b"GET /metrics?" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\xff" * 99]
)
async def test_what_is_no_decent_request_ends_the_connection(sent: bytes) -> None:
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health()) as base:
        port = int(base.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(10):
            said = await reader.read()
        writer.close()
    assert said.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))


def test_the_pace_lets_so_many_pass_at_once_and_then_so_many_a_second() -> None:
    clock = [0.0]
    pace = Pace(3, lambda: clock[0])
    assert [pace.may() for _ in range(5)] == [True, True, True, False, False]
    clock[0] = 0.4
    assert [pace.may() for _ in range(2)] == [True, False]
    clock[0] = 100.0
    assert [pace.may() for _ in range(5)] == [True, True, True, False, False]


def test_endpoints_are_on_loopback_unless_told_otherwise() -> None:
    settings = Settings()
    assert (settings.http_host, settings.websub_host) == ("127.0.0.1", "127.0.0.1")
