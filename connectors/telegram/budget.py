"""How often each of Telegram's methods may be called: a token bucket per method, and its flood waits. Pure.

Telegram publishes no limits; it answers "flood wait" with a number of seconds, sometimes a day, and repeating the call
meanwhile makes it longer. The rates below stay under what operators report (about 50 resolutions of names in a short
time bring waits of hours). A flood wait blocks its own method only: one channel that cannot be resolved must not stop
those that are.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rate:
    """So many calls at once, and then one every so many seconds."""

    burst: float
    every_seconds: float


RATES: Final = {
    "ResolveUsername": Rate(10, 60),
    "GetFullChannel": Rate(10, 2),
    "GetHistory": Rate(10, 1),
    "GetMessages": Rate(5, 1),
    "GetChannelDifference": Rate(30, 0.1),
    "GetDialogs": Rate(3, 5),
}
OTHER: Final = Rate(10, 0.5)


class Budget:
    """One account's budget; time is an argument, in seconds of any one clock."""

    def __init__(self, rates: dict[str, Rate] | None = None, other: Rate = OTHER) -> None:
        self._rates = RATES if rates is None else rates
        self._other = other
        self._tokens: dict[str, tuple[float, float]] = {}
        self._blocked: dict[str, float] = {}

    def spend(self, method: str, now: float) -> float:
        """Seconds to wait before this call may be made; 0 means that it is counted and may be made at once."""
        blocked = self._blocked.get(method, now) - now
        if blocked > 0:
            return blocked
        rate = self._rates.get(method, self._other)
        tokens, at = self._tokens.get(method, (rate.burst, now))
        tokens = min(rate.burst, tokens + (now - at) / rate.every_seconds) if rate.every_seconds else rate.burst
        if tokens < 1:
            self._tokens[method] = (tokens, now)
            return (1 - tokens) * rate.every_seconds
        self._tokens[method] = (tokens - 1, now)
        return 0.0

    def block(self, method: str, seconds: float, now: float) -> None:
        """Telegram asked to wait before this method is called again."""
        self._blocked[method] = max(self._blocked.get(method, now), now + seconds)


UNLIMITED: Final[dict[str, Rate]] = {}
"""With `other=Rate(1, 0)`: no limit of our own, for local servers and measurements."""


def reconnect_pause(streak: int, chance: float) -> float:
    """Seconds before a connection is opened again.

    Telethon opens a new one at once, for ever, when a server accepts and then closes (1,220 a second were measured).

    Args:
        streak: how many connections in a row lived shorter than half a minute.
        chance: 0 to 1.
    """
    if streak <= 1:
        return 0.0
    return float(min(60.0, 0.5 * 2 ** min(streak - 2, 10)) * (0.75 + chance / 2))
