"""The only modules that import Telethon: the real door to a Telegram account, and the first log-in."""

from connectors.telegram.client.door import TelethonDoor
from connectors.telegram.client.signin import Prompts, login

__all__ = ["Prompts", "TelethonDoor", "login"]
