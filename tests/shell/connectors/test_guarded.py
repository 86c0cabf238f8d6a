"""Fetching from strangers: no way leads to private addresses, encryption is verified, headers cannot be smuggled in."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from connectors.feeds import fetch
from connectors.feeds.fetch import MAX_REDIRECTS, Answer, Failure, Fetcher
from connectors.settings import ConnectorSettings

GUARDED = ConnectorSettings(fetch_timeout_seconds=5)
OPEN = ConnectorSettings(fetch_timeout_seconds=5, fetch_allow_private=True)
PUBLIC = "127.0.0.2"
"""Stands for a public address in these tests; 127.0.0.1 stays what it is."""


@asynccontextmanager
async def server(answer, host="127.0.0.1", tls=None):
    """Answers each request with what `answer(path, head)` gives; remembers the requests."""
    asked = []

    async def serve(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            asked.append(head)
            writer.write(answer(head.split()[1], head))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(serve, host, 0, ssl=tls)
    async with running:
        yield running.sockets[0].getsockname()[1], asked


def said(body=b"<rss/>", status="200 OK", *headers) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1", "surrogateescape") + b"\r\n\r\n" + body


@pytest.fixture
def one_public_address(monkeypatch):
    real = fetch.is_public
    monkeypatch.setattr(fetch, "is_public", lambda address: address == PUBLIC or real(address))


TARGETS = [
    "http://127.0.0.1:{port}/x",
    "http://localhost:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f000001:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://127.1:{port}/x",
    "http://0:{port}/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://inside.example:{port}/x",
    "http://user:pass@127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1/x",
    "data:text/xml,<rss/>",
    "http://127.0.0.1:{port}\\@news.example/x",
]


@pytest.fixture
def names(monkeypatch):
    """inside.example resolves to this machine; everything else as usual."""
    real = socket.getaddrinfo

    def resolve(host, *arguments, **more):
        host = {"inside.example": "127.0.0.1", "outside.example": PUBLIC}.get(host, host)
        return real(host, *arguments, **more)

    monkeypatch.setattr(fetch.socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("target", TARGETS)
async def test_no_redirect_leads_inside(one_public_address, names, target):
    async with server(lambda *_: said(b"inside")) as (inside, visits), Fetcher(GUARDED) as fetcher:
        there = target.format(port=inside)
        async with server(lambda *_: said(b"", "302 Found", f"Location: {there}"), PUBLIC) as (outside, asked):
            found = await fetcher.fetch(f"http://outside.example:{outside}/feed")
    assert isinstance(found, Failure), found
    assert (len(asked), visits) == (1, []), "the redirect was told, and nobody inside was asked"


@pytest.mark.parametrize("target", [target for target in TARGETS if target.startswith("http")])
async def test_no_address_leads_inside(names, target):
    async with server(lambda *_: said(b"inside")) as (inside, visits), Fetcher(GUARDED) as fetcher:
        found = await fetcher.fetch(target.format(port=inside))
        pushed = await fetcher.post(target.format(port=inside), {"hub.mode": "subscribe"})
    assert isinstance(found, Failure)
    assert isinstance(pushed, Failure), "hubs are named by feeds, so they are guarded too"
    assert visits == []


async def test_a_name_that_turns_inside_after_the_first_look_up_gains_nothing(monkeypatch, one_public_address):
    """DNS rebinding: each socket is checked by its own address."""
    real, answers = socket.getaddrinfo, [PUBLIC, "127.0.0.1", "127.0.0.1"]

    def resolve(host, *arguments, **more):
        return real(answers.pop(0) if host == "turning.example" else host, *arguments, **more)

    monkeypatch.setattr(fetch.socket, "getaddrinfo", resolve)
    async with server(lambda *_: said(), PUBLIC) as (port, asked):
        async with Fetcher(GUARDED) as fetcher:
            first = await fetcher.fetch(f"http://turning.example:{port}/")
        async with Fetcher(GUARDED) as fetcher:  # one that has not remembered the first look-up
            second = await fetcher.fetch(f"http://turning.example:{port}/")
    assert isinstance(first, Answer)
    assert isinstance(second, Failure)
    assert second.kind == "blocked"
    assert len(asked) == 1


async def test_ten_thousand_redirects_are_not_followed():
    def on(path, _):
        return said(b"", "302 Found", f"Location: /{int(path.strip('/') or 0) + 1}")

    async with server(on) as (port, asked), Fetcher(OPEN) as fetcher:
        found = await fetcher.fetch(f"http://127.0.0.1:{port}/0")
    assert isinstance(found, Failure)
    assert found.kind == "redirects"
    assert len(asked) == MAX_REDIRECTS + 1


async def test_a_server_cannot_put_headers_into_our_next_request():
    """Validators come back as they were given, in one line; a Location with line breaks is no way in."""
    etag = 'ETag: "a\\r\\nX-Smuggled: 1"'
    async with server(lambda *_: said(b"<rss/>", "200 OK", etag)) as (port, asked), Fetcher(OPEN) as fetcher:
        first = await fetcher.fetch(f"http://127.0.0.1:{port}/")
        assert isinstance(first, Answer)
        await fetcher.fetch(f"http://127.0.0.1:{port}/", headers={"If-None-Match": first.headers["etag"]})
        smuggling = {"If-None-Match": '"a"\r\nX-Smuggled: 1'}
        refused = await fetcher.fetch(f"http://127.0.0.1:{port}/", headers=smuggling)
        secret = await fetcher.fetch(f"http://127.0.0.1:{port}/", secret_headers={"Cookie": "a\r\nX-Smuggled: 1"})
    assert isinstance(refused, Failure)
    assert isinstance(secret, Failure)
    assert len(asked) == 2
    assert not any("\r\nX-Smuggled" in head for head in asked)

    to = "Location: http://127.0.0.1:{port}/%0d%0aX-Smuggled:%201"
    requests = []

    def redirect(path, head):
        requests.append(head)
        port = head.split("Host: 127.0.0.1:")[1].split("\r\n")[0]
        return said(b"", "302 Found", to.format(port=port)) if path == "/" else said()

    async with server(redirect) as (port, _), Fetcher(OPEN) as fetcher:
        await fetcher.fetch(f"http://127.0.0.1:{port}/")
    assert not any("\r\nX-Smuggled" in head for head in requests)


@pytest.mark.parametrize("settings", [GUARDED, OPEN], ids=["guarded", "private addresses allowed"])
@pytest.mark.parametrize(
    "how",
    [
        {"host": PUBLIC},
        {"host": "other.example", "trusted": True},
        {"host": PUBLIC, "trusted": True, "not_after": datetime(2020, 1, 2, tzinfo=UTC)},
    ],
    ids=["unknown authority", "another name", "expired"],
)
async def test_encryption_is_verified_whatever_is_allowed(one_public_address, settings, how):
    more = (
        {"not_before": how["not_after"] - timedelta(days=1), "not_after": how["not_after"]}
        if "not_after" in how
        else {}
    )
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(how["host"], **more).configure_cert(tls)
    async with server(lambda *_: said(), PUBLIC, tls) as (port, asked), Fetcher(settings) as fetcher:
        if how.get("trusted"):
            authority.configure_trust(fetcher._tls)
        found = await fetcher.fetch(f"https://{PUBLIC}:{port}/")
    assert isinstance(found, Failure), found
    assert (found.kind, asked) == ("tls", [])


async def test_a_good_certificate_is_accepted(one_public_address):
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(PUBLIC).configure_cert(tls)
    async with server(lambda *_: said(), PUBLIC, tls) as (port, _), Fetcher(GUARDED) as fetcher:
        authority.configure_trust(fetcher._tls)
        found = await fetcher.fetch(f"https://{PUBLIC}:{port}/")
    assert isinstance(found, Answer), found
