from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds import pace
from connectors.feeds.pace import Bounds
from connectors.sources import SourceSettings
from schemas.kinds import SourceKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NORMAL = pace.TIERS["normal"]
moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


def hourly(count):
    return [NOON - timedelta(hours=n) for n in range(count)]


def test_a_busy_feed_is_asked_at_the_floor_and_a_silent_one_at_the_ceiling():
    busy = [NOON - timedelta(minutes=n) for n in range(60)]
    assert pace.after_success(NORMAL, busy, NOON, None, 0) == NORMAL.floor
    assert pace.after_success(NORMAL, [], NOON, None, 0) == NORMAL.ceiling
    assert pace.after_success(NORMAL, hourly(24), NOON, None, 0) == pytest.approx(3600 * 23 / 24 / 4)


def test_hints_lengthen_and_never_shorten_and_never_beyond_the_ceiling():
    assert pace.after_success(NORMAL, hourly(24), NOON, 1800, 0) == 1800
    assert pace.after_success(NORMAL, hourly(24), NOON, 1, 0) > 800
    assert pace.after_success(pace.TIERS["breaking"], hourly(24), NOON, 36 * 3600, 0) == 900


@given(
    st.lists(moments, max_size=50),
    st.none() | st.floats(0, 1e7),
    st.floats(-1, 1),
    st.sampled_from([*pace.TIERS.values()]),
)
def test_every_interval_keeps_to_its_limits_but_for_the_jitter(published, hint, jitter, limits):
    seconds = pace.after_success(limits, published, NOON, hint, jitter)
    assert limits.floor * 0.9 <= seconds <= limits.ceiling * 1.1


@given(st.integers(1, 10_000), st.floats(-1, 1))
def test_a_failing_feed_is_asked_less_often_and_never_given_up(failures, jitter):
    seconds = pace.after_failure(NORMAL, failures, jitter)
    assert NORMAL.floor < seconds <= pace.DAY * 1.1
    assert pace.after_failure(NORMAL, failures + 1, 0) >= pace.after_failure(NORMAL, failures, 0)


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e9), st.floats(-1, 1))
def test_throttling_waits_at_least_as_long_as_asked(failures, asked, jitter):
    seconds = pace.after_throttling(failures, asked, jitter)
    assert seconds >= (min(asked, pace.DAY) if asked is not None else pace.THROTTLED_SECONDS)
    assert seconds <= pace.DAY * 1.1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Thu, 01 Jan 2026 12:05:00 GMT", 300),
        ("Thu, 01 Jan 2026 11:00:00 GMT", None),
        ("soon", None),
        (None, None),
        ("", None),
        ("-5", None),
        ("9" * 30, 366 * pace.DAY),
    ],
)
def test_retry_after(value, seconds):
    assert pace.retry_after_seconds(value, NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "ttl", "seconds"),
    [
        ({}, None, None),
        ({"cache-control": "public, max-age=600"}, None, 600),
        ({"cache-control": 's-maxage=99, max-age="60"'}, None, 60),
        ({"cache-control": "no-cache, max-age=600"}, None, None),
        ({"expires": "Thu, 01 Jan 2026 13:00:00 GMT"}, 60, 3600),
        ({"expires": "0"}, None, None),
        ({"expires": "-1"}, 1800, 1800),
    ],
)
def test_hints(headers, ttl, seconds):
    assert pace.hint_seconds(headers, ttl, NOON) == seconds


def test_a_source_may_set_its_own_limits():
    source = SourceSettings(id="s", kind=SourceKind.FEED, url="https://a.example/", interval_seconds=10)
    assert pace.bounds(source) == Bounds(10, NORMAL.ceiling)
    long = SourceSettings(id="s", kind=SourceKind.FEED, url="https://a.example/", interval_seconds=90_000)
    assert pace.bounds(long) == Bounds(90_000, 90_000)
