"""What one worker does with the partitions it is given: opens lanes for them, closes them when they go.

It ends when something is broken, to be started again. It knows Faust's app only by what it asks of it (consumer,
producer, tables); `agents.app` imports Faust.
"""

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from agents.duties import BESIDE, PAST, Place, named, stages_by_topic
from agents.intake import Intake
from agents.lane import TICK_SECONDS, Lane, Ticks
from agents.limit import Limit
from agents.past import PortOfThePast
from agents.premises import check_changelogs, check_partitions, check_topics
from agents.progress import Progress
from agents.stage import Outcome, Outgoing, Puts, Step
from agents.stages import Stages
from agents.tables import Kept, remembered
from agents.tally import Tally
from schemas.errors import Misconfigured, SourceDown
from schemas.metrics import Meter


class Worker:
    """The lanes of one process."""

    def __init__(
        self,
        app: Any,
        tables: Mapping[str, Kept],
        prefix: str,
        stages: Stages,
        meter: Meter,
        progress: Progress,
        most_rejects: float = 0.5,
        accept_lost_rows: bool = False,
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        """To be made inside the running event loop.

        Args:
            app: the Faust app.
            tables: by stage.
            prefix: of the topics.
            stages: the pure stages.
            meter: where measurements go.
            progress: what /readyz asks.
            most_rejects: share of a minute's messages of a stage that may be set aside.
            accept_lost_rows: work on although rows of a changelog are gone.
            tick_seconds: after how long without a message a lane looks whether something is due.
        """
        self.app = app
        self.tables = tables
        self.meter = meter
        self.progress = progress
        self.intake = Intake(app, meter)
        self.fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when the worker must end."""
        self.stage_of = stages_by_topic(prefix)
        self._prefix = prefix
        self.limit = Limit()
        """What the watchdog looks at: posts that take too long to read."""
        limited = self.limit.of(stages.normalize), self.limit.of(stages.classify)
        self._stages = replace(stages, normalize=limited[0], classify=limited[1])
        self._accept_lost_rows = accept_lost_rows
        self._tick_seconds = tick_seconds
        self._handed_out = 0
        self._rows: dict[tuple[str, int], int] = {}
        self._tally = Tally(meter, progress, most_rejects)
        # One thread: Python runs one step at a time anyway, and loop and heartbeats keep theirs.
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stages")

    # ---- assignment

    async def revoked(self, _app: Any, _revoked: Iterable[Place], **_: Any) -> None:
        """Partitions go: stop their lanes, and let what they sent leave before somebody else takes over."""
        self._handed_out += 1
        self.progress.revoked()
        self.meter.count("marqab_rebalances_total")
        lanes = await self._close_lanes()
        if lanes:
            await self.app.producer.flush()
        if self.app.lease.refused:
            self.broken(SourceDown("the partitions were given to somebody else while messages waited to be sent"))

    async def _close_lanes(self) -> int:
        lanes = self.intake.end()
        for partition in {place.partition for place in lanes}:
            self.meter.forget(partition=str(partition))  # its next reader tells of it
        await asyncio.gather(*(lane.close() for lane in {*lanes.values()}))
        return len(lanes)

    async def recovered(self, _app: Any, **_: Any) -> None:
        """Partitions came, and the tables are read back: build what each partition remembers, open its lane."""
        handed_out = self._handed_out
        places = sorted(tp for tp in self.app.consumer.assignment() if tp.topic in self.stage_of)
        try:
            starts = await self.app.consumer.starts(places)
            self._rows = await self._checked(starts)
            steps = await asyncio.to_thread(remembered, self._stages, self.tables, self._with_lanes(places))
        except (Misconfigured, SourceDown) as error:
            self.broken(error)
        if self.fatal.done():
            return
        await self._close_lanes()
        if handed_out != self._handed_out:  # taken away again meanwhile
            return
        lanes = {tp: self._lane(tp, step) for tp, step in steps.items()}
        of = {(self.stage_of[tp.topic], tp.partition): lane for tp, lane in lanes.items()}
        self.intake.begin({tp: lanes.get(tp) or of[self.stage_of[tp.topic], tp.partition] for tp in places}, starts)
        for lane in lanes.values():
            lane.open()
        self.progress.recovered(frozenset((tp.topic, tp.partition) for tp in places))
        for topic in self.stage_of:
            mine = sum(1 for tp in places if tp.topic == topic)
            self.meter.gauge("marqab_assigned_partitions", mine, topic=topic)

    async def _checked(self, starts: Mapping[Place, Any]) -> dict[tuple[str, int], int]:
        """What must hold before lanes open; returns, by stage and partition, how far its changelog is known to go."""
        check_partitions(self.app.consumer, self.tables, self._prefix)
        await check_topics(self.app.consumer, self._prefix)
        rows: dict[tuple[str, int], int] = {}
        for place, start in starts.items():
            its = self.stage_of[place.topic], place.partition
            rows[its] = max(rows.get(its, 0), start.rows)
        return await check_changelogs(self.tables, rows, self.meter, accept_lost_rows=self._accept_lost_rows)

    def rows_of(self, place: Place) -> int:
        """The offset after the last row that is known to be in the changelog of the stage that reads this partition."""
        stage = self.stage_of[place.topic]
        kept = self.tables[stage].kept(place.partition) if stage in self.tables else 0
        return max(kept, self._rows.get((stage, place.partition), 0))

    def _with_lanes(self, places: Iterable[Place]) -> dict[Place, str]:
        """The partitions that get a lane of their own, each with the stage that reads it."""
        return {tp: self.stage_of[tp.topic] for tp in places if tp.topic not in named(BESIDE, self._prefix)}

    def _lane(self, place: Place, step: Step) -> Lane:
        outlet, past = Outlet(self, step.name), named(PAST, self._prefix)
        if place.topic not in past:
            return Lane(step, outlet, self.executor, Ticks(place.partition, self._tick_seconds))
        port = PortOfThePast(outlet, self.intake, past)
        return Lane(step, port, self.executor, turn=port.turn)

    # ---- what lanes ask for

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """Hand a message to the producer; the future is its delivery. A worker that must end sends nothing more."""
        if self.fatal.done() and (error := self.fatal.exception()):
            raise error
        stamp = None if outgoing.timestamp_ms is None else outgoing.timestamp_ms / 1000
        topic = outgoing.topic.named(self._prefix)
        delivery: asyncio.Future[object] = await self.app.producer.send(
            topic, outgoing.key, outgoing.value, None, stamp, outgoing.headers
        )
        return delivery

    def finished(self, stage: str, outcome: Outcome, seconds: float) -> None:
        """Count one message that is done for good."""
        if error := self._tally.finished(stage, outcome, seconds):
            self.broken(error)

    def broken(self, error: BaseException) -> None:
        """Something could not be delivered: end, and let the supervisor start us again from what is stored."""
        self.progress.broken = str(error) or repr(error)
        if not self.fatal.done():
            self.fatal.set_exception(error)


class Outlet:
    """The port of one lane: the worker's producer, and the lane's own table."""

    def __init__(self, worker: Worker, stage: str) -> None:
        self._worker, self._stage = worker, stage
        self.send = worker.send
        self.broken = worker.broken

    async def keep(self, partition: int, puts: Puts) -> None:
        """See `agents.lane.Port`."""
        await self._worker.tables[self._stage].keep(self._worker.app.producer, partition, puts)

    def finished(self, outcome: Outcome, seconds: float) -> None:
        """See `agents.lane.Port`."""
        self._worker.finished(self._stage, outcome, seconds)
