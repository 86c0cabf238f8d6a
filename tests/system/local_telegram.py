"""The fake Telegram in a thread of its own, for connectors that run as a process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.mtproto.server import FakeTelegram

CHANNEL, CHANNEL_ID = "raqqa_now", 1001
WAIT_SECONDS = 2
"""What the first call for the channel's changes is told to wait."""


@contextmanager
def telegram_account() -> Iterator[dict[str, str]]:
    """Settings of an account that follows one channel with a few quiet messages, and meets one FloodWait."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        telegram = FakeTelegram()
        yield asyncio.run_coroutine_threadsafe(_begun(telegram), loop).result(20)
        asyncio.run_coroutine_threadsafe(telegram.__aexit__(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        loop.close()


async def _begun(telegram: FakeTelegram) -> dict[str, str]:
    await telegram.__aenter__()
    channel = telegram.world.add(CHANNEL_ID, CHANNEL)
    for number in range(3):
        telegram.post(channel, f"توقعات الطقس: أمطار متفرقة ({number})")  # a weather forecast
    telegram.flood("GetHistory", WAIT_SECONDS)
    return {
        "MARQAB_TELEGRAM_API_ID": "1",
        "MARQAB_TELEGRAM_API_HASH": "hash",
        "MARQAB_TELEGRAM_SESSION": telegram.session(),
        "MARQAB_TELEGRAM_SERVER": telegram.address,
    }
