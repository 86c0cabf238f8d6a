"""Posts from a file of JSON lines, published as they stand.

A replay source has no cursor of its own kind: it hands over what the file holds, in order, and ends.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from connectors.base import Batch, Sink
from schemas.codec import decode
from schemas.errors import Misconfigured, Undecodable
from schemas.records import Post

CHUNK: Final = 500
"""Posts that are awaiting acknowledgement at the same time."""


def read_posts(path: Path, on_bad_line: Callable[[str], None] | None = None) -> Iterator[Post]:
    """The posts of a file in the contract's form, in order; empty lines are skipped.

    Args:
        path: JSON lines, UTF-8.
        on_bad_line: told `file:line: what is wrong` for every line that is not a post, which is then left out;
            None makes the first such line an error.

    Raises:
        Misconfigured: the file cannot be read.
        Undecodable: a line is not a post and nobody is there to be told.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield decode(line, Post)
                    except Undecodable as error:
                        sentence = f"{path}:{number}: {error}"
                        if on_bad_line is None:
                            raise Undecodable(sentence) from error
                        on_bad_line(sentence)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}).") from error


async def publish_file(
    path: Path,
    sink: Sink,
    *,
    on_bad_line: Callable[[str], None] | None = None,
    change: Callable[[Post], Post] | None = None,
) -> int:
    """Publish every post of a file, in order; gives how many.

    Args:
        path: JSON lines.
        sink: where to; no cursor is stored.
        on_bad_line: see `read_posts`.
        change: applied to every post before it is published, for example to mark it as backfill.

    Raises:
        Misconfigured: the file cannot be read.
        Undecodable: see `read_posts`.
    """
    count = 0
    async for posts in _chunks(read_posts(path, on_bad_line)):
        ready = tuple(change(post) for post in posts) if change else posts
        await sink.deliver(Batch(source_id=posts[0].source.id, posts=ready))
        count += len(ready)
    return count


def as_backfill(post: Post) -> Post:
    """The post marked as read from the past on purpose."""
    return msgspec.structs.replace(post, backfill=True)


async def _chunks(posts: Iterator[Post]) -> AsyncIterator[tuple[Post, ...]]:
    while chunk := tuple(islice(posts, CHUNK)):
        yield chunk
