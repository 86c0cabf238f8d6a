"""Telegram channels through their public previews (t.me/s): no account, but only channels that allow a preview."""

from connectors.telegram_web.connector import TelegramWebConnector

__all__ = ["TelegramWebConnector"]
