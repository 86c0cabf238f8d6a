"""What asyncio tells of connections that were closed is told where it means something."""

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
