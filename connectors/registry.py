"""Which connector reads which kind of source: a new kind is a folder and a line here.

The module is imported only when a source of its kind is configured, so that a service without Telegram never loads
Telethon.
"""

from importlib import import_module
from typing import Final, cast

from connectors.base import Backfill, Factory
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind

CONNECTORS: Final[dict[SourceKind, str]] = {
    SourceKind.FEED: "connectors.feeds.connector:FeedConnector",
    SourceKind.TELEGRAM: "connectors.telegram:TelegramConnector",
    SourceKind.TELEGRAM_WEB: "connectors.telegram_web:TelegramWebConnector",
}
"""Kind → module and the class or function that makes a `Connector` from a `Setup`."""


BACKFILLS: Final[dict[SourceKind, str]] = {
    SourceKind.FEED: "connectors.feeds.backfill:backfill_feed",
    SourceKind.TELEGRAM: "connectors.telegram.backfill:backfill_channel",
    SourceKind.TELEGRAM_WEB: "connectors.telegram_web.backfill:backfill_preview",
}
"""Kind → module and the coroutine function that reads a source's past."""


def factory(kind: SourceKind) -> Factory:
    """What makes the connector of this kind.

    Raises:
        Misconfigured: nothing reads this kind, or its module cannot be loaded.
    """
    where = CONNECTORS.get(kind)
    if where is None:
        raise Misconfigured(f"Nothing reads sources of kind “{kind}”. Known are {', '.join(CONNECTORS)}.")
    return cast("Factory", _loaded(kind, where))


def backfill(kind: SourceKind) -> Backfill:
    """What reads the past of a source of this kind.

    Raises:
        Misconfigured: this kind's past cannot be read, or its module cannot be loaded.
    """
    where = BACKFILLS.get(kind)
    if where is None:
        raise Misconfigured(
            f"The past of sources of kind “{kind}” is read when they are new: set backfill_posts or backfill_days."
        )
    return cast("Backfill", _loaded(kind, where))


def _loaded(kind: SourceKind, where: str) -> object:
    module, _, name = where.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise Misconfigured(f"The connector of kind “{kind}” ({where}) cannot be loaded: {error}.") from error
