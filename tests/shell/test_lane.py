"""A lane keeps the order, acknowledges only what is stored, and stops when something cannot be delivered."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from agents.lane import BATCH_MESSAGES, WAITING_MESSAGES, Lane, Ticks
from agents.stage import Effects, Emission, Message
from schemas.kinds import SourceKind
from schemas.records import Report, Source
from schemas.topics import REPORTS


class Step:
    name = "normalizer"

    def __init__(self):
        self.seen, self.stored, self.batches = [], [], []

    def __call__(self, message):
        self.seen.append(message.offset)
        report = Report(
            post_id=f"p-{message.offset}",
            source=Source(id="s", kind=SourceKind.FEED),
            native_id="1",
            language="ar",
            text="",
            published_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        return Effects([Emission(REPORTS, str(message.offset), report)], [(str(message.offset), b"row")])

    def ahead(self, messages):
        self.batches.append([message.offset for message in messages])

    def apply(self, puts):
        """Nothing here."""

    def kept(self, puts):
        self.stored += [key for key, _ in puts]


class World:
    """A port whose deliveries come when the test says so."""

    def __init__(self, *, at_once=True):
        self.at_once, self.log, self.pending, self.error = at_once, [], [], None
        self.may_keep = asyncio.Event()
        self.may_keep.set()

    async def send(self, outgoing):
        delivery = asyncio.get_running_loop().create_future()
        self.log.append(("sent", int(outgoing.key)))
        self.pending.append(delivery)
        if self.at_once:
            delivery.set_result(None)
        return delivery

    async def keep(self, partition, puts):
        await self.may_keep.wait()
        self.log += [("kept", int(key)) for key, _ in puts]

    def finished(self, outcome, seconds):
        self.log.append(("acked", int(outcome.outgoing[0].key)))

    def broken(self, error):
        self.error = error

    def of(self, kind):
        return [number for what, number in self.log if what == kind]


@pytest.fixture
async def lane_of():
    made = []
    with ThreadPoolExecutor(1) as executor:

        def make(world):
            made.append(Lane(Step(), world, executor))
            made[-1].open()
            return made[-1]

        yield make
        for lane in made:
            await lane.close()


def message(offset):
    return Message("t", 0, offset, 0, b"", b"{}")


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the condition spans objects that know no events
            await asyncio.sleep(0)


async def acknowledged(lane, world, number):
    for offset in range(number):
        await lane.put(message(offset))
    await until(lambda: len(world.of("acked")) == number)


async def test_everything_in_order_and_acknowledged_last(lane_of):
    world = World()
    lane = lane_of(world)
    await acknowledged(lane, world, 300)
    for kind in ("sent", "kept", "acked"):
        assert world.of(kind) == list(range(300))
    place = {entry: number for number, entry in enumerate(world.log)}
    for offset in range(300):
        assert place["sent", offset] < place["kept", offset] < place["acked", offset]
    assert lane.oldest("t") is None
    assert lane.done("t") == 300


async def test_a_step_sees_what_comes_next_before_it_decides(lane_of):
    world = World()
    lane = lane_of(world)
    await acknowledged(lane, world, 200)
    assert [offset for batch in lane.step.batches for offset in batch] == lane.step.seen == list(range(200))
    assert max(len(batch) for batch in lane.step.batches) > 1


async def test_later_messages_are_decided_while_earlier_ones_are_on_their_way(lane_of):
    world = World(at_once=False)
    lane = lane_of(world)
    for offset in range(2 * BATCH_MESSAGES):
        await lane.put(message(offset))
    await until(lambda: len(world.pending) == 2 * BATCH_MESSAGES)
    assert world.of("acked") == world.of("kept") == []
    assert lane.oldest("t").offset == 0
    for delivery in world.pending:
        delivery.set_result(None)
    await until(lambda: len(world.of("acked")) == 2 * BATCH_MESSAGES)


async def test_nothing_is_acknowledged_before_its_rows_are_kept(lane_of):
    world = World()
    world.may_keep.clear()
    lane = lane_of(world)
    await lane.put(message(0))
    await until(lambda: world.of("sent") == [0])
    assert world.of("acked") == [] == lane.step.stored
    world.may_keep.set()
    await until(lambda: world.of("acked") == [0])
    assert lane.step.stored == ["0"]


async def test_a_failed_delivery_stops_the_lane_and_acknowledges_nothing(lane_of):
    world = World(at_once=False)
    lane = lane_of(world)
    for offset in range(3):
        await lane.put(message(offset))
    await until(lambda: len(world.pending) == 3)
    world.pending[0].set_result(None)
    world.pending[1].set_exception(ConnectionError("no broker"))
    world.pending[2].set_result(None)
    await until(lambda: world.error is not None)
    assert str(world.error) == "a message could not be delivered: no broker"
    assert world.of("acked") == []


async def test_a_full_lane_makes_its_reader_wait_and_a_closed_one_lets_it_go(lane_of):
    world = World(at_once=False)
    lane = lane_of(world)
    offset = 0

    async def pour():
        nonlocal offset
        while True:
            await lane.put(message(offset))
            offset += 1

    pouring = asyncio.create_task(pour())
    await until(lambda: offset >= WAITING_MESSAGES)
    settled = -1
    while settled != offset:
        settled = offset
        await asyncio.sleep(0.05)
    assert offset < 4 * WAITING_MESSAGES
    pouring.cancel()
    waiting = asyncio.create_task(lane.put(message(offset)))
    await lane.close()
    async with asyncio.timeout(5):
        await waiting
    assert world.of("acked") == []


async def test_draining_finishes_what_was_begun_and_gives_up_the_rest(lane_of):
    world = World(at_once=False)
    lane = lane_of(world)
    for offset in range(WAITING_MESSAGES):
        await lane.put(message(offset))
    await until(lambda: len(world.pending) >= BATCH_MESSAGES)
    draining = asyncio.create_task(lane.drain())
    while not draining.done():
        for delivery in world.pending:
            if not delivery.done():
                delivery.set_result(None)
        await asyncio.sleep(0)
    acked = world.of("acked")
    assert acked == list(range(len(acked)))
    assert acked == world.of("sent")
    assert len(acked) >= BATCH_MESSAGES


class Waiting(Step):
    """A step for which something is due once, when the clock says so."""

    def __init__(self):
        super().__init__()
        self.due = [5.0]

    def tick(self, now):
        if not self.due or now < self.due[0]:
            return Effects()
        return Effects(self(message(77)).emissions, [("77", b"row")])

    def apply(self, puts):
        if puts:
            self.due = []


async def test_what_is_due_without_a_message_is_sent_and_then_stored_once():
    world, moments = World(), iter(range(10_000))
    with ThreadPoolExecutor(1) as executor:
        lane = Lane(Waiting(), world, executor, Ticks(3, seconds=0.001, clock=lambda: float(next(moments))))
        lane.open()
        await until(lambda: world.of("kept") == [77])
        await lane.put(message(1))
        await until(lambda: world.of("acked") == [1])
        await lane.close()
    assert world.of("sent") == [77, 1]
    assert world.log.index(("sent", 77)) < world.log.index(("kept", 77))
    assert next(moments) > 5
    assert world.error is None


async def test_a_lane_of_the_past_begins_a_batch_when_it_is_its_turn(lane_of):
    world, may = World(), asyncio.Event()
    with ThreadPoolExecutor(1) as executor:
        lane = Lane(Step(), world, executor, turn=may.wait)
        lane.open()
        for offset in range(3):
            await lane.put(message(offset))
        for _ in range(20):
            await asyncio.sleep(0)
        assert world.log == []
        assert lane.unfinished == 3
        may.set()
        await until(lambda: world.of("acked") == [0, 1, 2])
        assert lane.unfinished == 0
        await lane.close()
