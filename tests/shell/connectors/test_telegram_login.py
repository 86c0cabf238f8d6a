"""The first log-in with the real Telethon client: handshake, code, second password, and every way in which it fails."""

import pytest
from telethon import TelegramClient
from telethon.sessions import StringSession
from telethon.tl import types as t

from connectors.telegram.account import Account
from connectors.telegram.client import door as doors
from connectors.telegram.client.login import login
from schemas.errors import Misconfigured, SourceDown
from tests.mtproto.server import FakeTelegram, Refused


class Person:
    """Answers what it is asked, and remembers the hints."""

    def __init__(self, *codes, phone="+9630000", passwords=()):
        self.codes, self.number, self.passwords, self.hints = list(codes), phone, list(passwords), []

    async def phone(self):
        return self.number

    async def code(self, hint):
        self.hints.append(hint)
        return self.codes.pop(0)

    async def password(self, hint):
        self.hints.append(hint)
        return self.passwords.pop(0)


@pytest.fixture
async def telegram():
    async with FakeTelegram() as server:
        server.authorised = False
        yield server


def account(telegram, **fields):
    return Account(
        **{"name": "main", "api_id": 1, "api_hash": "h", "session": "", "server": telegram.address, **fields}
    )


async def test_a_code_gives_a_session_that_works(telegram):
    person = Person("11111", " 12345 ")
    session = await login(account(telegram), person)
    assert telegram.handshakes == 1
    assert person.hints == ["the code was sent by app", "the code was wrong"]
    client = TelegramClient(StringSession(session), 1, "h")
    await client.connect()
    assert (await client.get_me()).id == telegram.world.me.id
    await client.disconnect()


async def test_three_wrong_codes_are_enough(telegram):
    with pytest.raises(Misconfigured, match="wrong three times"):
        await login(account(telegram), Person("1", "2", "3"))


def password_needed(telegram, right):
    telegram.fail("SignIn", 401, "SESSION_PASSWORD_NEEDED")

    def state(_):
        prime = bytes.fromhex(f"{doors_prime():x}")
        algorithm = t.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(b"1" * 8, b"2" * 8, 3, prime)
        return t.account.Password(
            new_algo=t.PasswordKdfAlgoUnknown(),
            new_secure_algo=t.SecurePasswordKdfAlgoUnknown(),
            secure_random=b"3" * 8,
            has_password=True,
            current_algo=algorithm,
            srp_B=b"\x05" * 256,
            srp_id=1,
        )

    def check(_):
        if not right.pop(0):
            raise Refused(400, "PASSWORD_HASH_INVALID")
        telegram.authorised = True
        return t.auth.Authorization(telegram.world.me)

    telegram.on_get_password, telegram.on_check_password = state, check


def doors_prime():
    from tests.mtproto.wire import DH_PRIME

    return DH_PRIME


async def test_the_second_password_is_asked_for(telegram):
    password_needed(telegram, [False, True])
    person = Person("12345", passwords=["wrong", "right"])
    assert await login(account(telegram), person)
    assert person.hints[1:] == ["the account has two-step verification", "the password was wrong"]


async def test_three_wrong_passwords_are_enough(telegram):
    password_needed(telegram, [False] * 3)
    with pytest.raises(Misconfigured, match="Two-Step"):
        await login(account(telegram), Person("12345", passwords=["a", "b", "c"]))


@pytest.mark.parametrize(
    ("method", "code", "words", "kind", "sentence"),
    [
        ("SendCode", 400, "API_ID_INVALID", Misconfigured, "MARQAB_TELEGRAM_API_ID"),
        ("SendCode", 400, "API_ID_PUBLISHED_FLOOD", Misconfigured, "one of your own"),
        ("SendCode", 400, "PHONE_NUMBER_INVALID", Misconfigured, "as a phone number"),
        ("SendCode", 400, "PHONE_NUMBER_BANNED", Misconfigured, "banned"),
        ("SendCode", 400, "PHONE_NUMBER_FLOOD", SourceDown, "tomorrow"),
        ("SendCode", 420, "FLOOD_WAIT_3600", SourceDown, "3600 s"),
        ("SendCode", 400, "PHONE_PASSWORD_FLOOD", SourceDown, "logging in failed"),
        ("SignIn", 400, "PHONE_CODE_EXPIRED", SourceDown, "expired"),
        ("SignIn", 400, "PHONE_NUMBER_UNOCCUPIED", Misconfigured, "no Telegram account"),
    ],
)
async def test_every_failure_is_a_sentence(telegram, method, code, words, kind, sentence):
    telegram.fail(method, code, words, times=9)
    with pytest.raises(kind, match=sentence):
        await login(account(telegram), Person("12345"))


async def test_nobody_answers(telegram, monkeypatch):
    monkeypatch.setattr("connectors.telegram.client.login.CONNECT_SECONDS", 1.0)
    with pytest.raises(SourceDown, match=r"logging in|does not answer"):
        await login(account(telegram, server="127.0.0.1:9"), Person("12345"))


async def test_a_wrong_address_or_proxy_is_said_at_once(telegram):
    with pytest.raises(Misconfigured, match="MARQAB_TELEGRAM_SERVER"):
        await login(account(telegram, server="nowhere"), Person())
    with pytest.raises(Misconfigured, match="proxy"):
        await login(account(telegram, proxy="ftp://here:1"), Person())
    assert doors.CONNECT_SECONDS > 1
