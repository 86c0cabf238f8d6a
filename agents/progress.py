"""Does the worker get anywhere? What /readyz and the watchdog ask.

Faust can stop reading after a broker outage, or hang in a recovery, and say nothing. So the worker is measured by
what it finishes: messages that wait while nothing is finished for a while are a stall, whatever the reason.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

STALLED_SECONDS: Final = 120.0
"""No progress for so long with messages waiting: the worker ends itself, its supervisor starts it again."""
SLOW_SECONDS: Final = 30.0
"""After this long /readyz says so."""

Place = tuple[str, int]
"""Topic and partition."""


@dataclass
class Progress:
    """What one worker has been given, and how far it has come; times are monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    assigned: frozenset[Place] = frozenset()
    lag: Mapping[Place, int] = field(default_factory=dict)
    oldest_age_seconds: Mapping[str, float] = field(default_factory=dict)
    recovering: bool = False
    recovery_remaining: int = 0
    joined: bool = False
    broken: str | None = None
    """Why the worker is ending."""
    finished: int = 0
    """Messages acknowledged since the start."""
    _moved_at: float = field(init=False)
    _asked_broker_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._moved_at = self._asked_broker_at = self.clock()

    def moved(self) -> None:
        """Something was finished, or begun anew."""
        self._moved_at = self.clock()

    def revoked(self) -> None:
        """Partitions are being handed out anew."""
        self.joined, self.recovering = False, True
        self.assigned, self.lag, self.oldest_age_seconds = frozenset(), {}, {}
        self.moved()

    def recovered(self, assigned: frozenset[Place]) -> None:
        """The tables are as the changelogs say; work starts."""
        self.joined, self.recovering, self.recovery_remaining = True, False, 0
        self.assigned = assigned
        self._asked_broker_at = self.clock()
        self.moved()

    def done(self) -> None:
        """One message is finished for good."""
        self.finished += 1
        self._moved_at = self.clock()

    def measured(self, lag: Mapping[Place, int], oldest_age_seconds: Mapping[str, float]) -> None:
        """The broker answered how much there is."""
        self.lag, self.oldest_age_seconds = dict(lag), dict(oldest_age_seconds)
        self._asked_broker_at = self.clock()
        if not any(self.lag.values()):
            self.moved()  # nothing waits: that is as far as one can come

    def remaining(self, messages: int) -> None:
        """So many changelog messages are still to be read."""
        if messages != self.recovery_remaining:
            self.recovery_remaining = messages
            self.moved()

    @property
    def still_seconds(self) -> float:
        """How long nothing has moved although there was something to do, or nobody answered."""
        return self.clock() - min(self._moved_at, self._asked_broker_at if self.joined else self._moved_at)

    def reason(self) -> str | None:
        """Why the worker is not ready, in a sentence; None where it is."""
        if self.broken:
            return f"ending: {self.broken}"
        if self.recovering:
            return f"reading its tables back from Kafka, {self.recovery_remaining} messages to go"
        if not self.joined:
            return "waiting to be given partitions"
        if self.still_seconds > SLOW_SECONDS:
            return f"no progress for {self.still_seconds:.0f} s: {self._what_waits()}"
        return None

    def stalled(self, after_seconds: float = STALLED_SECONDS) -> str | None:
        """What a watchdog says before it ends the worker; None while all is well."""
        if self.still_seconds <= after_seconds:
            return None
        return f"no progress for {self.still_seconds:.0f} s: {self._what_waits()}"

    def _what_waits(self) -> str:
        if self.recovering:
            return f"recovery stands still, {self.recovery_remaining} messages to go"
        if not self.joined:
            return "no partitions were given"
        if self.clock() - self._asked_broker_at > SLOW_SECONDS:
            return "the broker does not answer"
        waiting = sum(self.lag.values())
        return f"{waiting} messages wait in {sum(1 for count in self.lag.values() if count)} partitions"
