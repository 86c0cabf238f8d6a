"""Whatever its threads do, a worker's process ends when the worker has: its supervisor waits for that."""

import asyncio
import sys

from tests.paths import ROOT

HANGS = """
import logging, threading, time
from agents.app.service import _end_for_sure
logging.basicConfig()
threading.Thread(target=time.sleep, args=(600,)).start()
_end_for_sure(3, "It ends because the broker is away.")
"""


async def test_a_process_whose_thread_hangs_ends_all_the_same():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HANGS, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        _, told = await process.communicate()
    assert process.returncode == 3, told.decode()
    assert "the broker is away" in told.decode(), "the reason is told although nobody is left to tell it"
