"""Posts from a file, published as they stand."""

import pytest

from connectors.replay import CHUNK, as_backfill, publish_file, read_posts
from schemas.errors import Misconfigured, Undecodable
from tests.shell.connectors.test_runner import MemorySink

GOOD = (
    '{"source":{"id":"s","kind":"feed"},"native_id":"%d","text":"نص","published_at":"2026-01-01T00:00:00Z","gold":{}}\n'
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "posts.jsonl"


async def test_all_posts_arrive_in_order(file):
    file.write_text("\n".join(GOOD % n for n in range(CHUNK + 3)), "utf-8")
    sink = MemorySink()
    assert await publish_file(file, sink) == CHUNK + 3
    assert [post.native_id for post in sink.posts] == [str(n) for n in range(CHUNK + 3)]
    assert sink.stored == {}
    await publish_file(file, sink, change=as_backfill)
    assert sink.posts[-1].backfill


async def test_a_bad_line_is_named(file):
    file.write_text(GOOD % 1 + "{}\n" + GOOD % 2, "utf-8")
    with pytest.raises(Undecodable, match=r"posts\.jsonl:2: not a Post"):
        list(read_posts(file))
    told = []
    assert [post.native_id for post in read_posts(file, told.append)] == ["1", "2"]
    assert len(told) == 1
    with pytest.raises(Misconfigured, match="cannot be read"):
        list(read_posts(file.parent / "none"))
