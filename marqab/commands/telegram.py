"""`marqab telegram login`: the first log-in of an account, once, by a person."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import click

from marqab.commands.service import connector_settings
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.settings import Settings
from schemas.errors import Misconfigured

OWNER_ONLY = 0o600


@click.group()
def telegram() -> None:
    """The Telegram account that reads channels."""


@telegram.command()
@click.option(
    "--session-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the session there, readable by you only, instead of printing it.",
)
def login(session_file: Path | None) -> None:
    """Log in once and keep the session: whoever has it has the account.

    Needs MARQAB_TELEGRAM_API_ID and MARQAB_TELEGRAM_API_HASH from my.telegram.org. Use an account that is not your
    personal one. Telegram sends a code; an account with two-step verification is asked for its password too.
    """
    settings, _ = settings_from()
    if not settings.telegram_api_id or not settings.telegram_api_hash:
        raise Misconfigured(
            "logging in needs MARQAB_TELEGRAM_API_ID and MARQAB_TELEGRAM_API_HASH; get both from my.telegram.org, "
            "“API development tools”"
        )
    if session_file is not None and session_file.exists():
        raise Misconfigured(f"{session_file} exists already; name another --session-file, or remove it first")
    target = session_file.resolve() if session_file else None
    run_until_stopped(lambda: _login(settings, target))


class Terminal:
    """Asks on the terminal, without blocking the loop; the password is not shown."""

    async def phone(self) -> str:
        """The account's number."""
        return await _ask("Phone number, with + and country code")

    async def code(self, hint: str) -> str:
        """The code that Telegram sent."""
        return await _ask(f"Code ({hint})")

    async def password(self, hint: str) -> str:
        """The second password."""
        return await _ask(f"Password of two-step verification ({hint or 'no hint'})", hide_input=True)


async def _ask(question: str, **options: Any) -> str:
    answer: str = await asyncio.to_thread(click.prompt, question, err=True, **options)
    return answer.strip()


async def _login(settings: Settings, session_file: Path | None) -> int:
    from connectors.telegram.account import Account
    from connectors.telegram.client.login import login as log_in

    known = connector_settings(settings)
    account = Account(
        name="main",
        api_id=known.telegram_api_id,
        api_hash=known.telegram_api_hash,
        session="",
        server=known.telegram_server,
        proxy=known.proxy,
    )
    session = await log_in(account, Terminal())
    if session_file is None:
        click.echo(
            "Logged in. Keep this like a password, as MARQAB_TELEGRAM_SESSION or in a file of its own:", err=True
        )
        sys.stdout.write(session + "\n")
    else:
        handle = os.open(session_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "w") as out:
            out.write(session + "\n")
        click.echo(f"Logged in. Set MARQAB_TELEGRAM_SESSION_FILE={session_file}", err=True)
    return 0
