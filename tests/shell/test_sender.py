"""What a worker's producer holds leaves only while the partitions are the worker's own."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaTimeoutError

from agents.app import sender
from agents.app.sender import Leased
from agents.lease import Lease

SESSION_SECONDS = 10.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Batch:
    """A batch of messages as far as it is asked: when it was begun, and what became of it."""

    def __init__(self, begun: float) -> None:
        self._ctime, self.failed = begun, None

    def failure(self, exception: Exception) -> None:
        self.failed = exception


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def producer(clock, monkeypatch) -> Leased:
    """The producer's last step before the wire, without a wire."""
    monkeypatch.setattr(sender, "ASK_SECONDS", 0.0)
    made, sent = Leased.__new__(Leased), []

    async def send(node_id, batches):
        sent.append((node_id, batches))

    made._lease, made._send_produce, made.sent = Lease(SESSION_SECONDS, clock, clock), send, sent
    made._sender = SimpleNamespace(_muted_partitions={"rows"}, _in_flight={1})
    return made


async def test_while_the_partitions_are_ours_it_leaves_at_once(producer, clock):
    producer._lease.renew(clock.now)
    await producer._send_when_ours(1, {"rows": Batch(clock.now)})
    assert len(producer.sent) == 1


async def test_in_doubt_it_waits_until_the_coordinator_has_answered(producer, clock):
    producer._lease.renew(clock.now)
    clock.now += SESSION_SECONDS
    sending = asyncio.ensure_future(producer._send_when_ours(1, {"rows": Batch(clock.now)}))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not sending.done()
    assert producer.sent == []
    producer._lease.renew(clock.now)
    await sending
    assert len(producer.sent) == 1


async def test_what_waited_while_the_partitions_were_lost_never_leaves(producer, clock):
    producer._lease.renew(clock.now)
    old = Batch(clock.now)
    clock.now += 60.0
    sending = asyncio.ensure_future(producer._send_when_ours(1, {"rows": old}))
    await asyncio.sleep(0)
    producer._lease.returned()
    clock.now += 1.0
    producer._lease.renew(clock.now)  # a member again, but others have written since
    await sending
    assert producer.sent == []
    assert isinstance(old.failed, KafkaTimeoutError)
    assert producer._lease.refused == 1
    assert producer._sender._muted_partitions == producer._sender._in_flight == set()
    await producer._send_when_ours(2, {"rows": Batch(clock.now)})
    assert [node for node, _ in producer.sent] == [2], "what is decided after that goes out"


def test_aiokafka_still_has_what_is_used_here():
    from aiokafka.producer.sender import Sender

    assert hasattr(Sender, "_send_produce_req")
