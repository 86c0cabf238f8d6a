"""Reads channels through their public previews, t.me/s: no account needed, but media channels only.

One queue for all channels, because they live on one host: whoever has been due longest is visited next.
"""

import asyncio
import heapq
import random
from collections.abc import Callable
from typing import Final

from connectors.base import Setup
from connectors.sources import SourceSettings
from connectors.telegram.place import Place
from connectors.telegram_web.client import PageDoor
from connectors.telegram_web.reading import Outcome
from connectors.telegram_web.visit import Pages, Visited, visit

INTERVAL_SECONDS: Final = {"breaking": 90.0, "normal": 300.0, "slow": 1800.0}
"""Between two visits, by tier."""
LONGEST_SECONDS: Final = 6 * 3600.0
"""A channel that fails is never given up, but visited at least this often."""
JITTER: Final = 0.1


def pause_seconds(source: SourceSettings, visited: Visited, failures: int, chance: float) -> float:
    """How long until the next visit.

    Args:
        source: its tier or `interval_seconds` tells the usual pause.
        visited: how the last visit went.
        failures: visits in a row that did not go well, the last included.
        chance: 0 to 1; spreads visits so that they do not fall together.
    """
    usual = source.interval_seconds or INTERVAL_SECONDS[source.tier]
    if visited.unfinished:
        return visited.owed_seconds
    seconds = usual
    if not visited.well:
        longest = max(source.max_interval_seconds or LONGEST_SECONDS, usual)
        seconds = min(longest, usual * 2 ** min(failures, 12))
        seconds = max(seconds, min(visited.quiet_seconds or 0.0, LONGEST_SECONDS))
    return seconds * (1 - JITTER + 2 * JITTER * chance)


class TelegramWebConnector:
    """The connector of kind `telegram_web`."""

    def __init__(
        self, setup: Setup, *, pages: Pages | None = None, chance: Callable[[], float] = random.random
    ) -> None:
        self._setup = setup
        self._pages = pages
        self._chance = chance
        self._places = {source.id: Place.from_position(setup.positions.get(source.id)) for source in setup.sources}
        self._failures = dict.fromkeys(self._places, 0)

    async def run(self) -> None:
        """Visit every channel when it is due, until cancelled; with `once`, each of them once."""
        if self._pages is not None:
            await self._rounds(self._pages)
            return
        async with PageDoor(self._setup.settings) as door:
            await self._rounds(door)

    async def _rounds(self, pages: Pages) -> None:
        clock = asyncio.get_running_loop().time
        kept = self._setup.kept.due
        names = [(source.id, str(source.channel or source.url)) for source in self._setup.sources]
        # After a reload a channel keeps the turn that it had.
        queue = [(max(clock(), kept.get(name, 0.0)), number) for number, name in enumerate(names)]
        heapq.heapify(queue)
        while queue:
            due, number = heapq.heappop(queue)
            await asyncio.sleep(max(0.0, due - clock()))
            source = self._setup.sources[number]
            visited = await self._visited(source, pages)
            if self._setup.once or visited.outcome in {Outcome.IDENTITY_CHANGED, Outcome.REFUSED}:
                continue
            pause = pause_seconds(source, visited, self._failures[source.id], self._chance())
            self._setup.meter.gauge("marqab_source_poll_interval_seconds", pause, source=source.id)
            kept[names[number]] = clock() + pause
            heapq.heappush(queue, (kept[names[number]], number))
        if not self._setup.once:
            await asyncio.Event().wait()  # every source was stopped for good; the service goes on

    async def _visited(self, source: SourceSettings, pages: Pages) -> Visited:
        visited = await visit(source, self._places[source.id], pages, self._setup)
        self._places[source.id] = visited.place
        report(source, visited, self._setup)
        self._failures[source.id] = 0 if visited.well else self._failures[source.id] + 1
        return visited


def report(source: SourceSettings, visited: Visited, setup: Setup) -> None:
    """Tell health and metrics how a visit went."""
    setup.meter.count("marqab_fetches_total", source=source.id, outcome=str(visited.outcome))
    if visited.well:
        tell_well(source, visited.place, setup)
    elif visited.outcome in {Outcome.IDENTITY_CHANGED, Outcome.REFUSED}:
        if visited.outcome is Outcome.IDENTITY_CHANGED:
            setup.meter.count("marqab_telegram_identity_changes_total", source=source.id)
        setup.health.stopped(source.id, setup.now(), visited.reason)
    else:
        setup.health.down(source.id, setup.now(), f"{visited.outcome}: {visited.reason}")


def tell_well(source: SourceSettings, place: Place, setup: Setup, told_id: int = 0) -> None:
    """Tell health that the source has answered, and in which rhythm; it knows of the messages up to `told_id`."""
    dates = [seen.published_at for number, seen in place.memory.seen.items() if number > told_id]
    setup.health.learn(source.id, dates, setup.now())
    setup.health.up(source.id, setup.now(), max(dates, default=None))
