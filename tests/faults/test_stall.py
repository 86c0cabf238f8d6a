"""The silent stall: `/readyz` says it, the log where every task stands, the process ends, the next one goes on."""

import asyncio
import contextlib
import os
import re
import sys

import aiohttp
import pytest

from deploy.kafka.cluster import free_port
from tests.contracts.harness import publish, worked_off
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, unsettled, until_committed
from tests.paths import ROOT

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

HEARD, STALLED_SECONDS = 20, 15
"""Messages after which it is deaf, and after how long it ends itself."""


async def start(broker, folder, port, *arguments) -> asyncio.subprocess.Process:
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "EMBEDDED_BROKER": "1" if broker.kind == "embedded" else "0",
        "TOPIC_PREFIX": broker.prefix,
        "APP_ID": broker.app_id,
        "PARTITIONS": "1",
        "WORKER_PORT": str(port),
        "STATE_DIR": str(folder),
        "SETTLE_SECONDS": "0",
        "LOG_FORMAT": "text",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        env={**kept, **{f"MARQAB_{name}": value for name, value in told.items()}},
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


@contextlib.asynccontextmanager
async def running(broker, folder, port, *arguments):
    process = await start(broker, folder, port, *arguments)
    said = asyncio.ensure_future(process.stderr.read())
    try:
        yield process, said
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await said


async def unready(port: int) -> tuple[int, str]:
    """The status and the words of /readyz once the worker stands still."""
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    told = (await answer.json())["checks"]["worker"]["reason"]
                    if "no progress" in told:
                        return answer.status, told
            await asyncio.sleep(0.2)


async def test_a_consumer_that_hangs_is_told_by_readyz_and_ends_the_process(broker, tmp_path):
    await broker.create_topics(1)
    port = free_port()
    async with running(broker, tmp_path, port, "tests.faults.deaf", str(HEARD), str(STALLED_SECONDS)) as (deaf, said):
        await publish(broker, STORY[:HEARD])
        await until_committed(broker, 1)
        await publish(broker, STORY[HEARD:])
        async with asyncio.timeout(PATIENCE_SECONDS):
            status, reason = await unready(port)
            assert status == 503
            assert int(re.search(r"(\d+) messages wait in \d partitions", reason)[1]) >= len(STORY) - HEARD
            assert deaf.returncode is None, "it says so before it ends"
            assert await deaf.wait() == 1, "its supervisor starts it again"
        log = (await said).decode()
        assert "no progress for" in log
        assert "Stack for <Task" in log
    async with running(broker, tmp_path, port, "marqab", "worker") as (healthy, _):
        await worked_off(broker, seconds=PATIENCE_SECONDS)
        assert healthy.returncode is None
    assert await alerts(broker) == unsettled()
