"""A connector that reads one source once and kills itself with SIGKILL at a given point; run by test_law_one.

Usage: python -m tests.contracts.killed_connector SOURCE SETTINGS SINK POINT, where SOURCE and SETTINGS are JSON, SINK
is `kafka:BOOTSTRAP:PREFIX:IDEMPOTENT` or `files:FOLDER`, and POINT is `before:N` or `after:N` (of the N-th step towards
durability), or `never`.
"""

import asyncio
import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer

from connectors import files
from connectors.files import FileSink
from connectors.publish import KafkaSink
from connectors.runner import run
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings


class Killer:
    def __init__(self, point):
        self.moment, _, number = point.partition(":")
        self.number = int(number or 0)
        self.steps = 0

    def before(self):
        self.steps += 1
        self._maybe("before")

    def after(self):
        self._maybe("after")

    def _maybe(self, moment):
        if self.moment == moment and self.steps == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


def sink_of(text, killer):
    kind, _, rest = text.partition(":")
    if kind == "files":
        real_sync, real_replace = os.fsync, Path.replace

        def sync(handle):
            killer.before()
            real_sync(handle)
            killer.after()

        def replace(self, target):
            killer.before()
            real_replace(self, target)
            killer.after()

        files.os.fsync, files.Path.replace = sync, replace
        folder = Path(rest)
        return nullcontext(FileSink(folder / "posts.jsonl", folder / "cursors"))
    bootstrap, prefix, idempotent = rest.rsplit(":", 2)
    real_send = AIOKafkaProducer.send

    async def send(self, *arguments, **named):
        killer.before()
        future = await real_send(self, *arguments, **named)
        if killer.moment == "after" and killer.steps == killer.number:
            await future
            killer.after()
        return future

    AIOKafkaProducer.send = send
    return KafkaSink({"bootstrap_servers": bootstrap}, prefix=prefix, idempotent=idempotent == "True")


async def main(source_text, settings_text, sink_text, point):
    opened = sink_of(sink_text, Killer(point))
    source = msgspec.json.decode(source_text, type=SourceSettings)
    settings = ConnectorSettings(fetch_allow_private=True, **msgspec.json.decode(settings_text))
    if isinstance(opened, nullcontext):
        await run([source], opened.enter_result, settings, once=True)
        return
    async with opened as sink:
        sink.hold = None  # a killed holder is missed only after some seconds; that has tests of its own
        await run([source], sink, settings, once=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
