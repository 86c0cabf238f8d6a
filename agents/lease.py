"""How long a worker may be sure that its partitions are its own.

The group's coordinator gives the partitions of a silent member away after the session timeout, counted from the last
heartbeat that it has seen. So from the moment a heartbeat was sent that was answered well, nobody else writes for that
long. A worker that was frozen, or cut off, must not send what it still holds before it knows that it is a member still.
"""

import time
from collections.abc import Callable
from typing import Final

SHARE: Final = 0.9
"""Of the session timeout; the rest is for a message's way to the broker."""


def awake_or_not() -> float:
    """Seconds that no setting of the clock changes, and that go on while the machine sleeps, where it can tell them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """Partitions on loan. Written by the consumer's thread, read by the producer."""

    def __init__(
        self,
        session_seconds: float,
        clock: Callable[[], float] = awake_or_not,
        batches: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is ours yet.

        Args:
            session_seconds: the session timeout.
            clock: seconds by which the session is counted: for the coordinator it goes on while this machine sleeps.
            batches: the seconds that batches of messages bear.
        """
        self._seconds = SHARE * session_seconds
        self.now = clock
        self._batches = batches
        self._renewed_at = -float("inf")
        self._lost_at = -float("inf")
        self.refused = 0
        """Batches of messages that could not be sent any more."""

    def renew(self, at: float) -> None:
        """The coordinator knows us as a member: it answered a request that was sent at this time, by `now`."""
        self._renewed_at = max(self._renewed_at, at)

    def returned(self) -> None:
        """Partitions have been taken: in good order, or because we were silent for too long."""
        if not self.holds():
            self._lost_at = self._batches()

    def holds(self) -> bool:
        """Nobody else can have our partitions now."""
        return self.now() < self._renewed_at + self._seconds

    def lost_since(self, at: float) -> bool:
        """Somebody else may have written since then, by the batches' time."""
        return at < self._lost_at
