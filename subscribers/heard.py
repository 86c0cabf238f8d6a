"""An alert with its place on the topic, and positions as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from schemas.metrics import Meter
from schemas.records import Alert


@dataclass(frozen=True)
class Heard:
    """One alert as it was read."""

    alert: Alert
    partition: int
    offset: int


class Stream(Protocol):
    """Reads the alert topic; `subscribers.reader.AlertStream` is the real one, `ListStream` the one for tests."""

    async def next(self, timeout_seconds: float | None = None) -> Heard | None:
        """The next alert; None when none came in this time."""

    async def remember(self, positions: Mapping[int, int]) -> None:
        """After a restart go on from here: the next offset of each partition."""


class ListStream:
    """A stream over alerts that are there already; then it waits for ever. For tests, and a model of the real one."""

    def __init__(self, heard: list[Heard]) -> None:
        self.coming = list(heard)
        self.remembered: dict[int, int] = {}

    async def next(self, timeout_seconds: float | None = None) -> Heard | None:
        """The next alert, or None at once where none is left (as if the time had passed)."""
        del timeout_seconds
        return self.coming.pop(0) if self.coming else None

    async def remember(self, positions: Mapping[int, int]) -> None:
        """Keep the positions for the test to see."""
        self.remembered |= positions


class Counted:
    """A stream whose alerts are counted as they are read."""

    def __init__(self, stream: Stream, meter: Meter) -> None:
        self._stream, self._meter = stream, meter

    async def next(self, timeout_seconds: float | None = None) -> Heard | None:
        """See `Stream`."""
        heard = await self._stream.next(timeout_seconds)
        if heard is not None:
            self._meter.count("marqab_alerts_read_total")
        return heard

    async def remember(self, positions: Mapping[int, int]) -> None:
        """See `Stream`."""
        await self._stream.remember(positions)


def position_text(positions: Mapping[int, int]) -> str:
    """Positions as one word, `0-17.1-4`: what a browser sends back as `Last-Event-ID`."""
    return ".".join(f"{partition}-{offset}" for partition, offset in sorted(positions.items()))


def positions_of(text: str) -> dict[int, int]:
    """The positions in such a word.

    Raises:
        ValueError: it is none.
    """
    if not text:
        return {}
    found = {}
    for part in text.split("."):
        partition, dash, offset = part.partition("-")
        if not (dash and partition.isdecimal() and offset.isdecimal() and len(part) < 40):
            raise ValueError(f"{text[:80]} is no position")
        found[int(partition)] = int(offset)
    return found
