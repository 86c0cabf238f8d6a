"""A connector for the soak: publishes a file of posts at a pace, cursor and all, and goes on where it was when killed.

Usage: python -m benchmarks.soak_connector BOOTSTRAP PREFIX POSTS.jsonl POSTS_PER_SECOND BEGAN MINUTES MOST_WAITING

The pace counts from BEGAN (seconds since 1970), so what was missed while it was dead is made up for. It ends when the
file or the time does. While more than MOST_WAITING messages wait for the workers it publishes nothing: on a machine
that is too slow for the pace the backlog would grow for ever.
"""

import asyncio
import contextlib
import itertools
import logging
import sys
import time
from pathlib import Path

from aiokafka.errors import KafkaError

from benchmarks.soak_accounts import waiting
from connectors.base import Batch
from connectors.publish import KafkaSink
from schemas.codec import decode
from schemas.records import Post
from tests.contracts.conftest import Broker

SOURCE = "soak"
BATCH_SECONDS = 0.25
BATCH_POSTS = 500
ASK_SECONDS = 5.0


async def published(broker: Broker) -> dict[str, int]:
    """The cursor: how many lines, and bytes, of the file."""
    async with KafkaSink(broker.connection, prefix=broker.prefix) as sink:
        return {name: int(value) for name, value in (await _position(sink)).items()}


async def _position(sink: KafkaSink) -> dict[str, int]:
    return dict((await sink.positions()).get(SOURCE, {"line": 0, "byte": 0}))


class Pace:
    """How many posts are due."""

    def __init__(self, broker: Broker, per_second: float, began: float, most_waiting: int) -> None:
        self._broker, self._per_second, self._began, self._most_waiting = broker, per_second, began, most_waiting
        self.waiting = 0

    def due(self, done: int) -> int:
        """So many posts may be published now."""
        due = int((time.time() - self._began) * self._per_second) + 1 - done
        return 0 if self.waiting > self._most_waiting else max(0, min(due, BATCH_POSTS))

    async def watch(self) -> None:
        """Ask again and again how much waits."""
        while True:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(15):
                    self.waiting = await waiting(self._broker)
            await asyncio.sleep(ASK_SECONDS)


async def main(broker: Broker, file: Path, pace: Pace, until: float) -> None:
    """Publish to the end, in order."""
    watching = asyncio.create_task(pace.watch())
    async with KafkaSink(broker.connection, prefix=broker.prefix) as sink:
        position = await _position(sink)
        done = position["line"]
        with file.open("rb") as lines:
            lines.seek(position["byte"])
            while time.time() < until:
                due = pace.due(done)
                posts = tuple(decode(line, Post) for line in itertools.islice(iter(lines.readline, b""), due))
                if due and not posts:
                    break
                if posts:
                    done += len(posts)
                    position = {"line": done, "byte": lines.tell()}
                    await sink.deliver(Batch(source_id=SOURCE, posts=posts, position=position))
                if due < BATCH_POSTS:
                    await asyncio.sleep(BATCH_SECONDS)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


if __name__ == "__main__":
    logging.basicConfig(level="WARNING", format="%(asctime)s connector %(levelname)s %(name)s %(message)s")
    here = Broker("kafka", sys.argv[1], sys.argv[2], "soak")
    rate, start, minutes = (float(word) for word in sys.argv[4:7])
    asyncio.run(main(here, Path(sys.argv[3]), Pace(here, rate, start, int(sys.argv[7])), start + minutes * 60))
