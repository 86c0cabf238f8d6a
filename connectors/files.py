"""Posts and cursors to files, without a broker: `marqab collect`.

Posts are appended as JSON lines and fsync'd; only then is the cursor written beside them (law 1). Batches are written
one after the other and every cursor remembers how long the output was, so after a crash exactly the lines behind the
longest remembered length are those whose cursor did not move: they are kept, and recognized when they come again.
"""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any, Final

import msgspec

from connectors.base import Batch, Position, note_delivered, utc_now
from schemas.codec import decode, encode
from schemas.errors import Misconfigured, Undecodable
from schemas.metrics import Meter, NoMeter
from schemas.records import Post
from schemas.records.base import Utc

log = logging.getLogger(__name__)

SUFFIX: Final = ".cursor.json"


class StoredCursor(msgspec.Struct, frozen=True, kw_only=True):
    """One cursor file."""

    source_id: str
    position: dict[str, Any]
    updated_at: Utc
    output: str
    """Absolute path of the file that the posts went to."""
    length: int
    """Bytes of that file when the cursor was written."""


class FileSink:
    """A `Sink` that appends posts to one file and keeps one cursor file per source in a folder."""

    def __init__(self, output: Path, cursors: Path, meter: Meter | None = None) -> None:
        """Open both, and mend what a crash left behind.

        Raises:
            Misconfigured: the file or the folder cannot be written.
        """
        self._output, self._folder = output.absolute(), cursors
        self._meter: Meter = meter or NoMeter()
        self._one_at_a_time = asyncio.Lock()
        self.posts_written = 0
        try:
            cursors.mkdir(parents=True, exist_ok=True)
            output.parent.mkdir(parents=True, exist_ok=True)
            self._stored = _read_folder(cursors)
            known = max((c.length for c in self._stored.values() if c.output == str(self._output)), default=None)
            self._unfinished = _mend(self._output, known)
        except OSError as error:
            raise Misconfigured(f"{error.filename or output} cannot be written ({error.strerror}).") from error

    async def positions(self) -> dict[str, Position]:
        """The cursors found in the folder."""
        return {source_id: cursor.position for source_id, cursor in self._stored.items()}

    async def deliver(self, batch: Batch) -> None:
        """Append and fsync the posts, then replace and fsync the cursor; see `connectors.base.Sink`.

        Raises:
            OSError: the disk is full or gone.
        """
        async with self._one_at_a_time:
            writing = asyncio.ensure_future(asyncio.to_thread(self._write, batch))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                # A thread cannot be stopped: whoever writes next must not start before it is done.
                await writing
                raise
        note_delivered(batch, self._meter, utc_now())

    def _write(self, batch: Batch) -> None:
        lines = [line for post in batch.posts if (line := self._line(post)) is not None]
        length = _append(self._output, b"".join(lines))
        self.posts_written += len(lines)
        if batch.position is not None:
            self._store(batch, length)

    def _line(self, post: Post) -> bytes | None:
        if _likeness(post) in self._unfinished:
            self._unfinished.discard(_likeness(post))
            return None
        try:
            return encode(post) + b"\n"
        except Undecodable:
            log.exception("post %s of %s cannot be written and is left out", post.native_id, post.source.id)
            self._meter.count("marqab_rejects_total", stage="connector", reason="unencodable")
            return None

    def _store(self, batch: Batch, length: int) -> None:
        cursor = StoredCursor(
            source_id=batch.source_id,
            position=dict(batch.position or {}),
            updated_at=utc_now(),
            output=str(self._output),
            length=length,
        )
        path = self._folder / (batch.source_id + SUFFIX)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(cursor))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync_folder(self._folder)


def _append(path: Path, lines: bytes) -> int:
    """Append durably and give the file's new length; a write that fails half-way is taken back."""
    with path.open("ab") as file:
        before = file.tell()
        if not lines:
            return before
        try:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, before)
            raise
        return file.tell()


def _likeness(post: Post) -> tuple[str, ...]:
    """What makes two lines the same post: not when it was fetched, nor dates that stand in for it."""
    return post.post_id, str(post.revision), post.title or "", post.text, str(post.deleted)


def _read_folder(folder: Path) -> dict[str, StoredCursor]:
    found = {}
    for path in sorted(folder.glob("*" + SUFFIX)):
        try:
            cursor = msgspec.json.decode(path.read_bytes(), type=StoredCursor)
        except msgspec.MsgspecError as error:
            raise Misconfigured(
                f"{path} is not a cursor ({error}). Delete it to read that source from its beginning again."
            ) from error
        found[cursor.source_id] = cursor
    return found


def _mend(output: Path, known_length: int | None) -> set[tuple[str, ...]]:
    """Cut a torn last line off the output; gives the likenesses of the posts whose cursor had not moved."""
    if not output.exists():
        return set()
    raw_length = output.stat().st_size
    # An output that is shorter than remembered was replaced by somebody: nothing in it is unfinished.
    start = known_length if known_length is not None and known_length <= raw_length else 0
    if known_length is not None and known_length > raw_length:
        start = raw_length
    with output.open("r+b") as file:
        file.seek(start)
        tail = file.read()
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            log.warning("%s ended in the middle of a line; %d bytes are cut off", output, len(tail) - whole)
            file.truncate(start + whole)
            file.flush()
            os.fsync(file.fileno())
    unfinished = set()
    for line in tail[:whole].splitlines():
        try:
            unfinished.add(_likeness(decode(line, Post)))
        except Undecodable:
            log.warning("%s holds a line that is not a post; it is left alone", output)
    return unfinished


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
