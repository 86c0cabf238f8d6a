"""Whatever is dropped between the Kafka client and a lane: every message comes through, once, in order."""

import asyncio
from types import SimpleNamespace

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from agents import intake as intake_module
from agents.app.reader import Start, Thread
from agents.continuity import Verdict, judge
from agents.intake import BEHIND_TIMES, Intake
from schemas.metrics import NoMeter

PLACE = TP("marqab.posts", 0)


class Meter(NoMeter):
    def __init__(self):
        self.counts = {}

    def count(self, name, value=1, **labels):
        super().count(name, value, **labels)
        self.counts[name] = self.counts.get(name, 0) + value


class Log:
    """A partition, its client, and the way from there to the intake, on which anything may be dropped."""

    def __init__(self, offsets, begins=0):
        self.offsets, self.begins, self.at, self.on_the_way = offsets, begins, begins, []
        self.client = SimpleNamespace(handed={PLACE: begins})

    def fetch(self, count):
        found = [offset for offset in self.offsets if offset >= self.at][:count]
        if found:
            self.at = found[-1] + 1
        fetched = Thread._hand_out(self.client, PLACE, [SimpleNamespace(offset=offset) for offset in found])
        self.on_the_way += fetched

    # what the intake asks of Faust's consumer

    async def read_again(self, place, offset):
        self.at = self.client.handed[place] = offset

    async def earliest_offsets(self, *places):
        return dict.fromkeys(places, self.begins)

    def handed(self, place):
        return self.client.handed.get(place)


class Taken:
    """A lane that finishes at once."""

    def __init__(self):
        self.offsets = []

    def oldest(self, topic):
        return None

    def done(self, topic):
        return self.offsets[-1] + 1 if self.offsets else None

    async def put(self, message):
        self.offsets.append(message.offset)


def reading(log, begins=0):
    """An intake with one lane on this log."""
    intake, lane = Intake(SimpleNamespace(consumer=log), Meter()), Taken()
    intake.begin({PLACE: lane}, {PLACE: Start(committed=None, earliest=begins)})
    return intake, lane


def message(fetched):
    return SimpleNamespace(
        tp=PLACE,
        topic=PLACE.topic,
        partition=0,
        offset=fetched.record.offset,
        follows=fetched.follows,
        timestamp=1.0,
        key=b"k",
        value=b"v",
        headers=(),
    )


async def through(log, intake, *, lost=lambda: False):
    while log.on_the_way:
        fetched = log.on_the_way.pop(0)
        if not lost():
            await intake.take(message(fetched))


MOVES = st.lists(st.tuples(st.integers(1, 9), st.lists(st.booleans(), max_size=9), st.integers(0, 9)), max_size=25)


@given(st.sets(st.integers(0, 60), min_size=1), MOVES)
def test_whatever_is_dropped_everything_comes_through_in_order(offsets, moves):
    """The law: a dropped fetch can never be passed over. Holes in the log are none."""
    asyncio.run(_dropping(sorted(offsets), moves))


async def _dropping(offsets, moves):
    intake_module.SEEK_AGAIN_SECONDS, before = 0.0, intake_module.SEEK_AGAIN_SECONDS
    try:
        log = Log(offsets)
        intake, lane = reading(log)
        for count, drops, delivered in moves:
            log.fetch(count)
            for _ in range(min(delivered, len(log.on_the_way))):
                fetched = log.on_the_way.pop(0)
                if not (drops and drops.pop()):
                    await intake.take(message(fetched))
            if drops and drops[0]:
                log.on_the_way.clear()  # a queue emptied at a rebalance
            assert lane.offsets == offsets[: len(lane.offsets)]
            assert intake.finished_offsets().get(PLACE, 0) == (lane.offsets[-1] + 1 if lane.offsets else 0)
        for _ in range(len(offsets) + 3):
            log.fetch(100)
            await through(log, intake)
            for _ in range(BEHIND_TIMES):
                await intake.look_for_dropped()
        assert lane.offsets == offsets
    finally:
        intake_module.SEEK_AGAIN_SECONDS = before


async def test_the_first_message_dropped_is_read_again_at_once():
    log = Log([0, 1, 2])
    intake, lane = reading(log)
    log.fetch(3)
    log.on_the_way.pop(0)
    await through(log, intake)
    assert lane.offsets == []
    log.fetch(3)
    await through(log, intake)
    assert lane.offsets == [0, 1, 2]
    assert intake._meter.counts == {"marqab_reads_repeated_total": 1}


async def test_the_last_message_dropped_is_noticed_though_nothing_follows_it():
    log = Log([0, 1, 2])
    intake, lane = reading(log)
    log.fetch(2)
    await through(log, intake)
    log.fetch(1)
    log.on_the_way.clear()
    for _ in range(BEHIND_TIMES):
        assert log.at == 3
        await intake.look_for_dropped()
    log.fetch(1)
    await through(log, intake)
    assert lane.offsets == [0, 1, 2]


async def test_messages_that_retention_deleted_are_counted_and_said(caplog):
    log = Log([7, 8], begins=7)
    log.at = log.client.handed[PLACE] = 3  # where it was read up to; aiokafka goes on at the earliest by itself
    intake, lane = reading(log, begins=3)
    log.fetch(2)
    await through(log, intake)
    assert lane.offsets == [7, 8]
    assert intake._meter.counts == {"marqab_messages_expired_total": 4}
    assert "4 messages from 3 on were deleted by the broker's retention" in caplog.text


async def test_compacted_offsets_are_no_loss():
    log = Log([2, 9])
    intake, lane = reading(log)
    log.fetch(2)
    await through(log, intake)
    assert lane.offsets == [2, 9]
    assert intake._meter.counts == {}


async def test_a_log_that_lost_its_end_is_read_anew(caplog):
    log = Log([0, 1, 2, 3])
    intake, lane = reading(log)
    log.fetch(4)
    await through(log, intake)
    log.offsets, log.at = [0, 1, 2], 0  # an unclean election: the end is gone, and aiokafka starts at the earliest
    log.fetch(3)
    await through(log, intake)
    assert lane.offsets == [0, 1, 2, 3, 0, 1, 2]
    assert "its end was lost" in caplog.text


async def test_without_a_lane_nothing_is_taken_and_nothing_is_lost():
    log = Log([0, 1])
    intake, lane = reading(log)
    lanes, intake.lanes = intake.lanes, {}
    log.fetch(1)
    await through(log, intake)
    intake.lanes = lanes
    log.fetch(1)
    await through(log, intake)
    assert lane.offsets == []
    log.fetch(2)
    await through(log, intake)
    assert lane.offsets == [0, 1]


def test_verdicts():
    assert judge(5, 5, 5) is Verdict.NEXT
    assert judge(5, 9, 5) is Verdict.NEXT
    assert judge(5, 9, 4) is Verdict.NEXT
    assert judge(5, 9, 6) is Verdict.MISSING
    assert judge(5, 4, 4) is Verdict.KNOWN
    assert judge(5, 2, None) is Verdict.CUT
