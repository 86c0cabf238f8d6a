"""What keeps `marqab_client` from reading is a sentence with its remedy; servers are real, but no Kafka."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.paths import ROOT


@pytest.fixture
def marqab_client(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "client"))
    import marqab_client

    return marqab_client


@asynccontextmanager
async def server(**options):
    """Takes connections and hangs up; gives its address."""

    async def hang_up(_, writer):
        writer.close()

    running = await asyncio.start_server(hang_up, "127.0.0.1", 0, **options)
    async with running:
        yield f"127.0.0.1:{running.sockets[0].getsockname()[1]}"


async def said(client, error, servers, **options):
    reads = client.subscribe(servers, **options)
    with pytest.raises(error) as caught:
        async with asyncio.timeout(60):
            await anext(reads)
    return str(caught.value)


async def test_where_nobody_answers_it_says_so(marqab_client):
    async with server() as address:
        pass  # it is gone again
    told = await said(marqab_client, marqab_client.SourceDown, address)
    assert told.startswith(f"No Kafka broker answers at {address}")
    assert "correct bootstrap_servers" in told
    assert "hangs up" not in told


async def test_a_port_that_hangs_up_may_want_tls_or_a_login(marqab_client):
    async with server() as address:
        told = await said(marqab_client, marqab_client.SourceDown, address)
    assert "another security_protocol than PLAINTEXT hangs up like this" in told


async def test_a_certificate_of_a_stranger_names_the_argument_that_trusts_it(marqab_client):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    options = {"security_protocol": "SSL", "ssl_context": ssl.create_default_context()}
    async with server(ssl=context) as address:
        told = await said(marqab_client, marqab_client.Misconfigured, address, **options)
    assert "certificate that cannot be trusted" in told
    assert "ssl_context" in told


async def test_tls_towards_a_port_without_it(marqab_client):
    async def answer(_, writer):
        writer.write(b"no TLS here\n")

    running = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with running:
        address = f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
        options = {"security_protocol": "SSL", "ssl_context": ssl.create_default_context()}
        told = await said(marqab_client, marqab_client.Misconfigured, address, **options)
    assert "does not agree on TLS" in told
    assert "security_protocol is SSL" in told


async def test_arguments_that_do_not_fit(marqab_client):
    assert "'nonsense' is no host:port" in await said(marqab_client, marqab_client.Misconfigured, "nonsense")
    told = await said(marqab_client, marqab_client.Misconfigured, "127.0.0.1:9", security_protocol="SSL")
    assert "ssl_context" in told


async def test_of_several_brokers_the_most_telling_one_is_heard(marqab_client):
    async with server() as address:
        told = await said(marqab_client, marqab_client.Misconfigured, f"{address},nonsense")
    assert "'nonsense'" in told
