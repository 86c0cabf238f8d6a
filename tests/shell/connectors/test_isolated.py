"""Documents made to keep a parser busy are given up, and the next one is read."""

import io
import os
import pickle
from pathlib import Path

import pytest

from connectors.feeds.cell import _Believed
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.isolated import Parsers

GOOD = b'<rss version="2.0"><channel>' + b"<item><title>t</title></item>" * 10 + b"</channel></rss>"
HARD = b"<!-- x -->" * 2_000_000


async def read(parsers, body):
    return await parsers.parse(body, content_type=None, url="http://a.example/")


def process_of(parsers):
    return parsers.cells.cells[0].process


async def test_short_documents_need_no_helper():
    async with Parsers() as parsers:
        assert isinstance(await read(parsers, GOOD), Document)
        assert process_of(parsers) is None


async def test_a_document_that_takes_too_long_is_given_up_and_the_helper_with_it():
    async with Parsers(limit_seconds=30, long_bytes=100) as parsers:
        assert len((await read(parsers, GOOD)).entries) == 10
        first = process_of(parsers)
        assert len((await read(parsers, GOOD)).entries) == 10
        assert process_of(parsers) is first
        parsers.cells.cells[0].limit_seconds = 0.5
        found = await read(parsers, HARD)
        assert isinstance(found, NotAFeed)
        assert found.kind == "too_hard"
        assert first.returncode is not None
        parsers.cells.cells[0].limit_seconds = 30
        assert len((await read(parsers, GOOD)).entries) == 10
        last = process_of(parsers)
    assert last.returncode is not None


async def test_a_helper_that_dies_is_replaced():
    async with Parsers(limit_seconds=30, long_bytes=100) as parsers:
        await read(parsers, GOOD)
        process_of(parsers).kill()
        answers = [await read(parsers, GOOD), await read(parsers, GOOD)]
        assert isinstance(answers[1], Document)


async def test_a_helper_knows_no_secrets_and_only_our_own_classes_are_believed(monkeypatch):
    monkeypatch.setenv("MARQAB_SECRET_COOKIE", "opensesame")
    async with Parsers(limit_seconds=30, long_bytes=100) as parsers:
        await read(parsers, GOOD)
        environ = Path(f"/proc/{process_of(parsers).pid}/environ")
        if environ.exists():
            assert b"opensesame" not in environ.read_bytes()
    for told in (os.system, print, Path, eval):
        with pytest.raises(pickle.UnpicklingError, match="does not belong"):
            _Believed(io.BytesIO(pickle.dumps(told))).load()
    document = Document(format="rss20", title="t")
    assert _Believed(io.BytesIO(pickle.dumps(document))).load() == document
