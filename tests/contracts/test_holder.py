"""One holder at a time, on the embedded broker and on Kafka."""

import asyncio

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


async def test_a_second_one_is_refused_the_first_goes_on_and_others_are_not_concerned(ready):
    async def second():
        with pytest.raises(Misconfigured, match="Another marqab uses this Telegram session"):
            async with holding(ready, patience=6):
                pytest.fail("two holders")

    async def another():
        async with holding(ready, "another session") as lost:
            assert not lost.is_set()

    async with holding(ready) as lost:
        await asyncio.gather(second(), another())
        assert not lost.is_set()


async def test_whoever_waits_takes_over_when_the_first_goes(ready):
    order = []

    async def second():
        async with holding(ready):
            order.append("second")

    async with holding(ready):
        waiting = asyncio.create_task(second())
        await asyncio.sleep(1)
        order.append("first")
    await until(waiting.done, seconds=40)
    await waiting
    assert order == ["first", "second"]
