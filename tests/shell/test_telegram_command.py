"""`marqab telegram login`: what is missing is said before anything is asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from marqab.__main__ import main


def test_without_a_registration_it_says_where_to_get_one() -> None:
    shown = CliRunner().invoke(main, ["telegram", "login"])
    assert shown.exit_code == 2
    assert "my.telegram.org" in shown.output


def test_no_session_file_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQAB_TELEGRAM_API_ID", "1")
    monkeypatch.setenv("MARQAB_TELEGRAM_API_HASH", "0123456789abcdef0123456789abcdef")
    there = tmp_path / "session"
    there.write_text("precious")
    shown = CliRunner().invoke(main, ["telegram", "login", "--session-file", str(there)])
    assert shown.exit_code == 2
    assert "exists already" in shown.output
    assert there.read_text() == "precious"
    assert "0123456789abcdef" not in shown.output
