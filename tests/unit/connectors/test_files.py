import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Batch
from connectors.files import FileSink
from schemas.codec import decode
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind
from schemas.records import Post, Source

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def post(native_id, text="نص", source="s", fetched=NOON):
    return Post(
        source=Source(id=source, kind=SourceKind.FEED),
        native_id=native_id,
        text=text,
        published_at=NOON,
        fetched_at=fetched,
    )


def lines(path):
    return [decode(line, Post).native_id for line in path.read_bytes().splitlines()]


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "out" / "posts.jsonl", tmp_path / "cursors"


async def test_posts_and_cursor_survive_a_restart(paths):
    sink = FileSink(*paths)
    await sink.deliver(Batch(source_id="s", posts=(post("1"), post("2")), position={"n": 2}))
    again = FileSink(*paths)
    assert await again.positions() == {"s": {"n": 2}}
    await again.deliver(Batch(source_id="s", posts=(post("3"),), position={"n": 3}))
    assert lines(paths[0]) == ["1", "2", "3"]


async def test_posts_whose_cursor_was_not_stored_are_not_written_twice(paths):
    sink = FileSink(*paths)
    await sink.deliver(Batch(source_id="s", posts=(post("1"),), position={"n": 1}))
    await sink.deliver(Batch(source_id="s", posts=(post("2"), post("3"))))  # the crash comes before the cursor
    again = FileSink(*paths)
    later = NOON + timedelta(minutes=5)
    batch = Batch(source_id="s", posts=(post("2", fetched=later), post("3", "edited"), post("4")), position={"n": 4})
    await again.deliver(batch)
    assert lines(paths[0]) == ["1", "2", "3", "3", "4"]


async def test_a_torn_line_is_cut_off(paths):
    sink = FileSink(*paths)
    await sink.deliver(Batch(source_id="s", posts=(post("1"),), position={"n": 1}))
    with paths[0].open("ab") as file:
        file.write(b'{"source":{"id":"s","kind"')
    again = FileSink(*paths)
    await again.deliver(Batch(source_id="s", posts=(post("2"),), position={"n": 2}))
    assert lines(paths[0]) == ["1", "2"]


async def test_an_output_that_was_removed_or_replaced_is_begun_anew(paths):
    sink = FileSink(*paths)
    await sink.deliver(Batch(source_id="s", posts=(post("1"), post("2")), position={"n": 2}))
    paths[0].unlink()
    again = FileSink(*paths)
    await again.deliver(Batch(source_id="s", posts=(post("3"),), position={"n": 3}))
    assert lines(paths[0]) == ["3"]


async def test_a_failed_write_is_taken_back(paths, monkeypatch):
    sink = FileSink(*paths)
    await sink.deliver(Batch(source_id="s", posts=(post("1"),), position={"n": 1}))

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await sink.deliver(Batch(source_id="s", posts=(post("2"),), position={"n": 2}))
    assert lines(paths[0]) == ["1"]
    await sink.deliver(Batch(source_id="s", posts=(post("2"),), position={"n": 2}))
    assert lines(paths[0]) == ["1", "2"]


async def test_batches_of_many_sources_do_not_mix(paths):
    sink = FileSink(*paths)
    await asyncio.gather(
        *(
            sink.deliver(
                Batch(source_id=f"s{n}", posts=tuple(post(f"{n}-{i}", source=f"s{n}") for i in range(5)), position={})
            )
            for n in range(20)
        )
    )
    seen = lines(paths[0])
    assert len(seen) == 100
    assert all(seen[i].split("-")[0] == seen[i - i % 5].split("-")[0] for i in range(100))


def test_a_damaged_cursor_is_told(paths):
    paths[1].mkdir(parents=True)
    (paths[1] / "s.cursor.json").write_text("{")
    with pytest.raises(Misconfigured, match="Delete it"):
        FileSink(*paths)
