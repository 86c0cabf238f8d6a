"""`marqab backfill` from the command line, against a local server."""

import json

import pytest
from click.testing import CliRunner

from marqab.__main__ import main
from schemas.codec import decode
from schemas.records import Post
from tests.shell.connectors.test_feeds import page, serving
from tests.shell.in_thread import running

ITEM = '<item><guid isPermaLink="false">1</guid><title>خبر</title><pubDate>05 Jan 2026 10:00:00 GMT</pubDate></item>'


def run(*arguments):
    return CliRunner().invoke(main, ["backfill", *map(str, arguments)], env={"MARQAB_FETCH_ALLOW_PRIVATE": "1"})


@pytest.fixture
def files(tmp_path):
    return tmp_path / "sources.toml", tmp_path / "posts.jsonl", tmp_path / "cursors"


def test_the_past_is_written_and_marked(files):
    sources, output, cursors = files
    with running(serving()) as server:
        server.scripts["/f"] = [page(f'<rss version="2.0"><channel>{ITEM}</channel></rss>')]
        sources.write_text(f'[[source]]\nid = "a"\nkind = "feed"\nurl = "{server.base}/f"\n')
        done = run("a", "--since", "2026-01-01", "--sources", sources, "--output", output, "--cursors", cursors)
    assert done.exit_code == 0, done.output
    assert "1 posts of a since 2026-01-01" in done.output
    assert decode(output.read_bytes().splitlines()[0], Post).backfill


def test_an_export_is_written_and_marked_without_asking_anybody(files, tmp_path):
    sources, output, cursors = files
    sources.write_text('[[source]]\nid = "c"\nkind = "telegram"\nchannel = "raqqa_now"\nchannel_id = 1001\n')
    rows = [
        {"id": n, "type": "message", "date": "", "date_unixtime": str(1767254400 + n), "text": f"نص {n}"}
        for n in range(1, 4)
    ]
    export = tmp_path / "result.json"
    export.write_text(json.dumps({"id": 1001, "name": "n", "type": "public_channel", "messages": rows}))
    told = ("c", "--export", export, "--sources", sources, "--output", output, "--cursors", cursors)
    assert "0 posts of c since 2027-01-01" in run(*told, "--since", "2027-01-01").output
    done = run(*told)
    assert done.exit_code == 0, done.output
    assert "3 posts of c published as backfill" in done.output
    posts = [decode(line, Post) for line in output.read_bytes().splitlines()]
    assert [(post.native_id, post.backfill, post.url) for post in posts] == [
        (f"tg:1001:{n}", True, f"https://t.me/raqqa_now/{n}") for n in range(1, 4)
    ]
    assert "0 posts of c" in run(*told).output


def test_mistakes_are_told(files):
    sources, output, cursors = files
    sources.write_text('[[source]]\nid = "a"\nkind = "feed"\nurl = "https://a.example/f"\n')
    unknown = run("b", "--since", "2026-01-01", "--sources", sources, "--output", output, "--cursors", cursors)
    assert (unknown.exit_code, "no source “b”. It has: a" in unknown.output) == (2, True)
    alone = run("a", "--since", "2026-01-01", "--sources", sources, "--output", output)
    assert (alone.exit_code, "belong together" in alone.output) == (2, True)
    nothing = run("a", "--sources", sources, "--output", output, "--cursors", cursors)
    assert (nothing.exit_code, "--export" in nothing.output) == (2, True)
    assert run("a", "--since", "yesterday", "--sources", sources).exit_code == 2
