"""Requests through a proxy: it resolves the names, its failures are named."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from connectors.feeds.access import proxy_of, secret_headers
from connectors.feeds.fetch import Answer, Failure, Fetcher
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind

BODY = b"<rss/>"


@asynccontextmanager
async def socks5(asked):
    """A SOCKS5 server (RFC 1928, no authentication) that answers every request itself."""

    async def serve(reader, writer):
        version, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        name = await reader.readexactly((await reader.readexactly(1))[0] if kind == 3 else 4)
        asked.append((kind, name, int.from_bytes(await reader.readexactly(2), "big")))
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
        writer.close()
        assert version == 5

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_the_proxy_resolves_the_name(scheme):
    asked = []
    async with socks5(asked) as port, Fetcher(ConnectorSettings(fetch_timeout_seconds=5)) as fetcher:
        found = await fetcher.fetch("http://hidden.example/feed", proxy=f"{scheme}://127.0.0.1:{port}")
    assert isinstance(found, Answer)
    assert found.body == BODY
    assert asked == [(3, b"hidden.example", 80)]


async def test_a_proxy_that_is_away_is_named():
    async with Fetcher(ConnectorSettings(fetch_timeout_seconds=5)) as fetcher:
        found = await fetcher.fetch("http://hidden.example/feed", proxy="socks5://127.0.0.1:9")
    assert isinstance(found, Failure)
    assert found.kind == "proxy"


def source(**fields):
    return SourceSettings(id="s", kind=SourceKind.FEED, url="https://a.example/f", **fields)


def test_proxies_by_name_and_by_default(tmp_path):
    settings = ConnectorSettings(proxy="http://p.example:3128", environ={"MARQAB_SECRET_PROXY_TOR": "socks5h://t:9050"})
    assert proxy_of(source(), settings) == "http://p.example:3128"
    assert proxy_of(source(proxy="direct"), settings) == ""
    assert proxy_of(source(proxy="tor"), settings) == "socks5h://t:9050"
    assert proxy_of(source(proxy="http://q.example"), settings) == "http://q.example"
    with pytest.raises(Misconfigured, match="MARQAB_SECRET_PROXY_NONE"):
        proxy_of(source(proxy="none"), settings)


def test_secrets_come_from_the_environment_or_a_file(tmp_path):
    (tmp_path / "token").write_text("geheim\n")
    environ = {"A": "1", "B_FILE": str(tmp_path / "token"), "C_FILE": str(tmp_path / "missing")}
    assert secret_headers(source(headers_from={"X": "A", "Cookie": "B"}), environ) == {"X": "1", "Cookie": "geheim"}
    for variable in ("C", "D"):
        with pytest.raises(Misconfigured, match=variable):
            secret_headers(source(headers_from={"X": variable}), environ)
