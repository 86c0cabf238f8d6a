"""A connector for the soak: publishes a file of posts at a pace, cursor and all, and goes on where it was when killed.

Usage: python -m benchmarks.soak_connector BOOTSTRAP PREFIX POSTS.jsonl POSTS_PER_SECOND
"""

import asyncio
import sys
import time
from pathlib import Path

from connectors.base import Batch
from connectors.publish import KafkaSink
from schemas.codec import decode
from schemas.records import Post

SOURCE = "soak"
BATCH_SECONDS = 0.25


async def main(bootstrap: str, prefix: str, lines: list[bytes], per_second: float) -> None:
    """Publish to the end, in order."""
    async with KafkaSink({"bootstrap_servers": bootstrap}, prefix=prefix) as sink:
        done = int((await sink.positions()).get(SOURCE, {"line": 0})["line"])
        began, first = time.monotonic(), done
        while done < len(lines):
            due = min(len(lines), first + int((time.monotonic() - began) * per_second) + 1)
            if due > done:
                posts = tuple(decode(line, Post) for line in lines[done:due])
                await sink.deliver(Batch(source_id=SOURCE, posts=posts, position={"line": due}))
                done = due
            await asyncio.sleep(BATCH_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3], Path(sys.argv[3]).read_bytes().splitlines(), float(sys.argv[4])))
