"""Pushes: subscribed, verified, signed, and only ever a hint."""

import asyncio
import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Setup
from connectors.feeds import websub
from connectors.feeds.connector import FeedConnector
from connectors.feeds.fetch import Fetcher
from connectors.feeds.websub import LEASE_SECONDS, SLOWER, Pushes, signature_fits
from connectors.files import FileSink
from connectors.health import HealthBoard
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind
from tests.shell.connectors.test_feeds import ONE, TWO, page, rss, serving

SETTINGS = ConnectorSettings(
    fetch_allow_private=True, fetch_timeout_seconds=3, websub_callback="https://watch.example/push/", websub_port=0
)
TOPIC = "https://news.example/f"


@pytest.fixture
async def server():
    async with serving() as one:
        yield one


def taking(requests):
    """A hub that takes every subscription."""

    async def answer(request):
        requests.append(dict(parse_qsl(await request.text())))
        return web.Response(status=202)

    return answer


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def pushes(server):
    """The receiver with one subscription; what the hub was asked; what woke the feed; and a clock to be moved."""
    asked, woken, clock = [], [], Clock()
    server.scripts["/hub"] = [taking(asked)]
    async with Fetcher(SETTINGS) as fetcher, Pushes(SETTINGS, fetcher, clock) as receiver:
        receiver.asked, receiver.woken, receiver.clock = asked, woken, clock
        receiver.subscribe = lambda: receiver.keep("s", server.base + "/hub", TOPIC, lambda: woken.append(1))
        await receiver.subscribe()
        yield receiver


async def talk(receiver, method, token, *, query=None, body=b"", headers=None):
    url = f"http://127.0.0.1:{receiver.port}/push/{token}?{urlencode(query or {})}"
    async with aiohttp.ClientSession() as session, session.request(method, url, data=body, headers=headers) as response:
        return response.status, await response.text()


def token_of(form):
    return urlsplit(form["hub.callback"]).path.rpartition("/")[2]


async def verified(receiver, form):
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c", "hub.lease_seconds": "1000"}
    return await talk(receiver, "GET", token_of(form), query=query)


async def test_a_subscription_is_verified_and_pushes_wake_the_feed(pushes):
    (form,) = pushes.asked
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", TOPIC)
    assert form["hub.callback"].startswith("https://watch.example/push/")
    assert await verified(pushes, form) == (200, "c")
    body = b"<rss/>"
    signature = "sha256=" + hmac.new(form["hub.secret"].encode(), body, "sha256").hexdigest()
    assert (await talk(pushes, "POST", token_of(form), body=body, headers={"X-Hub-Signature": signature}))[0] == 202
    assert pushes.woken == [1]


ODD = {"X-Hub-Signature": "sha1=\u00e9\u00ff"}


async def test_what_nobody_signed_wakes_nobody(pushes):
    (form,) = pushes.asked
    for headers in ({}, {"X-Hub-Signature": "sha256=00"}, {"X-Hub-Signature": "md5=00"}, {"X-Hub-Signature": "x"}, ODD):
        assert (await talk(pushes, "POST", token_of(form), body=b"x", headers=headers))[0] == 202
    assert (await talk(pushes, "POST", "unknown"))[0] == 410
    assert (await talk(pushes, "GET", "unknown", query={"hub.mode": "subscribe"}))[0] == 404
    wrong = {"hub.mode": "subscribe", "hub.topic": "https://other.example/", "hub.challenge": "c"}
    assert (await talk(pushes, "GET", token_of(form), query=wrong))[0] == 404
    assert pushes.woken == []


async def test_who_drips_a_push_is_cut_off_too_many_wait_and_a_challenge_is_no_page(pushes, monkeypatch):
    (form,) = pushes.asked
    monkeypatch.setattr(websub, "BODY_SECONDS", 0.5)
    head = f"POST /push/{token_of(form)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx".encode()
    dripping = [await asyncio.open_connection("127.0.0.1", pushes.port) for _ in range(websub.BODIES_AT_ONCE + 2)]
    for _, writer in dripping:
        writer.write(head)
    async with asyncio.timeout(20):
        said = [(await reader.readline()).split()[1] for reader, _ in dripping]
    for _, writer in dripping:
        writer.close()
    assert said.count(b"503") == 2
    assert said.count(b"408") == websub.BODIES_AT_ONCE
    query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<script>alert(1)</script>"}
    url = f"http://127.0.0.1:{pushes.port}/push/{token_of(form)}?{urlencode(query)}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.content_type == "text/plain"
        assert {name: answer.headers.get(name) for name in websub.HEADERS} == websub.HEADERS
    assert pushes.woken == []


async def test_polls_are_rarer_while_pushes_arrive_and_not_when_they_go_missing(pushes):
    (form,) = pushes.asked
    assert pushes.slower("s", found_posts=True) == 1  # not verified yet
    await verified(pushes, form)
    assert pushes.slower("s", found_posts=False) == SLOWER
    body, secret = b"x", form["hub.secret"].encode()
    headers = {"X-Hub-Signature": "sha1=" + hmac.new(secret, body, "sha1").hexdigest()}
    await talk(pushes, "POST", token_of(form), body=body, headers=headers)
    assert pushes.slower("s", found_posts=True) == SLOWER
    assert pushes.slower("s", found_posts=True) == 1
    assert pushes.slower("s", found_posts=False) == 1
    pushes.clock.now += 1001
    assert pushes.slower("s", found_posts=False) == 1


async def test_a_subscription_is_renewed_at_half_of_its_time_and_the_old_one_forgotten(pushes):
    await pushes.subscribe()
    assert len(pushes.asked) == 1
    pushes.clock.now += LEASE_SECONDS / 2 + 1
    await pushes.subscribe()
    first, second = pushes.asked
    assert first["hub.secret"] != second["hub.secret"]
    assert (await verified(pushes, first))[0] == 404
    assert (await verified(pushes, second))[0] == 200


async def test_a_push_brings_an_entry_before_its_poll(server, tmp_path):
    asked = []
    server.scripts["/hub"] = [taking(asked)]
    hub = f'<link xmlns="http://www.w3.org/2005/Atom" rel="hub" href="{server.base}/hub"/>'
    server.scripts["/f"] = [page(rss(ONE, extra=hub)), page(rss(ONE, TWO, extra=hub))]
    source = SourceSettings(id="s", kind=SourceKind.FEED, url=server.base + "/f", interval_seconds=86_400, websub=True)
    sink = FileSink(tmp_path / "posts.jsonl", tmp_path / "cursors")
    connector = FeedConnector(
        Setup(sources=(source,), settings=SETTINGS, positions={}, sink=sink, health=HealthBoard())
    )
    running = asyncio.ensure_future(connector.run())
    async with asyncio.timeout(20):
        while not asked:  # noqa: ASYNC110 - the server has no event
            await asyncio.sleep(0.01)
        (form,) = asked
        body = b"anything at all"
        digest = hmac.new(form["hub.secret"].encode(), body, "sha256").hexdigest()
        headers = {"X-Hub-Signature": f"sha256={digest}"}
        await talk(connector.pushes, "POST", token_of(form), body=body, headers=headers)
        while sink.posts_written < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_pushes_need_a_public_address():
    settings = ConnectorSettings()
    async with Fetcher(settings) as fetcher:
        with pytest.raises(Misconfigured, match="MARQAB_WEBSUB_CALLBACK"):
            await Pushes(settings, fetcher, Clock()).__aenter__()


@given(st.text(min_size=1), st.binary(), st.sampled_from(["sha1", "sha256", "sha384", "sha512"]))
def test_signatures(secret, body, method):
    secret = secret.encode("utf-8", "replace").decode()
    good = hmac.new(secret.encode(), body, method).hexdigest()
    assert signature_fits(secret, f"{method.upper()}={good.upper()}", body)
    assert not signature_fits(secret, f"{method}={good}", body + b"x")
