"""The worker stops when most messages are set aside, and only then."""

import pytest

from agents.breaker import FEWEST, Breaker


@pytest.mark.parametrize(("share", "good"), [(0.5, 500), (0.1, 900)])
def test_it_trips_above_its_share(share, good):
    breaker = Breaker(share, lambda: 0.0)
    told = [breaker.told(number >= good) for number in range(1000)]
    assert set(told) == {None}
    assert breaker.told(True) == f"{1001 - good} of the last 1001 messages could not be read"


def test_a_few_bad_messages_conclude_nothing():
    breaker = Breaker(0.5, lambda: 0.0)
    assert [breaker.told(True) for _ in range(FEWEST - 1)] == [None] * (FEWEST - 1)
    assert breaker.told(True) is not None


def test_it_forgets_after_a_minute():
    now = [0.0]
    breaker = Breaker(0.5, lambda: now[0])
    for _ in range(FEWEST - 1):
        breaker.told(True)
    now[0] = 61.0
    assert [breaker.told(True) for _ in range(FEWEST - 1)] == [None] * (FEWEST - 1)


def test_all_may_be_rejected_where_that_is_wanted():
    breaker = Breaker(1.0, lambda: 0.0)
    assert {breaker.told(True) for _ in range(500)} == {None}
