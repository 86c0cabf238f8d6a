"""The desk's server: pages, feeds, security headers, and live updates that go on where they broke."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from schemas.errors import Misconfigured
from subscribers.desk.server import Desk, DeskSettings, catch_up, is_loopback, serving
from subscribers.desk.wanted import Wanted
from subscribers.heard import ListStream
from tests.unit.subscribers.builders import alert, heard


@asynccontextmanager
async def desk(**settings) -> AsyncIterator[tuple[Desk, str, aiohttp.ClientSession]]:
    made = Desk(DeskSettings(port=0, **settings))
    made.board.take(heard(alert("i-1"), 0))
    async with serving(made) as address, aiohttp.ClientSession() as http:
        yield made, address, http


def tell(made: Desk, told, offset: int) -> None:
    made.live.tell(made.board.take(heard(told, offset)))


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, dict]]:
    told: dict[str, str] = {}
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if value:
            told[name] = value
        elif "event" in told:
            yield told["event"], told["id"], json.loads(told["data"])
            told = {}


@pytest.mark.parametrize(
    ("path", "kind", "holds"),
    [
        ("/", "text/html", "Attack on a prison"),
        ("/?lang=ar", "text/html", '<html lang="ar" dir="rtl">'),
        ("/?country=IQ", "text/html", "No incident fits"),
        ("/?page=99999999999&severity=x", "text/html", "Attack on a prison"),
        ("/incidents/i-1?lang=ar", "text/html", "هجوم على سجن"),
        ("/incidents/i-1.json", "application/json", '"incident_id":"i-1"'),
        ("/alerts.atom?lang=en", "application/atom+xml", "<title>Attack on a prison"),
        ("/alerts.geojson", "application/geo+json", '"coordinates":[39.01,35.95]'),
        ("/static/desk.js", "text/javascript", "EventSource"),
        ("/static/desk.css", "text/css", ":root"),
        ("/healthz", "application/json", '"ok": true'),
    ],
)
async def test_pages_and_feeds(path: str, kind: str, holds: str) -> None:
    async with desk() as (_, address, http), http.get(address + path) as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        assert holds in await answer.text()
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_cap_of_one_alert_references_the_earlier_one() -> None:
    async with desk() as (made, address, http):
        second = alert("i-1", 2)
        tell(made, second, 1)
        async with http.get(f"{address}/alerts/{second.alert_id}.cap") as answer:
            assert answer.content_type == "application/cap+xml"
            assert alert("i-1").alert_id in await answer.text()
        async with http.get(f"{address}/alerts/{second.alert_id}.stix.json") as answer:
            assert answer.content_type == "application/stix+json"
            assert (await answer.json(content_type=None))["type"] == "bundle"


@pytest.mark.parametrize("path", ["/incidents/i-9", "/incidents/i-9.json", "/alerts/a-9.cap", "/static/../server.py",
                                  "/static/server.py", "/nowhere", "/incidents/i-1/x"])  # fmt: skip
async def test_what_is_not_there_says_so(path: str) -> None:
    async with desk() as (_, address, http), http.get(address + path, headers={"Accept-Language": "ar"}) as answer:
        assert answer.status == 404
        assert "لا توجد صفحة" in await answer.text()  # there is no page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_feed_reader_that_has_the_feed_is_not_sent_it_again() -> None:
    async with desk() as (made, address, http):
        async with http.get(address + "/alerts.atom") as answer:
            etag = answer.headers["ETag"]
            assert answer.headers["Last-Modified"] == "Mon, 26 Dec 2022 18:01:00 GMT"
        async with http.get(address + "/alerts.atom", headers={"If-None-Match": etag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        tell(made, alert("i-1", 2), 1)
        async with http.get(address + "/alerts.atom", headers={"If-None-Match": etag}) as answer:
            assert answer.status == 200


async def test_a_stranger_whose_name_points_here_learns_nothing() -> None:
    async with desk() as (_, address, http), http.get(address, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 421
        assert "prison" not in await answer.text()
    async with desk(base="https://desk.example") as (_, address, http):
        async with http.get(address, headers={"Host": "desk.example"}) as answer:
            assert answer.status == 200
        async with http.get(address + "/alerts.geojson", headers={"Host": "desk.example"}) as answer:
            assert "https://desk.example/incidents/i-1" in await answer.text()
        async with http.get(address, headers={"Host": "desk.exampl"}) as answer:
            assert answer.status == 421


async def test_updates_arrive_live_filtered_and_in_the_readers_language() -> None:
    async with desk() as (made, address, http), asyncio.timeout(20):
        async with http.get(address + "/events?lang=ar&country=SY&after=0-1") as answer:
            coming = events(answer)
            while not made.live.viewers:
                await asyncio.sleep(0.01)
            tell(made, alert("i-2", country="IQ"), 1)
            tell(made, alert("i-1", 2), 2)
            assert await anext(coming) == ("gone", "0-2", {"id": "i-2"})
            name, position, told = await anext(coming)
            assert (name, position, told["id"]) == ("incident", "0-3", "i-1")
            assert told["say"] == "هجوم على سجن، الرقة: قتلى 6"
            assert told["card"][0] == "article"
            assert told["card"][1]["data-revision"] == "2"
        async with asyncio.timeout(20):
            while made.live.viewers:  # a reader who left is forgotten
                tell(made, alert("i-3", made.board.reached[0]), made.board.reached[0])
                await asyncio.sleep(0.01)


async def test_a_reader_who_comes_back_hears_exactly_what_was_missed() -> None:
    async with desk() as (made, address, http), asyncio.timeout(20):
        for offset, name in enumerate(["i-2", "i-3", "i-4"], 1):
            tell(made, alert(name), offset)
        # The header of a browser that reconnects wins over the address that the page was opened with.
        async with http.get(address + "/events?after=0-0", headers={"Last-Event-ID": "0-2"}) as answer:
            coming = events(answer)
            assert [(await anext(coming))[2]["id"] for _ in range(2)] == ["i-3", "i-4"]
        for text in ("x", "0-1.", "0--1"):
            async with http.get(address + "/events", headers={"Last-Event-ID": text}) as answer:
                assert answer.status == 400


async def test_who_missed_very_much_loads_the_page_anew() -> None:
    async with desk() as (made, address, http), asyncio.timeout(20):
        for offset in range(1, 300):
            made.board.take(heard(alert(f"i-{offset}"), offset))
        async with http.get(address + "/events?after=") as answer:
            assert (await anext(events(answer)))[:2] == ("reload", "0-300")


async def test_a_reader_that_does_not_keep_up_is_cut_off_and_nobody_waits() -> None:
    made = Desk(DeskSettings())
    stream = made.live.stream(Wanted(), "en", {})
    assert await anext(stream) == b"retry: 2000\n\n"
    for offset in range(250):
        tell(made, alert(f"i-{offset}"), offset)
    rest = [told async for told in stream]
    assert not made.live.viewers
    assert len(rest) <= 250


async def test_the_first_page_is_whole_and_silence_does_not_hold_it_up() -> None:
    made = Desk(DeskSettings())
    stream = ListStream([heard(alert(f"i-{n}"), n) for n in range(5)])
    await catch_up(made, stream, {0: 5})
    assert made.board.position == "0-5"
    await catch_up(made, stream, {0: 7})  # what is left there is no alert
    assert made.board.position == "0-5"


async def test_a_taken_port_is_a_sentence() -> None:
    async with desk() as (_, address, _http):
        port = int(address.rpartition(":")[2])
        with pytest.raises(Misconfigured, match=f"{port}.*--port"):
            async with serving(Desk(DeskSettings(port=port))):
                pass


def test_what_is_this_machines_own() -> None:
    assert [is_loopback(name) for name in ("localhost", "127.0.0.9", "[::1]", "10.0.0.1", "localhost.evil")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(("host", "status"), [("desk.example", 200), ("127.0.0.1", 200), ("taken.example", 421)])
async def test_a_desk_with_a_public_address_answers_only_to_it_and_to_its_own_machine(host: str, status: int) -> None:
    async with desk(host="0.0.0.0", base="https://desk.example") as (_, address, http):
        port = address.rpartition(":")[2]
        async with http.get(f"http://127.0.0.1:{port}/", headers={"Host": host}) as answer:
            assert answer.status == status
        async with http.get(f"http://127.0.0.1:{port}/healthz", headers={"Host": "10.1.2.3"}) as answer:
            assert answer.status == 200, "a probe knows no names"
