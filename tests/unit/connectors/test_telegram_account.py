"""Accounts, session files, budgets and the pace of connections."""

import stat

import pytest

from connectors.settings import ConnectorSettings
from connectors.telegram import account as accounts
from connectors.telegram.account import account_of, read_session, too_many, write_session
from connectors.telegram.budget import Budget, Rate, reconnect_pause
from connectors.telegram.client import door as doors
from connectors.telegram.client.failures import FATAL, ours
from connectors.telegram.door import AccountLost, ChannelLost, FloodWaiting
from schemas.errors import Misconfigured, SourceDown

KEYS = {"telegram_api_id": 1, "telegram_api_hash": "very secret"}


def test_a_session_comes_from_a_string_or_a_private_file(tmp_path):
    path = tmp_path / "deep" / "session"
    write_session(path, "abc")
    write_session(path, "def")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    account = account_of(None, ConnectorSettings(telegram_session_file=str(path), **KEYS))
    assert account.session == "def"
    assert account_of(None, ConnectorSettings(telegram_session=" xyz\n", **KEYS)).session == "xyz"


def test_secrets_are_not_shown(tmp_path):
    account = account_of(None, ConnectorSettings(telegram_session="very secret too", proxy="socks5://a:b@c:1", **KEYS))
    assert "secret" not in repr(account)
    assert "socks5" not in repr(account)


def test_a_session_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "session"
    path.write_text("abc")
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match=f"chmod 600 {path}"):
        read_session(path)


def test_a_session_file_that_is_not_there(tmp_path):
    with pytest.raises(Misconfigured, match="marqab telegram login"):
        read_session(tmp_path / "none")
    with pytest.raises(Misconfigured, match="Name another file"):
        write_session(tmp_path / "file" / "below", "abc") or write_session(tmp_path / "file" / "below" / "x", "abc")


def test_further_accounts_have_sessions_of_their_own(tmp_path):
    path = tmp_path / "second"
    write_session(path, "two")
    environ = {"MARQAB_SECRET_TELEGRAM_SESSION_SECOND_FILE": str(path), "MARQAB_SECRET_TELEGRAM_SESSION_THIRD": "three"}
    settings = ConnectorSettings(environ=environ, **KEYS)
    assert account_of("second", settings).session == "two"
    assert account_of("third", settings).session == "three"
    assert account_of(None, settings) is None
    with pytest.raises(Misconfigured, match="SESSION_FOURTH"):
        account_of("fourth", settings)


def test_too_many_channels_are_said_to_be():
    assert too_many(["x"] * accounts.MOST_CHANNELS) is None
    assert "second account" in too_many(["x"] * 501)


def test_a_budget_lets_a_burst_through_and_then_one_by_one():
    budget = Budget({"A": Rate(3, 10)}, Rate(1, 0))
    assert [budget.spend("A", 0.0) for _ in range(3)] == [0, 0, 0]
    assert budget.spend("A", 0.0) == 10
    assert budget.spend("A", 4.0) == pytest.approx(6)
    assert budget.spend("A", 10.0) == 0
    assert budget.spend("A", 10.0) == pytest.approx(10)
    assert [budget.spend("B", 0.0) for _ in range(100)] == [0] * 100


def test_a_flood_wait_blocks_its_own_method_only():
    budget = Budget({}, Rate(1, 0))
    budget.block("A", 61, 100.0)
    budget.block("A", 5, 100.0)
    assert budget.spend("A", 101.0) == 60
    assert budget.spend("B", 101.0) == 0
    assert budget.spend("A", 161.0) == 0


def test_tokens_never_pile_up():
    budget = Budget({"A": Rate(2, 1)})
    assert [budget.spend("A", 1e6) > 0 for _ in range(3)] == [False, False, True]


def test_reconnecting_slows_down_and_never_overflows():
    assert [reconnect_pause(streak, 0.5) for streak in (0, 1, 2, 3, 4)] == [0, 0, 0.5, 1, 2]
    assert reconnect_pause(5000, 1.0) == 75
    assert reconnect_pause(5000, 0.0) == 45


def test_every_fatal_error_is_a_sentence_with_a_remedy():
    for kind, sentence in FATAL.items():
        error = ours(kind(None) if kind.__name__ != "AuthKeyNotFound" else kind(), "asking")
        assert isinstance(error, AccountLost), kind
        assert str(error) == sentence
        assert sentence.endswith(".")


def test_errors_say_what_happens_next():
    from telethon import errors

    assert isinstance(ours(errors.ChannelPrivateError(None), "x"), ChannelLost)
    assert ours(errors.ChannelInvalidError(None), "x").stale
    assert isinstance(ours(TimeoutError(), "x"), SourceDown)
    assert isinstance(ours(ConnectionError("reset"), "x"), SourceDown)
    again = SourceDown("as it is")
    assert ours(again, "x") is again
    assert "20.6 h" in str(FloodWaiting("ResolveUsername", 74_263))
    assert "90 s" in str(FloodWaiting("X", 90))
    assert "10 min" in str(FloodWaiting("X", 600))


@pytest.mark.parametrize("address", ["here", "here:port", "here:1:dc", ":1"])
def test_wrong_server_addresses_are_named(address):
    with pytest.raises(Misconfigured, match="MARQAB_TELEGRAM_SERVER"):
        doors.server_of(address)
    assert doors.server_of("here:1") == ("here", 1, 2)


def test_proxies():
    assert doors.proxy_of("") is None
    proxy = doors.proxy_of("socks5h://user:p%40ss@here:1080")
    assert (proxy["proxy_type"], proxy["addr"], proxy["port"], proxy["rdns"]) == ("socks5", "here", 1080, True)
    assert (proxy["username"], proxy["password"]) == ("user", "p@ss")
    with pytest.raises(Misconfigured, match="socks5://"):
        doors.proxy_of("https://here:1")
