"""So many posts a minute from each source: one that floods delays itself, and hides nobody.

Whoever can post to a channel that we follow can post ten thousand messages a minute. They would fill the partition
that they share with other sources, and every stage behind it. So each source may publish a burst at once and then at
a steady pace; what exceeds it waits at the source, where it is safe: nothing is dropped, the cursor moves only past
what is published (law 1), and a crash repeats at most what was on the way. Backfill is asked for by an operator and
is not counted.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connectors.base import Batch, Position, Sink
from schemas.metrics import Meter, NoMeter
from schemas.records import Post

log = logging.getLogger(__name__)

BURST_MINUTES: Final = 5.0
"""A source may publish the posts of so many minutes at once: a feed that is read for the first time, a busy hour."""
TOLD_AGAIN_SECONDS: Final = 600.0
SHORTEST_SECONDS: Final = 0.001
"""A shorter debt is none: a clock with finite digits would never get over the last nanosecond."""


class Throttle:
    """A token bucket per source that may go into debt; time is the clock's, in seconds."""

    def __init__(self, per_minute: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """All buckets are full.

        Args:
            per_minute: posts of one source in the long run; 0 for no limit.
            clock: seconds that only go forward.
        """
        self._usual, self._clock = per_minute, clock
        self._own: dict[str, float] = {}
        self._left: dict[str, tuple[float, float]] = {}

    def learn(self, own: Mapping[str, float | None]) -> None:
        """The paces of single sources, by id; None for the usual one."""
        for source_id, rate in own.items():
            if rate is None:
                self._own.pop(source_id, None)
            else:
                self._own[source_id] = rate

    def burst(self, source_id: str) -> int:
        """How many posts it may publish at once; 0 for no limit."""
        rate = self._rate(source_id)
        return max(1, int(rate * BURST_MINUTES)) if rate else 0

    def take(self, source_id: str, count: int) -> None:
        """So many posts were published."""
        if self._rate(source_id):
            self._left[source_id] = (self._now_left(source_id) - count, self._clock())

    def owed(self, source_id: str) -> float:
        """Seconds until it may publish again; 0 for now."""
        rate = self._rate(source_id)
        seconds = -self._now_left(source_id) * 60 / rate if rate else 0.0
        return seconds if seconds > SHORTEST_SECONDS else 0.0

    def _rate(self, source_id: str) -> float:
        return self._own.get(source_id, self._usual)

    def _now_left(self, source_id: str) -> float:
        most = float(self.burst(source_id))
        left, at = self._left.get(source_id, (most, 0.0))
        return min(most, left + (self._clock() - at) * self._rate(source_id) / 60)


class Throttled:
    """A sink that lets each source wait its turn; batches of different sources wait for themselves only."""

    def __init__(
        self,
        sink: Sink,
        throttle: Throttle,
        meter: Meter | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Put the throttle before a sink; `sleep` waits for so many seconds of the throttle's clock."""
        self._sink, self._throttle, self._meter, self._sleep = sink, throttle, meter or NoMeter(), sleep
        self._told: dict[str, float] = {}

    async def positions(self) -> dict[str, Position]:
        """See `connectors.base.Sink`."""
        return await self._sink.positions()

    async def deliver(self, batch: Batch) -> None:
        """Publish in slices, each when its turn has come, and store the position with the last one."""
        source_id, posts = batch.source_id, batch.posts
        size = self._throttle.burst(source_id) or len(posts) or 1
        slices = [posts[at : at + size] for at in range(0, len(posts), size)] or [()]
        for number, part in enumerate(slices, start=1):
            live = sum(1 for post in part if not _asked_for(post))
            if live:
                await self._turn(source_id, live)
            last = number == len(slices)
            position = batch.position if last else None
            await self._sink.deliver(Batch(source_id=source_id, posts=part, position=position))
            self._throttle.take(source_id, live)

    async def _turn(self, source_id: str, count: int) -> None:
        seconds = self._throttle.owed(source_id)
        if not seconds:
            return
        now = asyncio.get_running_loop().time()
        if now - self._told.get(source_id, -TOLD_AGAIN_SECONDS) >= TOLD_AGAIN_SECONDS:
            self._told[source_id] = now
            log.warning(
                "source %s sends more posts than its pace allows; they wait at the source and none is dropped "
                "(posts_per_minute in the sources file sets another pace)",
                source_id,
            )
        self._meter.count("marqab_posts_delayed_total", count, source=source_id)
        while seconds:
            await self._sleep(seconds)
            seconds = self._throttle.owed(source_id)


def _asked_for(post: Post) -> bool:
    return bool(post.backfill)
