"""Partitions are on loan: who was silent for too long sends nothing that waited."""

from agents.lease import SHARE, Lease


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_holds_from_the_last_heartbeat_for_less_than_the_session():
    clock = Clock()
    lease = Lease(10, clock, clock)
    assert not lease.holds()
    lease.renew(clock.now)
    clock.now += SHARE * 10 - 0.1
    assert lease.holds()
    clock.now += 0.2
    assert not lease.holds()
    lease.renew(clock.now)
    assert lease.holds(), "it was a member all the time"
    assert not lease.lost_since(100)


def test_partitions_returned_in_good_order_are_not_lost():
    clock = Clock()
    lease = Lease(10, clock, clock)
    lease.renew(clock.now)
    lease.returned()
    assert not lease.lost_since(clock.now - 1)


def test_what_waited_when_a_silent_worker_lost_its_partitions_is_lost_for_good():
    clock = Clock()
    lease = Lease(10, clock, clock)
    lease.renew(clock.now)
    clock.now += 60
    lease.returned()
    clock.now += 1
    lease.renew(clock.now)
    assert lease.holds()
    assert lease.lost_since(100)
    assert not lease.lost_since(161), "what is decided after that goes out"


def test_a_machine_that_slept_was_silent_though_its_own_seconds_stood_still():
    """Batches are dated by a clock that stands still while the machine sleeps; the coordinator's session does not."""
    coordinators, batches = Clock(), Clock()
    lease = Lease(10, coordinators, batches)
    lease.renew(lease.now())
    coordinators.now += 3600
    assert not lease.holds()
    lease.returned()
    batches.now += 0.1
    lease.renew(lease.now())
    assert lease.lost_since(99.9)
    assert not lease.lost_since(batches.now)


def test_an_answer_that_comes_late_does_not_shorten_a_lease():
    clock = Clock()
    lease = Lease(10, clock, clock)
    lease.renew(105)
    lease.renew(101)
    clock.now = 113
    assert lease.holds()
