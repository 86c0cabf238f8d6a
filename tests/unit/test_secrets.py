"""Secrets are looked up where they stand, and starred wherever they turn up."""

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from marqab import logs
from marqab.commands.service import connector_settings
from marqab.secrets import STARS, Veil, unfolded
from marqab.settings import SECRETS, load
from marqab.worker import config_of
from schemas.errors import Misconfigured


def test_settings_and_what_is_made_of_them_never_show_a_secret_when_printed() -> None:
    texts = {name for name in SECRETS if name != "kafka_sasl_username"}
    settings, told = load({f"MARQAB_{name.upper()}": f"open-sesame-{name}" for name in texts})
    config = replace(config_of(load({})[0], "127.0.0.1:9"), security={"sasl_plain_password": "open-sesame"})
    for shown in (repr(settings), str(settings), repr(told), repr(connector_settings(settings)), repr(config)):
        assert "open-sesame" not in shown
    assert {
        "kafka_sasl_password",
        "kafka_ssl_key_password",
        "telegram_session",
        "telegram_api_hash",
        "proxy",
    } <= SECRETS


def test_a_secret_of_a_subscriber_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("whsec_abc\n")
    environ = {"MARQAB_SECRET_HOOK_FILE": str(tmp_path / "hook"), "MARQAB_SECRET_CHAT": "json://x", "HOME": "/"}
    assert unfolded(environ) == {**environ, "MARQAB_SECRET_HOOK": "whsec_abc"}
    with pytest.raises(Misconfigured, match="MARQAB_SECRET_GONE_FILE names /nowhere, which cannot be read"):
        unfolded({"MARQAB_SECRET_GONE_FILE": "/nowhere"})


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("correct horse", "login failed for 'correct horse'"),
        ("correct horse", "GET /?key=correct%20horse"),
        ("http://reader:p%40ssword1@proxy.example:3128/", "cannot connect with reader:p@ssword1"),
        ("http://reader:p%40ssword1@proxy.example:3128/", "user reader, password p%40ssword1"),
        ("tgram://1234:token-of-bot/chat-of-team", "no answer from tgram://1234:token-of-bot/chat-of-team"),
        ("line\nbreak-inside", r"Invalid header value b'line\nbreak-inside'"),
    ],
)
def test_the_veil_covers_what_a_secret_looks_like_in_errors(secret: str, text: str) -> None:
    shown = Veil([secret]).over(text)
    assert STARS in shown
    assert not any(part in shown for part in ("horse", "ssword1", "token-of-bot", "break-inside"))


def test_short_values_are_left_alone() -> None:
    assert Veil(["a", "marqab"]).over("marqab reads a feed") == "marqab reads a feed"


def test_logs_are_veiled_tracebacks_included(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proxy").write_text("http://u:over-the-hills@proxy.example/")
    monkeypatch.setenv("MARQAB_PROXY_FILE", str(tmp_path / "proxy"))
    monkeypatch.setenv("MARQAB_SECRET_COOKIE", "session=far-away")
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    try:
        logs.configure(load({})[0], "test", out)
        try:
            raise ValueError("u:over-the-hills@proxy.example refused")
        except ValueError:
            logging.getLogger("somewhere").exception("sent %s", {"Cookie": "session=far-away"})
    finally:
        root.handlers[:], root.level = before
    assert out.getvalue().count(STARS) >= 2
    assert "hills" not in out.getvalue()
    assert "far-away" not in out.getvalue()
