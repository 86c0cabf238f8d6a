"""Messages into their lanes, none passed over: what `agents.continuity` decides is done here.

Each partition's next offset is kept; what the Kafka client handed out and no lane has seen is read again.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from agents.continuity import Verdict, judge
from agents.duties import Place
from agents.lane import Lane
from agents.stage import Message
from schemas.metrics import Meter

log = logging.getLogger(__name__)

SEEK_AGAIN_SECONDS: Final = 1.0
"""What was fetched before a seek may arrive after it; it is no reason to seek again."""
BEHIND_TIMES: Final = 3


class Intake:
    """The lanes of one process, and the offsets that they have to see next."""

    def __init__(self, app: Any, meter: Meter) -> None:
        """Nothing is taken before `begin`.

        Args:
            app: the Faust app; its consumer is asked for positions, and to read again.
            meter: where measurements go.
        """
        self.lanes: Mapping[Place, Lane] = {}
        self.expected: dict[Place, int] = {}
        """The offset of the next message that a lane has to see."""
        self._app = app
        self._meter = meter
        self._sought_at: dict[Place, float] = {}
        self._behind: dict[Place, tuple[int, int]] = {}

    def begin(self, lanes: Mapping[Place, Lane], starts: Mapping[Place, Any]) -> None:
        """Take messages into these lanes, from these offsets on (`committed`, `earliest` and `offset` of each)."""
        self.lanes = lanes
        self.expected, self._sought_at, self._behind = {}, {}, {}
        for place, start in starts.items():
            self.expected[place] = start.offset
            if start.committed is not None and start.committed < start.earliest:
                self._tell_lost(place, start.earliest - start.committed, start.committed)

    def end(self) -> Mapping[Place, Lane]:
        """Take nothing more; returns the lanes that there were."""
        lanes = self.lanes
        self.begin({}, {})
        return lanes

    async def read(self, stream: Any) -> None:
        """The body of every agent: messages into their lanes, none passed over."""
        async for event in stream.noack().events():
            await self.take(event.message)

    async def take(self, message: Any) -> None:
        """Hand one of Faust's messages to its lane, unless it was taken before or something before it is missing."""
        place: Place = message.tp
        lane = self.lanes.get(place)
        if lane is None:  # just taken from us, or not given yet: the lane that opens will miss it and read it again
            return
        expected = self.expected[place]
        verdict = judge(expected, message.offset, message.follows)
        if verdict is Verdict.MISSING:
            await self._read_again(place)
        if verdict in (Verdict.MISSING, Verdict.KNOWN):
            return
        self.expected[place] = message.offset + 1
        if verdict is Verdict.CUT:
            told = "%s[%d] was read up to %d and begins anew at %d: its end was lost; it is read from there"
            log.error(told, place.topic, place.partition, expected, message.offset)
        elif message.offset > expected:
            await self._count_lost(place, expected, message.offset)
        await lane.put(_message(message))

    async def _read_again(self, place: Place) -> None:
        """Seek back to what is expected; once, until what was on its way has arrived."""
        now, expected = time.monotonic(), self.expected[place]
        if now - self._sought_at.get(place, -SEEK_AGAIN_SECONDS) < SEEK_AGAIN_SECONDS:
            return
        self._sought_at[place] = now
        self._meter.count("marqab_reads_repeated_total", topic=place.topic)
        told = "%s[%d]: messages from %d on were fetched and did not arrive; they are read again"
        log.warning(told, place.topic, place.partition, expected)
        await self._app.consumer.read_again(place, expected)

    async def _count_lost(self, place: Place, expected: int, until: int) -> None:
        """Say how many messages retention has deleted before they were read."""
        earliest = (await self._app.consumer.earliest_offsets(place))[place]
        if (lost := min(earliest, until) - expected) > 0:
            self._tell_lost(place, lost, expected)

    def _tell_lost(self, place: Place, lost: int, expected: int) -> None:
        self._meter.count("marqab_messages_expired_total", lost, topic=place.topic)
        told = "%s[%d]: %d messages from %d on were deleted by the broker's retention before they were read"
        log.error(told, place.topic, place.partition, lost, expected)

    async def look_for_dropped(self) -> None:
        """Read again what the client handed out last and no lane has seen: nothing after it would show the hole.

        To be called every other second; a lane that is behind each of three times is not merely slow.
        """
        for place, lane in list(self.lanes.items()):
            expected, handed = self.expected[place], self._app.consumer.handed(place)
            if lane.oldest(place.topic) is not None or handed is None or handed <= expected:
                self._behind.pop(place, None)
                continue
            before, times = self._behind.get(place, (expected, 0))
            self._behind[place] = (expected, times + 1 if before == expected else 1)
            if self._behind[place][1] >= BEHIND_TIMES:
                self._behind.pop(place)
                await self._read_again(place)

    def finished_offsets(self) -> dict[Place, int]:
        """What may be committed: where something is done, the offset after the last message that is."""
        done = {place: lane.done(place.topic) for place, lane in self.lanes.items()}
        return {place: offset for place, offset in done.items() if offset is not None}


def _message(message: Any) -> Message:
    stamp = message.timestamp
    return Message(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=round(stamp * 1000) if stamp is not None else -1,
        key=message.key,
        value=message.value,
        headers=tuple(message.headers or ()),
    )
