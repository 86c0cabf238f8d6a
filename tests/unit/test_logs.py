"""What libraries tell again and again, or without meaning anything, does not drown what matters."""

import asyncio
import logging
import ssl

import pytest

from marqab import logs


def broken(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] (_ssl.c:1)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (broken("APPLICATION_DATA_AFTER_CLOSE_NOTIFY"), False),  # the server answered while we said good-bye
        (broken("CERTIFICATE_VERIFY_FAILED"), True),
        (ValueError("anything else"), True),
    ],
)
async def test_what_nobody_took_is_told_unless_it_is_a_farewell(error, told, caplog):
    asyncio_log = logging.getLogger("asyncio")
    before = asyncio_log.filters[:]
    logs.without_farewells()
    try:
        asyncio.get_running_loop().call_exception_handler({"message": "never retrieved", "exception": error})
    finally:
        asyncio_log.filters[:] = before
    assert ("never retrieved" in caplog.text) is told


def told(lines: list[tuple[float, str, str]]) -> list[str]:
    """What passes of (seconds, logger, values) told with one and the same sentence."""
    repeats, passed = logs.Repeats(seconds=10), []
    for at, name, node in lines:
        record = logging.LogRecord(name, logging.ERROR, "", 0, "no connection to node %s", (node,), None)
        record.created = 1_000.0 + at
        if repeats.filter(record):
            passed.append(record.getMessage())
    return passed


def test_a_library_that_repeats_itself_is_told_once_and_then_counted():
    thirty_a_second = [(number / 30, "aiokafka.client", "1") for number in range(330)]  # for eleven seconds
    assert told(thirty_a_second) == [
        "no connection to node 1",
        "no connection to node 1 (and 299 times more since it was last told)",
    ]


def test_what_is_said_rarely_or_by_another_passes():
    assert len(told([(0, "aiokafka.client", "1"), (10, "aiokafka.client", "1")])) == 2
    assert len(told([(0, "aiokafka.client", "1"), (0, "aiokafka.conn", "1")])) == 2
    assert len(told([(0, "agents.lane", "1"), (0, "agents.lane", "1")])) == 2, "our own sentences all pass"


def test_a_clock_that_is_set_back_silences_nobody():
    assert len(told([(0, "aiokafka.client", "1"), (-3_600, "aiokafka.client", "1")])) == 2


def test_tracebacks_always_pass():
    repeats = logs.Repeats()
    failed = (ValueError, ValueError("x"), None)
    records = [logging.LogRecord("faust.worker", logging.ERROR, "", 0, "crashed", None, failed) for _ in range(3)]
    assert all(repeats.filter(record) for record in records)
