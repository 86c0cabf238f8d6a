"""What sources write cannot act on the terminal of whoever looks at it."""

import io
import logging
from datetime import UTC, datetime

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from connectors.feeds import trial
from marqab import logs
from marqab.__main__ import main
from marqab.settings import load
from subscribers.safe import terminal
from subscribers.sample import sample_alert
from subscribers.show import show

HOSTILE = "x\x1b]0;taken\x07\x1b[2J\x9b31m\u202ey\rz"


@given(st.text())
def test_only_letters_tabs_and_line_ends_reach_a_terminal(text: str) -> None:
    shown = terminal(text)
    assert not any((ord(one) < 32 and one not in "\t\n") or 0x7F <= ord(one) < 0xA0 for one in shown)
    assert len(shown) == len(text)


def test_an_alert_is_shown_without_what_a_terminal_obeys() -> None:
    alert = sample_alert(datetime(2026, 3, 1, tzinfo=UTC))
    incident = msgspec.structs.replace(alert.incident, headline_en=HOSTILE, headline_ar=HOSTILE)
    out = io.StringIO()
    show(msgspec.structs.replace(alert, incident=incident), Console(file=out, highlight=False))
    assert "taken" in out.getvalue()
    assert not set("\x1b\x07\x9b\u202e\r") & set(out.getvalue())


def test_log_lines_for_people_are_made_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    try:
        logs.configure(load({"MARQAB_LOG_FORMAT": "text"})[0], "test", out)
        logging.getLogger("x").warning("the hub denies: %s", HOSTILE)
    finally:
        root.handlers[:], root.level = before
    assert "taken" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_what_a_feed_says_of_itself_is_printed_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(*_: object, **__: object) -> trial.Trial:
        return trial.Trial(url="https://a.example/f", ok=True, sentences=(f"Its title is {HOSTILE}.",))

    monkeypatch.setattr(trial, "try_source", told)
    shown = CliRunner().invoke(main, ["sources", "test", "https://a.example/f"], color=True).output
    assert "taken" in shown
    assert "\x1b" not in shown
