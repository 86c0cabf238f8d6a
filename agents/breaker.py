"""When most messages are set aside, something is wrong with us or with who writes them, not with the messages.

Then the worker stops, instead of emptying the topic into `marqab.rejects`.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW_SECONDS: Final = 60.0
FEWEST: Final = 100
"""Messages in the window below which nothing is concluded."""


class Breaker:
    """Counts one stage's messages of the last minute."""

    def __init__(self, most_share: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing seen.

        Args:
            most_share: share of rejected messages, 0 to 1, above which it trips; 1 never trips.
            clock: monotonic seconds.
        """
        self._most_share = most_share
        self._clock = clock
        self._seen: deque[tuple[float, bool]] = deque()
        self._rejected = 0

    def told(self, rejected: bool) -> str | None:
        """Take note of one message; a sentence when too many were set aside, else None."""
        now = self._clock()
        self._seen.append((now, rejected))
        self._rejected += rejected
        while self._seen[0][0] < now - WINDOW_SECONDS:
            self._rejected -= self._seen.popleft()[1]
        if len(self._seen) < FEWEST or self._rejected <= self._most_share * len(self._seen):
            return None
        return f"{self._rejected} of the last {len(self._seen)} messages could not be read"
