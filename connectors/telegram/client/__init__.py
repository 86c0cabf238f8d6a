"""The only modules that import Telethon: the door to a Telegram account (`door`) and the first log-in (`login`)."""

from connectors.telegram.client.door import TelethonDoor

__all__ = ["TelethonDoor"]
