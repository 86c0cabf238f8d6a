"""`marqab sources` against a local site."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.sources import load_sources
from marqab.__main__ import main
from marqab.demo.server import serve
from tests.shell.in_thread import running


@pytest.fixture(autouse=True)
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQAB_FETCH_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("MARQAB_FETCH_HOST_SPACING_SECONDS", "0")


@asynccontextmanager
async def told() -> AsyncIterator[str]:
    began = datetime.now(UTC) - timedelta(minutes=5)
    async with serve(lambda: began, lambda: datetime.now(UTC)) as base:
        yield base


@pytest.fixture
def site() -> Iterator[str]:
    with running(told()) as base:
        yield base


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sources", *arguments])


def test_a_feed_is_described_in_words(site: str) -> None:
    shown = run("test", f"{site}/monitor/rss.xml")
    assert shown.exit_code == 0, shown.output
    assert "marqab sources add" in shown.output


def test_what_is_no_feed_is_not_added(site: str, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    shown = run("add", f"{site}/nothing-here", "--sources", str(file))
    assert shown.exit_code == 1, shown.output
    assert "Not added" in shown.output
    assert not file.exists()


def test_a_feed_is_added_once_and_the_file_stays_as_people_wrote_it(site: str, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('# mine\n[[source]]\nid = "old"\nkind = "feed"\nurl = "https://old.example/feed"\n')
    before = file.read_text()
    shown = run("add", f"{site}/monitor/rss.xml", "--sources", str(file), "--role", "monitor", "--country", "sy")
    assert shown.exit_code == 0, shown.output
    assert file.read_text().startswith(before)
    added = load_sources(file)[1]
    assert (added.url, added.role, added.country) == (f"{site}/monitor/rss.xml", "monitor", "SY")
    again = run("add", f"{site}/monitor/rss.xml", "--sources", str(file))
    assert again.exit_code == 2
    assert "already" in again.output
    listed = run("list", "--sources", str(file))
    assert "old" in listed.output
    assert added.id in listed.output


def test_lists_are_traded_with_other_readers(tmp_path: Path) -> None:
    opml = tmp_path / "mine.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="One" xmlUrl="https://one.example/feed"/>'
        '<outline text="Two" xmlUrl="https://two.example/feed"/></body></opml>'
    )
    file = tmp_path / "sources.toml"
    assert "2 of 2 feeds added" in run("import", str(opml), "--sources", str(file)).output
    assert "0 of 2 feeds added" in run("import", str(opml), "--sources", str(file)).output
    exported = run("export", "--sources", str(file)).output
    assert "https://one.example/feed" in exported
    assert "https://two.example/feed" in exported
