"""Telegram channels through an account (MTProto), and what both ways of reading Telegram share.

Telethon is loaded only when an account is used: a service that reads t.me/s alone never imports it.
"""

from connectors.base import Connector, Setup


def TelegramConnector(setup: Setup) -> Connector:  # noqa: N802 - the registry's name for it
    """The connector of kind `telegram`."""
    from connectors.telegram.connector import TelegramConnector as Real  # noqa: PLC0415 - see above

    return Real(setup)


__all__ = ["TelegramConnector"]
