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
from tests.mtproto.pages import FakePreview
from tests.mtproto.world import World
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


@asynccontextmanager
async def previewed() -> AsyncIterator[FakePreview]:
    world = World()
    channel = world.add(1001, "raqqa_now")
    for number in range(30):
        world.post(channel, f"وقع انفجار قرب المدينة {number}")
        world.advance(600)
    async with FakePreview(world) as preview:
        yield preview


def test_a_channel_is_described_and_added_with_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sources.toml"
    with running(previewed()) as preview:
        monkeypatch.setenv("MARQAB_TELEGRAM_WEB_URL", preview.base)
        for address in ("@raqqa_now", "https://t.me/raqqa_now", "t.me/s/raqqa_now"):
            shown = run("test", address)
            assert shown.exit_code == 0, shown.output
            assert "@raqqa_now is a Telegram channel (number 1001)" in shown.output
            assert "The language is “ar”" in shown.output
            assert "marqab sources add @raqqa_now" in shown.output
        added = run("add", "t.me/raqqa_now", "--sources", str(file), "--country", "SY")
        assert added.exit_code == 0, added.output
        (source,) = load_sources(file)
        assert (source.id, source.kind, source.channel, source.channel_id) == (
            "raqqa-now",
            "telegram",
            "@raqqa_now",
            1001,
        )
        again = run("add", "@Raqqa_Now", "--sources", str(file), "--id", "another")
        assert (again.exit_code, "already, as “raqqa-now”" in again.output) == (2, True)
        preview.no_preview.add("raqqa_now")
        gone = run("test", "@raqqa_now")
        assert (gone.exit_code, "no public preview" in gone.output) == (1, True)
    invited = run("test", "https://t.me/+AbCdEf")
    assert (invited.exit_code, "would mean to join" in invited.output) == (1, True)
    assert run("test", "@raqqa_now").exit_code == 1  # nobody answers


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
