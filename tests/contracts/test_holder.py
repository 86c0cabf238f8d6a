"""One holder at a time, on the embedded broker and on Kafka."""

import asyncio
import contextlib

import pytest

from connectors import holder
from connectors.holder import held
from schemas.errors import Misconfigured
from tests.mtproto.sinks import until


@pytest.fixture
async def ready(broker, monkeypatch):
    monkeypatch.setattr(holder, "SESSION_MS", 6_000)
    monkeypatch.setattr(holder, "REBALANCE_MS", 3_000)
    await broker.create_topics()
    return broker


def holding(broker, name="session", patience=30.0):
    return held(name, broker.connection, prefix=broker.prefix, patience_seconds=patience)


async def test_a_second_one_is_refused_and_the_first_goes_on(ready):
    async with holding(ready) as lost:
        with pytest.raises(Misconfigured, match="Another marqab uses this Telegram session"):
            async with holding(ready, patience=8):
                pytest.fail("two holders")
        await asyncio.sleep(0)
        assert not lost.is_set()


async def test_two_names_do_not_meet(ready):
    async with holding(ready, "one") as lost, holding(ready, "two"):
        assert not lost.is_set()


async def test_whoever_waits_takes_over_when_the_first_goes(ready):
    order = []

    async def second():
        async with holding(ready):
            order.append("second")

    async with holding(ready):
        order.append("first")
        waiting = asyncio.create_task(second())
        await asyncio.sleep(1)
        assert order == ["first"]
    await until(waiting.done, seconds=40)
    await waiting
    assert order == ["first", "second"]


async def test_the_wait_can_be_cancelled(ready):
    async with holding(ready) as lost:
        waiting = asyncio.create_task(_enter(ready))
        await asyncio.sleep(0.5)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
        assert not lost.is_set()


async def _enter(broker):
    async with holding(broker):
        pytest.fail("two holders")
