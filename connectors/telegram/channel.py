"""One channel through one account: ask, publish, move on. The loop around `connectors.telegram.sync`."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from connectors.base import Batch, Setup
from connectors.sources import SourceSettings
from connectors.telegram.door import Door
from connectors.telegram.place import Place
from connectors.telegram.sync import (
    Difference,
    Push,
    ReadCounter,
    ReadDifference,
    ReadMessages,
    ReadNewest,
    ReadOlder,
    Request,
    Resolve,
    Step,
    TooLong,
    follow,
    next_request,
    suspects,
    take,
    verify,
)
from connectors.telegram.tally import Path, tally

log = logging.getLogger(__name__)

POLL_SECONDS: Final = {"high": 30.0, "normal": 120.0, "low": 300.0}
"""By priority: the channel is asked this often even if nothing was pushed, because pushes do get lost."""
MOST_QUICK: Final = 10
"""Unjoined channels that may be asked as often as the server allows."""
STORE_EVERY_SECONDS: Final = 60.0
"""How long a place that moved without a post (views, reactions) may wait to be stored; a crash only re-reads it."""
PUSHES_A_BATCH: Final = 200
PATHS: Final[dict[type[Request], Path]] = {
    Resolve: "history",
    ReadCounter: "history",
    ReadNewest: "history",
    ReadOlder: "history",
    ReadDifference: "difference",
    ReadMessages: "again",
}


class IdentityChanged(Exception):
    """The source's name leads to another channel than before; nothing more may be read under it."""


class Channel:
    """One source and where it stands; owned by one task at a time.

    Attributes:
        behind: something may have happened that our counter does not know of.
        heard: pushes for this channel have arrived at all.
        server_timeout: how soon the server would like to be asked again.
        visited: t.me/s may have been read since the account was.
        told_id: health has heard of the messages up to this one.
        wake: set by pushes.
        account_due: before this moment of the clock the account is not asked (it may not read the channel).
        web_due: before this moment t.me/s is not asked.
        quick: it may be asked as often as the server allows (see `ration`).
        troubles: errors of the account in a row.
        web_failures: visits to t.me/s in a row that did not go well.
    """

    def __init__(self, source: SourceSettings, setup: Setup, account: str, clock: Callable[[], float]) -> None:
        self.source = source
        self.place = Place.from_position(setup.positions.get(source.id))
        self.behind = True
        self.heard = False
        self.server_timeout: int | None = None
        self.visited = True
        self.told_id = 0
        self.wake = asyncio.Event()
        self.account_due = self.web_due = 0.0
        self.quick = True
        self.troubles = self.web_failures = 0
        self._pushes: deque[Push] = deque(maxlen=1000)
        self._setup, self._account, self._clock = setup, account, clock
        self._fresh = True  # a process before this one may have been killed in the middle of a batch
        self._stored_at = -STORE_EVERY_SECONDS

    def pushed(self, push: Push | None) -> None:
        """Something was pushed: a change, or (None) only that there is one."""
        if push is None or len(self._pushes) == self._pushes.maxlen:
            self.behind = True
        else:
            self._pushes.append(push)
            self.heard = True
        self.wake.set()

    async def catch_up(self, door: Door) -> None:
        """Publish all that is known to have happened; returns when there is nothing left to ask.

        Raises:
            IdentityChanged: see there.
            NotAChannel: the source names nothing that could be read.
            MarqabError: what `Door.ask` and the sink raise; the place stands as it was stored.
        """
        if self.visited:
            self.place, self.visited = verify(self.place), False
        while True:
            await self._take_pushes()
            request = next_request(self.place, self.source, self._account, behind=self.behind)
            if request is None:
                return
            if isinstance(request, ReadDifference):
                self.behind = False
            try:
                answer = await door.ask(request, self.place)
            except BaseException:
                self.behind = True
                raise
            self._measure(type(request).__name__, answer)
            step = take(self.place, request, answer, self.source, self._account, self._setup.now())
            if step.identity is not None:
                raise IdentityChanged(step.identity)
            if isinstance(request, ReadDifference):
                if self._fresh and isinstance(answer, TooLong):
                    again = {*step.place.recheck, *suspects(self.place, answer.top_id)}
                    step = replace(step, place=replace(step.place, recheck=tuple(sorted(again, reverse=True))))
                self._fresh = False
            if step.renamed:
                log.warning("source %s: @%s is now called @%s", self.source.id, step.renamed, step.place.username)
            await self._move(step, PATHS[type(request)])
            self.behind = self.behind or step.behind

    async def _take_pushes(self) -> None:
        """Pushes that continue our counter need no request; at a gap they are dropped and the difference is asked."""
        while self._pushes and not self.behind:
            row = list(islice(self._pushes, PUSHES_A_BATCH))
            followed = follow(self.place, row, self.source, self._setup.now())
            for _ in range(followed.taken):
                self._pushes.popleft()
            if followed.gap:
                self.behind = True
                self._setup.meter.count("marqab_telegram_gaps_total", reason="push")
            await self._move(followed.step, "push")
        if self.behind:
            self._pushes.clear()

    async def _move(self, step: Step, path: Path) -> None:
        """Publish and store, then stand at the new place; what moved without a post may be stored later."""
        entering = step.place.entered and not self.place.entered
        due = self._clock() - self._stored_at >= STORE_EVERY_SECONDS
        if step.posts or entering or (due and step.place.entered and step.place != self.place):
            batch = Batch(source_id=self.source.id, posts=step.posts, position=step.place.to_position())
            await self._setup.sink.deliver(batch)
            self._stored_at = self._clock()
            tally(self._setup.meter, path, step.posts)
        self.place = step.place

    async def store(self) -> None:
        """Store the place as it is, whether or not it is due."""
        if self.place.entered:
            await self._setup.sink.deliver(Batch(source_id=self.source.id, position=self.place.to_position()))

    def forget_access(self) -> None:
        """The access hash is no longer accepted: ask for the channel again."""
        self.place = replace(self.place, access_hash=None)

    def _measure(self, request: str, answer: object) -> None:
        meter = self._setup.meter
        meter.count("marqab_fetches_total", source=self.source.id, outcome=request.lower())
        if isinstance(answer, TooLong):
            log.warning("source %s: Telegram no longer knows all changes; messages are read again", self.source.id)
            meter.count("marqab_telegram_gaps_total", reason="too_long")
        elif isinstance(answer, Difference):
            self.server_timeout = answer.timeout
            if answer.changes and self.heard and not self.wake.is_set():
                meter.count("marqab_telegram_gaps_total", reason="missed_push")

    def pause_seconds(self, chance: float) -> float:
        """How long to wait for a push before asking all the same.

        Args:
            chance: 0 to 1; spreads the channels.
        """
        priority = self.source.priority if self.quick else "normal"
        seconds = self.source.interval_seconds or POLL_SECONDS[priority]
        if priority == "high" and self.server_timeout:
            seconds = min(seconds, max(10.0, float(self.server_timeout)))
        return seconds * (0.75 + chance / 2)


def ration(channels: Iterable[Channel]) -> str | None:
    """Let only so many channels that the account has not joined be asked at the server's own pace.

    Those that it has joined are pushed to it; of the others Telegram expects a client to follow the few that are open.

    Returns:
        Which ones are asked less often than their priority says, in a sentence; None when there are none.
    """
    unjoined = [each for each in channels if each.source.priority == "high" and each.place.joined is False]
    for number, channel in enumerate(unjoined):
        channel.quick = number < MOST_QUICK
    slowed = [channel.source.id for channel in unjoined[MOST_QUICK:]]
    if not slowed:
        return None
    return (
        f"{len(unjoined)} channels of high priority are not joined, and at most {MOST_QUICK} such may be asked "
        f"quickly: {', '.join(slowed)} are asked as those of normal priority. Join some, or lower their priority"
    )
