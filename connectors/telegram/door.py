"""The door to one Telegram account, as the connector sees it; `connectors.telegram.client` is the real one."""

from collections.abc import Callable
from typing import Protocol

from connectors.telegram.place import Place
from connectors.telegram.sync import Answer, Push, Request
from schemas.errors import Misconfigured, SourceDown

Pushed = Callable[[Push | int | None], None]
"""Hears of a pushed change; a number for "something happened in that channel", None for "anywhere, perhaps"."""


class FloodWaiting(SourceDown):
    """Telegram wants a method not to be called for so long that it is not worth holding the call.

    Attributes:
        seconds: how long.
    """

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"Telegram asks to wait {_duration(seconds)} before {method} is called again")
        self.seconds = seconds


class AccountLost(Misconfigured):
    """The account (or the program's registration) is of no use until somebody acts; never retried."""


class ChannelLost(SourceDown):
    """The channel cannot be read by this account: private, gone, or not what it was.

    Attributes:
        stale: what is kept of the channel (its access hash) is no longer accepted and must be asked for again.
    """

    def __init__(self, reason: str, *, stale: bool = False) -> None:
        super().__init__(reason)
        self.stale = stale


class Door(Protocol):
    """One connected account."""

    async def ask(self, request: Request, place: Place) -> Answer:
        """Send one request and wait for its answer; holds it back as the account's budget demands.

        Raises:
            FloodWaiting: not for a long time.
            ChannelLost: this channel cannot be read.
            SourceDown: no answer, or Telegram has trouble; try again.
            AccountLost: the account can no longer be used.
        """
        ...

    async def broken(self) -> None:
        """Wait until the connection is of no more use, which may never be.

        Raises:
            SourceDown: it is broken; open a new one.
            AccountLost: the account can no longer be used.
        """
        ...


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
