"""What could not be delivered, kept whole: one JSON Lines file a subscriber."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from schemas.codec import encode
from schemas.records import Alert
from schemas.records.base import Utc


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file."""

    at: Utc
    subscriber: str
    reason: str
    attempts: int
    alerts: list[msgspec.Raw]
    """Each alert exactly as JSON; `Raw` so that even a newer version's alert comes back unchanged."""


class DeadLetters:
    """The folder of dead letters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, subscriber: str) -> Path:
        """Where this subscriber's dead letters are."""
        return self.folder / f"{subscriber}.jsonl"

    def keep(self, subscriber: str, alerts: Sequence[Alert], reason: str, attempts: int, at: datetime) -> None:
        """Append one; it is on the disk when this returns (blocks: call it in a thread)."""
        told = [msgspec.Raw(encode(alert)) for alert in alerts]
        line = msgspec.json.encode(
            DeadLetter(at=at, subscriber=subscriber, reason=reason, attempts=attempts, alerts=told)
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.file(subscriber).open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def claim(self, subscriber: str) -> list[DeadLetter]:
        """Set them apart to be sent again, the oldest first; what comes meanwhile goes into a new file (blocks)."""
        apart = self._apart(subscriber)
        if not apart.exists():
            if not self.file(subscriber).exists():
                return []
            self.file(subscriber).rename(apart)
        return [msgspec.json.decode(line, type=DeadLetter) for line in apart.read_bytes().splitlines()]

    def put_back(self, subscriber: str, rest: Sequence[DeadLetter]) -> None:
        """Of those set apart only these are left; they come first the next time (blocks)."""
        apart = self._apart(subscriber)
        if rest:
            fresh = apart.with_suffix(".tmp")
            fresh.write_bytes(b"".join(msgspec.json.encode(letter) + b"\n" for letter in rest))
            fresh.replace(apart)
        else:
            apart.unlink(missing_ok=True)

    def _apart(self, subscriber: str) -> Path:
        return self.folder / f"{subscriber}.again.jsonl"
