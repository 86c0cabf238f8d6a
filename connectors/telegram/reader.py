"""All channels of one Telegram account: connect, follow each of them, connect again.

While the account is away, and for single channels that it may not read, t.me/s is visited for sources whose access is
`auto`. An account that comes and goes counts as away until a connection has held for `STEADY_SECONDS`.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Final, Protocol

from connectors.base import Setup
from connectors.sources import SourceSettings
from connectors.telegram.account import Account
from connectors.telegram.channel import Channel, IdentityChanged, ration
from connectors.telegram.door import AccountLost, ChannelLost, Door, FloodWaiting, Pushed
from connectors.telegram.place import NotAChannel, Place
from connectors.telegram.sync import Push
from connectors.telegram_web.connector import TelegramWebConnector, pause_seconds, report, tell_well
from connectors.telegram_web.visit import Pages, visit
from schemas.errors import MarqabError, SourceDown

log = logging.getLogger(__name__)

FALL_BACK_SECONDS: Final = 120.0
STEADY_SECONDS: Final = 60.0
RECONNECT_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Before an account is connected again; the last one repeats."""
RETRY_SECONDS: Final = (1.0, 5.0, 20.0, 60.0, 300.0)
"""Before one channel is asked again after an error of its own."""
LOST_SECONDS: Final = (300.0, 1800.0, 7200.0, 21_600.0)
"""Before a private or vanished channel is asked for again: it is reported, and never given up."""
DEBOUNCE_SECONDS: Final = 0.01
"""Collects a burst of pushes into one batch."""


class OpenDoor(Protocol):
    """Makes the door to an account; `connectors.telegram.client.TelethonDoor` is the real one."""

    def __call__(self, account: Account, pushed: Pushed, places: dict[int, Place]) -> AbstractAsyncContextManager[Door]:
        """A door that connects when it is entered and hears pushes from then on.

        Args:
            account: whose.
            pushed: hears every push.
            places: by channel id; kept current by the connector.
        """
        ...


async def read_web_only(setup: Setup, sources: Sequence[SourceSettings], pages: Pages) -> None:
    """Read these sources through t.me/s."""
    await TelegramWebConnector(replace(setup, sources=tuple(sources)), pages=pages).run()


class AccountReader:
    """All channels of one account."""

    def __init__(
        self,
        account: Account,
        sources: Sequence[SourceSettings],
        setup: Setup,
        open_door: OpenDoor,
        pages: Pages,
        chance: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._account, self._setup, self._open_door, self._pages = account, setup, open_door, pages
        self._chance, self._clock = chance, clock
        self._channels = [Channel(source, setup, account.name, clock) for source in sources]
        ration(self._channels)
        self._places: dict[int, Place] = {}
        self._stopped: set[str] = set()

    async def run(self) -> None:
        """Read as the only process that uses this session.

        Raises:
            Misconfigured: another process uses the session, or it is of no more use and a source may be read through
                the account only.
            SourceDown: the session was taken over by another process.
        """
        if self._setup.hold is None:
            await self._read_on()
            return
        async with self._setup.hold(self._account.session) as lost:
            reading = asyncio.ensure_future(self._read_on())
            losing = asyncio.ensure_future(lost.wait())
            try:
                done, _ = await asyncio.wait({reading, losing}, return_when=asyncio.FIRST_COMPLETED)
                if reading not in done:
                    raise SourceDown(f"another process has taken over Telegram account “{self._account.name}”")
                reading.result()
            finally:
                for task in (reading, losing):
                    task.cancel()
                await asyncio.gather(reading, losing, return_exceptions=True)

    async def _read_on(self) -> None:
        """Connect, read, and connect again after a pause whenever the connection ends."""
        away_since, failures = self._clock(), 0
        while True:
            began = self._clock()
            try:
                async with self._open_door(self._account, self._pushed, self._places) as door:
                    for channel in self._channels:
                        channel.pushed(None)
                    await self._read(door)
                    return
            except AccountLost as error:
                await self._without_account(error)
                return
            except SourceDown as error:
                reason = str(error)
            if self._clock() - began > STEADY_SECONDS:
                away_since, failures = self._clock(), 0
            log.warning("Telegram account “%s” is away: %s", self._account.name, reason)
            for channel in self._running():
                self._setup.health.down(channel.source.id, self._setup.now(), reason)
            if self._setup.once:
                await self._fall_back(0.0)
                return
            pause = RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)] * (0.75 + self._chance() / 2)
            failures += 1
            if self._clock() - away_since > FALL_BACK_SECONDS:
                await self._fall_back(pause)
            else:
                await asyncio.sleep(pause)

    def _running(self) -> list[Channel]:
        return [channel for channel in self._channels if channel.source.id not in self._stopped]

    def _pushed(self, push: Push | int | None) -> None:
        for channel in self._channels:
            number = channel.place.channel_id
            if push is None or push == number:
                channel.pushed(None)
            elif isinstance(push, Push) and push.channel_id == number:
                channel.pushed(push)

    async def _read(self, door: Door) -> None:
        """Follow every channel until the connection is broken; with `once`, until each has been read."""
        following = [asyncio.ensure_future(self._follow(channel, door)) for channel in self._running()]
        broken = asyncio.ensure_future(door.broken())
        try:
            waiting = set(following)
            while waiting or not self._setup.once:
                done, _ = await asyncio.wait({broken, *waiting}, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                waiting -= done
        finally:
            for task in (broken, *following):
                task.cancel()
            await asyncio.gather(broken, *following, return_exceptions=True)

    async def _follow(self, channel: Channel, door: Door) -> None:
        """One channel, for as long as the connection lasts."""
        while True:
            channel.wake.clear()
            try:
                pause = await self._advance(channel, door)
            except (IdentityChanged, NotAChannel) as error:
                self._stopped.add(channel.source.id)
                if isinstance(error, IdentityChanged):
                    self._setup.meter.count("marqab_telegram_identity_changes_total", source=channel.source.id)
                self._setup.health.stopped(channel.source.id, self._setup.now(), str(error))
                return
            except SourceDown as error:
                pause = self._trouble(channel, error)
            except MarqabError:
                raise
            except Exception as error:
                log.exception("source %s: a defect, it is tried again", channel.source.id)
                pause = self._trouble(channel, SourceDown(f"a defect: {error!r}"))
            if self._setup.once:
                if channel.source.access == "auto" and channel.account_due > self._clock():
                    await self._visit(channel)
                await channel.store()
                return
            self._setup.meter.gauge("marqab_source_poll_interval_seconds", pause, source=channel.source.id)
            await self._rest(channel, pause, patient=channel.troubles > 0)

    async def _advance(self, channel: Channel, door: Door) -> float:
        """Read what is new, by the account or, while that may not, by t.me/s; gives the pause until the next time."""
        wait = channel.account_due - self._clock()
        if wait > 0:
            if channel.source.access != "auto":
                return wait
            await self._visit(channel)
            return min(wait, max(0.0, channel.web_due - self._clock()))
        joined = channel.place.joined
        await channel.catch_up(door)
        channel.troubles = 0
        place = channel.place
        if place.joined != joined and (problem := ration(self._running())):
            log.error("Telegram account “%s”: %s.", self._account.name, problem)
        if place.channel_id is not None:
            self._places[place.channel_id] = place
        tell_well(channel.source, place, self._setup, channel.told_id)
        channel.told_id = place.last_id
        return channel.pause_seconds(self._chance())

    async def _rest(self, channel: Channel, seconds: float, *, patient: bool) -> None:
        """Wait for a push, or until it is time to ask all the same; after trouble pushes do not cut the pause short."""
        if patient:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await channel.wake.wait()
        except TimeoutError:
            channel.behind = True
        else:
            await asyncio.sleep(DEBOUNCE_SECONDS)

    def _trouble(self, channel: Channel, error: SourceDown) -> float:
        """Report it, and say how long to pause."""
        channel.behind = True
        troubles, channel.troubles = channel.troubles, channel.troubles + 1
        self._setup.health.down(channel.source.id, self._setup.now(), str(error))
        if isinstance(error, ChannelLost):
            if error.stale:
                channel.forget_access()
            pause = LOST_SECONDS[min(troubles, len(LOST_SECONDS) - 1)]
        elif isinstance(error, FloodWaiting):
            pause = error.seconds
        else:
            return RETRY_SECONDS[min(troubles, len(RETRY_SECONDS) - 1)]
        channel.account_due = self._clock() + pause
        return 0.0 if channel.source.access == "auto" else pause

    async def _visit(self, channel: Channel) -> None:
        """Read the channel through t.me/s, and say when to do so again."""
        visited = await visit(channel.source, channel.place, self._pages, self._setup)
        channel.place, channel.visited = visited.place, True
        channel.web_failures = 0 if visited.well else channel.web_failures + 1
        pause = pause_seconds(channel.source, visited, channel.web_failures, self._chance())
        channel.web_due = self._clock() + pause
        if visited.well:
            report(channel.source, visited, self._setup)

    async def _fall_back(self, seconds: float) -> None:
        """While the account is away, visit t.me/s for those that allow it and are due; lasts about this long."""
        until = self._clock() + seconds
        for channel in self._running():
            if channel.source.access == "auto" and channel.web_due <= self._clock():
                await self._visit(channel)
        await asyncio.sleep(max(0.0, until - self._clock()))

    async def _without_account(self, error: AccountLost) -> None:
        """The account is lost for good: t.me/s remains for those that allow it, if all do.

        Raises:
            Misconfigured: some do not.
        """
        bound = [channel.source.id for channel in self._running() if channel.source.access != "auto"]
        if bound:
            raise error
        log.error("Telegram account “%s”: %s Its channels are read through t.me/s.", self._account.name, error)
        sources = tuple(channel.source for channel in self._running())
        positions = {**self._setup.positions, **{c.source.id: c.place.to_position() for c in self._running()}}
        await read_web_only(replace(self._setup, positions=positions), sources, self._pages)
