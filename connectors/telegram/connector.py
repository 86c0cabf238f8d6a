"""Reads channels through Telegram accounts, and through t.me/s where that is wanted or an account cannot.

`access = "mtproto"` reads through an account only, `"web"` through t.me/s only, `"auto"` (the default) through an
account, and through t.me/s while that cannot: without a session at all, after the account has been away for a while
(`connectors.telegram.reader`), and for a single channel that the account may not read, or not look up for hours. Both
ways share one place and one identity, so changing between them publishes nothing twice.
"""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack

from connectors.base import Setup
from connectors.sources import SourceSettings
from connectors.telegram.account import Account, account_for, too_many
from connectors.telegram.reader import AccountReader, OpenDoor, read_web_only
from connectors.telegram_web.client import PageDoor
from connectors.telegram_web.visit import Pages
from schemas.errors import Misconfigured


class TelegramConnector:
    """The connector of kind `telegram`."""

    def __init__(
        self,
        setup: Setup,
        *,
        open_door: OpenDoor | None = None,
        pages: Pages | None = None,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setup = setup
        self._open_door = open_door
        self._pages = pages
        self._chance, self._clock = chance, clock
        self._by_account, self._web = _assigned(setup)

    async def run(self) -> None:
        """Read until cancelled; with `once`, every channel as far as it goes.

        Raises:
            Misconfigured: an account cannot be used, and a source may be read through it only.
        """
        async with AsyncExitStack() as stack:
            pages = self._pages
            if pages is None:
                pages = await stack.enter_async_context(PageDoor(self._setup.settings))
            readers = [
                AccountReader(
                    account, sources, self._setup, self._door_opener(), pages, self._chance, self._clock
                ).run()
                for account, sources in self._by_account.items()
            ]
            if self._web:
                readers.append(read_web_only(self._setup, self._web, pages))
            await _together(readers)

    def _door_opener(self) -> OpenDoor:
        if self._open_door is not None:
            return self._open_door
        from connectors.telegram.client import TelethonDoor  # noqa: PLC0415 - only where an account is used

        meter = self._setup.meter
        return lambda account, pushed, places: TelethonDoor(account, pushed, places, meter=meter)


def _assigned(setup: Setup) -> tuple[dict[Account, list[SourceSettings]], list[SourceSettings]]:
    """Which account reads which sources, and which are read through t.me/s only.

    Raises:
        Misconfigured: a source needs an account that is not configured, or an account has too many channels.
    """
    by_account: dict[Account, list[SourceSettings]] = {}
    web = []
    for source in setup.sources:
        account = account_for(source, setup.settings) if source.access != "web" else None
        if account is not None:
            _refuse_two_proxies(account, source, by_account)
            by_account.setdefault(account, []).append(source)
        elif source.access == "mtproto":
            raise Misconfigured(
                f"Source “{source.id}” is to be read through a Telegram account, but there is none. Run `marqab "
                'telegram login` and set MARQAB_TELEGRAM_SESSION_FILE, or give the source access = "auto" or "web".'
            )
        else:
            web.append(source)
    for account, sources in by_account.items():
        if problem := too_many(source.id for source in sources):
            raise Misconfigured(f"Telegram account “{account.name}”: {problem}.")
    return by_account, web


def _refuse_two_proxies(
    account: Account, source: SourceSettings, by_account: Mapping[Account, Sequence[SourceSettings]]
) -> None:
    """An account has one connection: a channel that wants another way must not silently go the first one's.

    Raises:
        Misconfigured: the source wants another proxy than an earlier one of the same account.
    """
    for other, sources in by_account.items():
        if other.name == account.name and other.proxy != account.proxy:
            raise Misconfigured(
                f"Sources “{sources[0].id}” and “{source.id}” want different proxies, but Telegram account "
                f"“{account.name}” has one connection. Give both the same proxy, or one of them an account of its own."
            )


async def _together(coroutines: Sequence[Coroutine[None, None, None]]) -> None:
    """Run all until they end; the first error ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
