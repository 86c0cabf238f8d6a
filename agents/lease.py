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


class Lease:
    """Partitions on loan; all times are monotonic seconds. Written by the consumer's thread, read by the producer."""

    def __init__(self, session_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is ours yet.

        Args:
            session_seconds: the session timeout.
            clock: monotonic.
        """
        self._seconds = SHARE * session_seconds
        self._clock = clock
        self._renewed_at = -float("inf")
        self._lost_at = -float("inf")
        self.refused = 0
        """Batches of messages that could not be sent any more."""

    def renew(self, at: float) -> None:
        """The coordinator knows us as a member: it answered a request that was sent at this time."""
        self._renewed_at = max(self._renewed_at, at)

    def returned(self) -> None:
        """Partitions have been taken: in good order, or because we were silent for too long."""
        if not self.holds():
            self._lost_at = self._clock()

    def holds(self) -> bool:
        """Nobody else can have our partitions now."""
        return self._clock() < self._renewed_at + self._seconds

    def lost_since(self, at: float) -> bool:
        """Somebody else may have written since then."""
        return at < self._lost_at
