"""Which Telegram accounts there are, from settings and environment. Pure but for reading the session file."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from connectors.feeds.access import proxy_of
from connectors.settings import ConnectorSettings
from connectors.sources import MAIN_ACCOUNT, SourceSettings
from schemas.errors import Misconfigured

SESSION_VARIABLE: Final = "MARQAB_SECRET_TELEGRAM_SESSION_"
"""And the account's name in capitals: session string of a further account (or `…_FILE`, a file that holds it)."""
MOST_CHANNELS: Final = 500
"""An account can join 500 channels (1,000 with Premium)."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What is needed to speak for an account.

    Attributes:
        name: as sources call it.
        api_id: from my.telegram.org.
        api_hash: from my.telegram.org; secret.
        session: session string; whoever has it has the account.
        server: `host:port[:dc]` of another server than Telegram's; empty for Telegram's own.
        proxy: address of a proxy; empty for none.
    """

    name: str
    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(repr=False)
    server: str = ""
    proxy: str = field(default="", repr=False)


def account_of(name: str | None, settings: ConnectorSettings) -> Account | None:
    """The account of this name; None when it is the main one and no session was given.

    Raises:
        Misconfigured: it is named but not (or only half) configured.
    """
    session = _main_session(settings) if name in (None, MAIN_ACCOUNT) else _further_session(str(name), settings)
    if not session:
        if name not in (None, MAIN_ACCOUNT):
            variable = SESSION_VARIABLE + str(name).upper()
            raise Misconfigured(f"Telegram account “{name}” has no session. Set {variable} or {variable}_FILE.")
        return None
    if not settings.telegram_api_id or not settings.telegram_api_hash:
        raise Misconfigured(
            "A Telegram session is given, but no api_id and api_hash. Get them from my.telegram.org and set "
            "MARQAB_TELEGRAM_API_ID and MARQAB_TELEGRAM_API_HASH."
        )
    return Account(
        name=name or MAIN_ACCOUNT,
        api_id=settings.telegram_api_id,
        api_hash=settings.telegram_api_hash,
        session=session,
        server=settings.telegram_server,
        proxy="" if settings.proxy == "direct" else settings.proxy,
    )


def account_for(source: SourceSettings, settings: ConnectorSettings) -> Account | None:
    """The account that reads a source, connected by the source's proxy; None where there is none.

    Raises:
        Misconfigured: see `account_of`, or the source names a proxy that is not set.
    """
    account = account_of(source.account, settings)
    return replace(account, proxy=proxy_of(source, settings)) if account is not None else None


def too_many(sources: Iterable[str]) -> str | None:
    """Why one account cannot follow so many channels; None when it can."""
    count = len(list(sources))
    if count <= MOST_CHANNELS:
        return None
    return f"{count} channels are too many for one Telegram account (at most {MOST_CHANNELS}): use a second account"


def _main_session(settings: ConnectorSettings) -> str:
    if settings.telegram_session:
        return settings.telegram_session.strip()
    return read_session(Path(settings.telegram_session_file)) if settings.telegram_session_file else ""


def _further_session(name: str, settings: ConnectorSettings) -> str:
    variable = SESSION_VARIABLE + name.upper()
    if settings.environ.get(variable):
        return settings.environ[variable].strip()
    path = settings.environ.get(variable + "_FILE")
    return read_session(Path(path)) if path else ""


def read_session(path: Path) -> str:
    """The session string in a file that only its owner may read.

    Raises:
        Misconfigured: the file cannot be read, or others can read it too.
    """
    path = path.expanduser()
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Misconfigured(
                f"The Telegram session file {path} can be read by others, and whoever reads it has the account. "
                f"Run: chmod 600 {path}"
            )
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"The Telegram session file {path} cannot be read ({error}). Make it with: marqab telegram login"
        ) from error


def write_session(path: Path, session: str) -> None:
    """Keep a session string in a file that only its owner may read; an older one is replaced.

    Raises:
        Misconfigured: the file cannot be written.
    """
    path = path.expanduser()
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        fresh.touch(0o600, exist_ok=False)
        fresh.write_text(session + "\n", "ascii")
        fresh.replace(path)
    except OSError as error:
        raise Misconfigured(
            f"The Telegram session cannot be written to {path} ({error}). Name another file."
        ) from error
