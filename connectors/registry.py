"""Which connector reads which kind of source: a new kind is a folder and a line here.

The module is imported only when a source of its kind is configured, so that a service without Telegram never loads
Telethon.
"""

from importlib import import_module
from typing import Final, cast

from connectors.base import Factory
from schemas.errors import Misconfigured
from schemas.kinds import SourceKind

CONNECTORS: Final[dict[SourceKind, str]] = {
    SourceKind.FEED: "connectors.feeds:FeedConnector",
    SourceKind.TELEGRAM: "connectors.telegram:TelegramConnector",
    SourceKind.TELEGRAM_WEB: "connectors.telegram_web:TelegramWebConnector",
}
"""Kind → module and the class or function that makes a `Connector` from a `Setup`."""


def factory(kind: SourceKind) -> Factory:
    """What makes the connector of this kind.

    Raises:
        Misconfigured: nothing reads this kind, or its module cannot be loaded.
    """
    where = CONNECTORS.get(kind)
    if where is None:
        raise Misconfigured(f"Nothing reads sources of kind “{kind}”. Known are {', '.join(CONNECTORS)}.")
    module, _, name = where.partition(":")
    try:
        return cast("Factory", getattr(import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise Misconfigured(f"The connector of kind “{kind}” ({where}) cannot be loaded: {error}.") from error
