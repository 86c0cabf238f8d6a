"""The first log-in: a phone number, the code that Telegram sends, and the account's second password if it has one."""

import asyncio
from typing import Final, Protocol

from telethon import TelegramClient, errors
from telethon.network.connection import ConnectionTcpFull

from connectors.telegram.account import Account
from connectors.telegram.client.door import CALL_SECONDS, CONNECT_SECONDS, client_of
from connectors.telegram.client.failures import ours
from schemas.errors import Misconfigured, SourceDown

TRIES: Final = 3
"""Telegram lets a code expire after a few wrong guesses."""


class Prompts(Protocol):
    """Asks the person who logs in; each may be a question on the terminal or anything else."""

    async def phone(self) -> str:
        """The account's number in international form, with + and country code."""
        ...

    async def code(self, hint: str) -> str:
        """The code that Telegram has just sent; `hint` says where to, or why to ask again."""
        ...

    async def password(self, hint: str) -> str:
        """The account's second password (two-step verification); `hint` is the owner's own."""
        ...


async def login(account: Account, prompts: Prompts) -> str:
    """Log in once and return the session string: full access to the account, to be kept like a password.

    Args:
        account: its api_id, api_hash, server and proxy are used; its session is empty.
        prompts: asks the person.

    Raises:
        Misconfigured: the number, the code, the password or the registration is wrong; the sentence says what to do.
        SourceDown: Telegram cannot be reached, or wants to be left alone for a while.
    """
    client = client_of(account, ConnectionTcpFull)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect()
        await _sign_in(client, prompts)
        return str(client.session.save())
    except errors.FloodWaitError as error:
        raise SourceDown(
            f"Telegram asks to wait {error.seconds} s before the next attempt (too many log-ins). Try again then."
        ) from error
    except (errors.RPCError, OSError, ValueError, TimeoutError, errors.AuthKeyNotFound) as error:
        raise ours(error, "logging in") from error
    finally:
        async with asyncio.timeout(5):
            await client.disconnect()


async def _sign_in(client: TelegramClient, prompts: Prompts) -> None:
    phone = (await prompts.phone()).strip()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            sent = await client.send_code_request(phone)
    except errors.PhoneNumberInvalidError as error:
        raise Misconfigured(f"Telegram does not accept {phone} as a phone number. Write it as +963…") from error
    except errors.PhoneNumberFloodError as error:
        raise SourceDown("Too many log-ins with this number today. Try again tomorrow.") from error
    hint = f"the code was sent by {type(sent.type).__name__.removeprefix('SentCodeType').lower()}"
    for _ in range(TRIES):
        try:
            code = (await prompts.code(hint)).strip()
            async with asyncio.timeout(CALL_SECONDS):
                await client.sign_in(phone, code, phone_code_hash=sent.phone_code_hash)
        except errors.PhoneCodeInvalidError:
            hint = "the code was wrong"
        except errors.PhoneCodeExpiredError as error:
            raise SourceDown("The code has expired. Start again, and do not send it in a Telegram message.") from error
        except errors.PhoneNumberUnoccupiedError as error:
            raise Misconfigured(f"{phone} has no Telegram account. Make one with a Telegram app first.") from error
        except errors.SessionPasswordNeededError:
            await _second_password(client, prompts)
            return
        else:
            return
    raise Misconfigured("The code was wrong three times. Start again for a new one.")


async def _second_password(client: TelegramClient, prompts: Prompts) -> None:
    hint = "the account has two-step verification"
    for _ in range(TRIES):
        password = await prompts.password(hint)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await client.sign_in(password=password)
        except errors.PasswordHashInvalidError:
            hint = "the password was wrong"
        else:
            return
    raise Misconfigured("The password was wrong three times. It is the one set under Two-Step Verification.")
