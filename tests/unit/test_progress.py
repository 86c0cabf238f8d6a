"""A worker is measured by what it finishes."""

import pytest

from agents.progress import Progress


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def working(clock):
    progress = Progress(clock)
    progress.revoked()
    progress.recovered(frozenset({("posts", 0)}))
    return progress


def test_it_is_not_ready_before_it_has_partitions_and_tables(clock):
    progress = Progress(clock)
    assert "waiting to be given partitions" in progress.reason()
    progress.revoked()
    progress.remaining(500)
    assert "500 messages to go" in progress.reason()
    progress.recovered(frozenset())
    assert progress.reason() is None


def test_messages_that_wait_while_nothing_is_finished_are_a_stall(clock, working):
    for _ in range(12):
        clock.now += 10
        working.measured({("posts", 0): 7}, {})
    assert working.reason() == "no progress for 120 s: 7 messages wait in 1 partitions"
    assert working.stalled(100) is not None
    assert working.stalled(121) is None
    working.done()
    assert working.reason() is None is working.stalled(100)


def test_silence_without_work_is_no_stall(clock, working):
    for _ in range(100):
        clock.now += 10
        working.measured({("posts", 0): 0}, {})
    assert working.reason() is None is working.stalled(60)


def test_a_broker_that_answers_nothing_is_a_stall(clock, working):
    clock.now += 200
    assert "the broker does not answer" in working.stalled(120)
    working.measured({}, {})
    assert working.stalled(120) is None


def test_a_recovery_that_moves_is_no_stall_and_one_that_stands_is(clock):
    progress = Progress(clock)
    progress.revoked()
    for left in range(20, 0, -1):
        clock.now += 100
        progress.remaining(left)
    assert progress.stalled(120) is None
    clock.now += 121
    progress.remaining(1)
    assert "recovery stands still, 1 messages to go" in progress.stalled(120)


def test_why_it_ends_is_said(working):
    working.broken = "no broker"
    assert working.reason() == "ending: no broker"
