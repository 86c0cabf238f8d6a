"""What one worker does with the partitions it is given: builds steps from the tables, opens lanes, tells how it goes.

It knows Faust's app only by what it asks of it (consumer, producer, tables); `agents.app` imports Faust.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, Protocol

import msgspec

from agents.breaker import Breaker
from agents.continuity import Verdict, judge
from agents.lane import TICK_SECONDS, Lane, Ticks
from agents.progress import Progress
from agents.routes import Routes
from agents.stage import Message, Outcome, Outgoing, Puts, Step
from agents.stages import Stages
from agents.steps import Announcing, Classifying, Correlating, Normalizing, unreadable
from schemas.errors import Inapplicable, Misconfigured, SourceDown
from schemas.metrics import Meter
from schemas.records import Alert
from schemas.topics import BACKFILL, FEEDBACK, INCIDENTS, POSTS, REPORTS, SIGHTINGS, TABLES

log = logging.getLogger(__name__)

SEEK_AGAIN_SECONDS: Final = 1.0
"""What was fetched before a seek may arrive after it; it is no reason to seek again."""
BEHIND_TIMES: Final = 3

READS: Final = {"normalizer": POSTS, "classifier": REPORTS, "correlator": SIGHTINGS, "announcer": INCIDENTS}
"""Which stage reads which topic."""
BESIDE: Final = {"correlator": FEEDBACK}
"""Which stage reads a second topic: partition by partition in the same lane as the first, for it shares its memory."""
PAST: Final = {"normalizer": BACKFILL}
"""Which stage reads a second topic in a lane of its own, that waits while others have much to do."""
ROOM_FOR_THE_PAST: Final = 32
"""Live messages at work in this process below which the past may go on: fewer leave the stages idle between batches."""
TURN_SECONDS: Final = 0.02

KEEPS: Final = {stage: name for name, topic in TABLES.items() for stage, read in READS.items() if read is topic}
"""Which stage keeps which table."""


class Place(Protocol):
    """Topic and partition, as Faust and aiokafka name them."""

    @property
    def topic(self) -> str:
        """Full name."""

    @property
    def partition(self) -> int:
        """Number."""


class Kept(Protocol):
    """A table as the worker uses it."""

    changelog_topic_name: str

    async def keep(self, producer: Any, partition: int, puts: Puts) -> None:
        """Return when the rows are in the changelog and here."""

    def read(self, partition: int, key: str) -> bytes | None:
        """One row."""

    def rows(self, partitions: Iterable[int]) -> dict[int, list[tuple[str, bytes]]]:
        """All rows of these partitions."""

    async def missing(self) -> dict[int, int]:
        """Partitions whose changelog begins after rows that this table never read, with the first offset left."""


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
        self.lanes: dict[Place, Lane] = {}
        self.expected: dict[Place, int] = {}
        """The offset of the next message that a lane has to see."""
        self.fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails when the worker must end."""
        self.stage_of = {topic.named(prefix): stage for read in (READS, BESIDE, PAST) for stage, topic in read.items()}
        self._prefix = prefix
        self._stages = stages
        self._accept_lost_rows = accept_lost_rows
        self._tick_seconds = tick_seconds
        self._handed_out = 0
        self._sought_at: dict[Place, float] = {}
        self._behind: dict[Place, tuple[int, int]] = {}
        self._breakers = {stage: Breaker(most_rejects) for stage in READS}
        # One thread: Python runs one step at a time anyway, and loop and heartbeats keep theirs.
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stages")

    async def read(self, stream: Any) -> None:
        """The body of every agent: messages into their lanes, none passed over."""
        async for event in stream.noack().events():
            await self._take(event.message)

    async def _take(self, message: Any) -> None:
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
        self.meter.count("marqab_reads_repeated_total", topic=place.topic)
        told = "%s[%d]: messages from %d on were fetched and did not arrive; they are read again"
        log.warning(told, place.topic, place.partition, expected)
        await self.app.consumer.read_again(place, expected)

    async def _count_lost(self, place: Place, expected: int, until: int) -> None:
        """Say how many messages retention has deleted before they were read."""
        earliest = (await self.app.consumer.earliest_offsets(place))[place]
        if (lost := min(earliest, until) - expected) > 0:
            self._tell_lost(place, lost, expected)

    def _tell_lost(self, place: Place, lost: int, expected: int) -> None:
        self.meter.count("marqab_messages_expired_total", lost, topic=place.topic)
        told = "%s[%d]: %d messages from %d on were deleted by the broker's retention before they were read"
        log.error(told, place.topic, place.partition, lost, expected)

    async def look_for_dropped(self) -> None:
        """Read again what the client handed out last and no lane has seen: nothing after it would show the hole.

        To be called every other second; a lane that is behind each of three times is not merely slow.
        """
        for place, lane in list(self.lanes.items()):
            expected, handed = self.expected[place], self.app.consumer.handed(place)
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
        lanes, self.lanes = self.lanes, {}
        self.expected, self._sought_at, self._behind = {}, {}, {}
        for partition in {place.partition for place in lanes}:
            self.meter.forget(partition=str(partition))  # its next reader tells of it
        await asyncio.gather(*(lane.close() for lane in {*lanes.values()}))
        return len(lanes)

    async def recovered(self, _app: Any, **_: Any) -> None:
        """Partitions came, and the tables are read back: build what each partition remembers, open its lane."""
        handed_out = self._handed_out
        places = sorted(tp for tp in self.app.consumer.assignment() if tp.topic in self.stage_of)
        self._check_partitions()
        await self._check_topics()
        await self._check_changelogs()
        if self.fatal.done():
            return
        starts = await self.app.consumer.starts(places)
        beside = {topic.named(self._prefix) for topic in BESIDE.values()}
        try:
            steps = await asyncio.to_thread(self._steps, [tp for tp in places if tp.topic not in beside])
        except Misconfigured as error:
            self.broken(error)
            return
        await self._close_lanes()
        if handed_out != self._handed_out:  # taken away again meanwhile
            return
        lanes = {tp: self._lane(tp, step) for tp, step in steps.items()}
        of = {(self.stage_of[tp.topic], tp.partition): lane for tp, lane in lanes.items()}
        self.lanes = {tp: lanes.get(tp) or of[self.stage_of[tp.topic], tp.partition] for tp in places}
        self._begin(starts)
        for lane in lanes.values():
            lane.open()
        self.progress.recovered(frozenset((tp.topic, tp.partition) for tp in places))
        for topic in self.stage_of:
            mine = sum(1 for tp in places if tp.topic == topic)
            self.meter.gauge("marqab_assigned_partitions", mine, topic=topic)

    def _lane(self, place: Place, step: Step) -> Lane:
        ticks, outlet = Ticks(place.partition, self._tick_seconds), Outlet(self, step.name)
        if place.topic not in {topic.named(self._prefix) for topic in PAST.values()}:
            return Lane(step, outlet, self.executor, ticks)
        outlet = OutletOfThePast(self, step.name)
        return Lane(step, outlet, self.executor, turn=partial(self._turn_of_the_past, outlet))

    async def _turn_of_the_past(self, outlet: "OutletOfThePast") -> None:
        """Return when hardly any live message waits, and what the past has sent here before has been worked off."""
        past = {topic.named(self._prefix) for topic in PAST.values()}
        while True:
            live = {lane for place, lane in self.lanes.items() if place.topic not in past}
            if sum(lane.unfinished for lane in live) < ROOM_FOR_THE_PAST and not outlet.waits(self.lanes):
                return
            await asyncio.sleep(TURN_SECONDS)

    def _begin(self, starts: Mapping[Place, Any]) -> None:
        for place, start in starts.items():
            self.expected[place] = start.offset
            if start.committed is not None and start.committed < start.earliest:
                self._tell_lost(place, start.earliest - start.committed, start.committed)

    async def _check_changelogs(self) -> None:
        """A changelog that lost its beginning has forgotten incidents: never go on as if there had been none."""
        for table in self.tables.values():
            for partition, earliest in (await table.missing()).items():
                name = table.changelog_topic_name
                told = f"{name} begins at offset {earliest} in partition {partition}: older rows were deleted, and no "
                told += "local store has them, so what they remembered is lost. "
                if not self._accept_lost_rows:
                    told += "Restore the topic; or take another MARQAB_APP_ID, which reads every post anew; or set "
                    self.broken(Misconfigured(told + "MARQAB_ACCEPT_LOST_ROWS=1 to go on without them."))
                    return
                self.meter.count("marqab_lost_changelogs_total", topic=name)
                log.error("%sGoing on without them, as MARQAB_ACCEPT_LOST_ROWS says", told)

    async def _check_topics(self) -> None:
        """A topic that is missing would be read by nobody, and nobody would notice."""
        there = await self.app.consumer.topics()
        for name in self.stage_of:
            if name not in there:
                self.broken(SourceDown(f"the topic {name} does not exist. Create it with `marqab topics create`"))

    def _check_partitions(self) -> None:
        """What has other partitions than the topic it follows cannot keep what is its."""
        again = "Create the changelog anew, or set another MARQAB_APP_ID."
        pairs = [(READS[stage], table.changelog_topic_name, again) for stage, table in self.tables.items()]
        second = [*BESIDE.items(), *PAST.items()]
        pairs += [(READS[stage], topic.named(self._prefix), "Create it anew.") for stage, topic in second]
        for first, other, remedy in pairs:
            source = first.named(self._prefix)
            have = [self.app.consumer.topic_partitions(name) for name in (source, other)]
            if all(have) and have[0] != have[1]:  # a changelog made just now may have none yet
                sentence = f"{source} has {have[0]} partitions and {other} has {have[1]}; they must be equal. "
                self.broken(Misconfigured(sentence + remedy))

    def _steps(self, places: Iterable[Place]) -> dict[Place, Step]:
        """Read the tables and build the correlators: a long calculation, for a thread."""
        stages = {tp: self.stage_of[tp.topic] for tp in places}
        rows = {
            stage: self.tables[stage].rows([tp.partition for tp, its in stages.items() if its == stage])
            for stage in ("classifier", "correlator")
        }
        try:
            return {tp: self._step(stage, tp.partition, rows) for tp, stage in stages.items()}
        except msgspec.MsgspecError as error:
            raise unreadable("a row of a table", error) from error

    def _step(self, stage: str, partition: int, rows: Mapping[str, dict[int, list[tuple[str, bytes]]]]) -> Step:
        match stage:
            case "normalizer":
                return Normalizing(self._stages.normalize)
            case "classifier":
                routes = Routes()
                routes.load(rows[stage][partition])
                return Classifying(self._stages.classify, routes)
            case "correlator":
                correlator = self._stages.correlator()
                correlator.load(rows[stage][partition])
                return Correlating(correlator)
            case _:
                table = self.tables["announcer"]
                return Announcing(self._stages.announce, lambda key: table.read(partition, key))

    # ---- what lanes ask for

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """Hand a message to the producer; the future is its delivery."""
        stamp = None if outgoing.timestamp_ms is None else outgoing.timestamp_ms / 1000
        topic = outgoing.topic.named(self._prefix)
        delivery: asyncio.Future[object] = await self.app.producer.send(
            topic, outgoing.key, outgoing.value, None, stamp, outgoing.headers
        )
        return delivery

    def finished(self, stage: str, outcome: Outcome, seconds: float) -> None:
        """Count one message that is done for good."""
        self.progress.done()
        result = "rejected" if outcome.rejected else "sent" if outcome.outgoing else "nothing"
        self.meter.count("marqab_messages_total", stage=stage, outcome=result)
        self.meter.observe("marqab_stage_duration_seconds", seconds, stage=stage)
        if outcome.rejected:
            self.meter.count("marqab_rejects_total", stage=stage, reason=outcome.rejected)
        if sentence := self._breakers[stage].told(outcome.rejected not in (None, Inapplicable.__name__)):
            why = f"the {stage} stops: {sentence}, and stand in the rejects with their reasons. "
            self.broken(Misconfigured(why + "Mend what writes them (or marqab), then start the worker again."))
        for name, labels in outcome.counts:
            self.meter.count(name, 1, **labels)
        for outgoing in outcome.outgoing:
            if isinstance(outgoing.record, Alert) and not outgoing.record.test:
                for since, age in latencies(outgoing.record, time.time()).items():
                    self.meter.observe("marqab_alert_latency_seconds", age, since=since)

    def broken(self, error: BaseException) -> None:
        """Something could not be delivered: end, and let the supervisor start us again from what is stored."""
        self.progress.broken = str(error) or repr(error)
        if not self.fatal.done():
            self.fatal.set_exception(error)


class Outlet:
    """The port of one lane: the worker's producer, and the lane's own table."""

    def __init__(self, worker: Worker, stage: str) -> None:
        self._worker, self._stage = worker, stage

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """See `agents.lane.Port`."""
        return await self._worker.send(outgoing)

    async def keep(self, partition: int, puts: Puts) -> None:
        """See `agents.lane.Port`."""
        await self._worker.tables[self._stage].keep(self._worker.app.producer, partition, puts)

    def finished(self, outcome: Outcome, seconds: float) -> None:
        """See `agents.lane.Port`."""
        self._worker.finished(self._stage, outcome, seconds)

    def broken(self, error: BaseException) -> None:
        """See `agents.lane.Port`."""
        self._worker.broken(error)


class OutletOfThePast(Outlet):
    """Remembers what it has sent, for the next batch has to wait until that is done."""

    def __init__(self, worker: Worker, stage: str) -> None:
        super().__init__(worker, stage)
        self._on_the_way: set[asyncio.Future[Any]] = set()
        self._sent: dict[Any, int] = {}

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """See `agents.lane.Port`."""
        delivery: asyncio.Future[Any] = await super().send(outgoing)
        self._on_the_way.add(delivery)
        delivery.add_done_callback(self._delivered)
        return delivery

    def _delivered(self, delivery: asyncio.Future[Any]) -> None:
        self._on_the_way.discard(delivery)
        if not delivery.cancelled() and delivery.exception() is None:
            told = delivery.result()
            self._sent[told.topic, told.partition] = told.offset

    def waits(self, lanes: Mapping[Any, Lane]) -> bool:
        """Whether something that it sent is not done yet; what another worker reads is that one's affair."""
        return bool(self._on_the_way) or any(
            (lanes[place].done(place[0]) or 0) <= offset for place, offset in self._sent.items() if place in lanes
        )


def latencies(alert: Alert, now: float) -> dict[str, float]:
    """Seconds from publication and from fetching of the statement that made the alert to now."""
    since = {"published": max(0.0, now - alert.issued_at.timestamp())}
    fetched = [s.fetched_at for s in alert.incident.statements if s.published_at == alert.issued_at and s.fetched_at]
    if fetched:
        since["fetched"] = max(0.0, now - max(fetched).timestamp())
    return since


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
