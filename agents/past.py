"""The past waits for the present: how a lane that reads posts of long ago keeps out of the way of live ones.

It may begin a batch when hardly any live message waits in this process, and when what its last batch led to has been
worked off. Otherwise the stages behind it would be full of the past when something happens.
"""

import asyncio
from collections.abc import Mapping, Set
from typing import Any, Final

from agents.intake import Intake
from agents.lane import Lane, Port
from agents.stage import Outgoing

ROOM_FOR_THE_PAST: Final = 32
"""Live messages at work in this process below which the past may go on: fewer leave the stages idle between batches."""
TURN_SECONDS: Final = 0.02


class PortOfThePast:
    """A port that remembers what was sent through it, for the next batch has to wait until that is done."""

    def __init__(self, port: Port, intake: Intake, past: Set[str]) -> None:
        """Send through another port.

        Args:
            port: how messages leave, rows are kept, and who is told.
            intake: the lanes of this process.
            past: topics whose messages are not live.
        """
        self._port = port
        self._intake = intake
        self._past = past
        self._on_the_way: set[asyncio.Future[Any]] = set()
        self._sent: dict[Any, int] = {}
        self.keep = port.keep
        self.finished = port.finished
        self.broken = port.broken

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """See `agents.lane.Port`."""
        delivery: asyncio.Future[Any] = await self._port.send(outgoing)
        self._on_the_way.add(delivery)
        delivery.add_done_callback(self._delivered)
        return delivery

    def _delivered(self, delivery: asyncio.Future[Any]) -> None:
        self._on_the_way.discard(delivery)
        if not delivery.cancelled() and delivery.exception() is None:
            told = delivery.result()
            self._sent[told.topic, told.partition] = told.offset

    async def turn(self) -> None:
        """Return when hardly any live message waits, and what was sent through here has been worked off."""
        while True:
            if self._live() < ROOM_FOR_THE_PAST and not self._waits():
                return
            await asyncio.sleep(TURN_SECONDS)

    def _live(self) -> int:
        lanes = {lane for place, lane in self._intake.lanes.items() if place.topic not in self._past}
        return sum(lane.unfinished for lane in lanes)

    def _waits(self) -> bool:
        """Whether something that it sent is not done yet; what another worker reads is that one's affair."""
        lanes: Mapping[Any, Lane] = self._intake.lanes
        return bool(self._on_the_way) or any(
            (lanes[place].done(place[0]) or 0) <= offset for place, offset in self._sent.items() if place in lanes
        )
