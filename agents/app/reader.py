"""Faust's consumer, so that nothing it fetched is passed over and nothing unfinished is committed.

Faust's own ways of losing a record that it fetched (faust-streaming 0.15.3, listed in decision page 50) stay as they
are; records carry what `agents.continuity` needs to notice, and offsets are committed by lanes alone.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from schemas.errors import SourceDown

EMBEDDED_FETCH_WAIT_MS: Final = 20
REFUSALS: Final = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


class Fetched(NamedTuple):
    """One record as aiokafka handed it out."""

    record: Any
    follows: int | None
    """See `agents.continuity.judge`."""


class Start(NamedTuple):
    """Where reading a partition begins."""

    committed: int | None
    """What the group has finished; None: nothing yet."""
    earliest: int
    """The first offset that the log still has."""
    rows: int = 0
    """The offset after the last row of the changelog that the group had kept then; 0: it kept none, or did not say."""

    @property
    def offset(self) -> int:
        """The first offset to be read."""
        return self.earliest if self.committed is None else max(self.committed, self.earliest)


def _number(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdecimal() else 0


class _Wanted:
    """The partitions that Faust wants now. It passes a set that it empties meanwhile; aiokafka takes empty for all."""

    def __init__(self, places: set[TP]) -> None:
        self._places = places

    def __bool__(self) -> bool:
        return True

    def __contains__(self, place: object) -> bool:
        return place in self._places


class _Unread(dict[TP, int | None]):
    """Faust's note of what it has read, which drops what is below it and takes holes for compaction: left empty."""

    def __getitem__(self, _place: TP) -> None:
        return None


def _refused(error: BaseException) -> SourceDown:
    told = f"Kafka does not let us read any more: {error}. A right was withdrawn; nothing is lost meanwhile. Grant it "
    return SourceDown(told + "again: `marqab topics acls --role worker` prints the commands.")


def take_turns(fetched: OrderedDict[TP, Any], served: Iterable[TP]) -> None:
    """Put the partitions that were just served behind all others that have records ready.

    aiokafka empties what it fetched partition by partition: four megabytes of posts, which may be ten thousand, would
    pass before the first of the reports that they led to.
    """
    for place in served:
        if place in fetched:
            fetched.move_to_end(place)


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that owns the Kafka client. Methods that begin with an underscore run inside of it."""

    handed: dict[TP, int]
    """The offset after the last record that was handed out, or that was sought; empty after a revocation."""
    rows_begin: dict[TP, int]
    """The first offset of a changelog that its table does not have yet, as Faust sought it."""

    def __post_init__(self) -> None:
        """Called by Faust's constructor."""
        super().__post_init__()
        self.handed, self.rows_begin = {}, {}

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109
        max_records: int | None = None,
    ) -> dict[TP, list[Fetched]]:
        try:
            records = await super()._fetch_records(consumer, _Wanted(active_partitions), timeout, max_records)
        except REFUSALS as error:
            await self.crash(error)
            return {}
        # No await from here on: what has been handed out and what is noted of it change together.
        take_turns(consumer._fetcher._records, records)
        return {place: self._hand_out(place, found) for place, found in records.items()}

    async def crash(self, reason: BaseException) -> None:
        """Called by Faust where a commit failed: the worker ends for this reason, not for what it cancels then."""
        refused = isinstance(reason, REFUSALS)
        told = _refused(reason) if refused else SourceDown(f"the Kafka client cannot go on: {reason!r}")
        self.app.loop.call_soon_threadsafe(self.app.worker.broken, told)
        if not refused:
            await super().crash(reason)

    def _hand_out(self, place: TP, records: Iterable[Any]) -> list[Fetched]:
        fetched = []
        for record in records:
            before = self.handed.get(place, record.offset)
            fetched.append(Fetched(record, before if before <= record.offset else None))
            self.handed[place] = record.offset + 1
        return fetched

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """See Faust; nothing is handed out between a revocation and the next assignment."""
        self.app.lease.returned()
        self.handed.clear()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """See Faust; the coordinator has just answered."""
        self.app.lease.renew(self.app.lease.now())
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_start(self) -> None:
        """Called by Faust: connects, takes note of heartbeats that are answered, and notes rows with every commit."""
        await super().on_start()
        consumer = self._ensure_consumer()
        coordinator, commit = consumer._coordinator, consumer.commit
        ask = coordinator._do_heartbeat

        async def with_rows(offsets: Mapping[TP, OffsetAndMetadata]) -> None:
            """What has been finished, and beside it how far the changelog goes: who reads it next must find so much."""
            rows = self.app.worker.rows_of
            await commit({place: OffsetAndMetadata(told.offset, str(rows(place))) for place, told in offsets.items()})

        async def noted() -> bool:
            sent_at = self.app.lease.now()
            known: bool = await ask()
            if known:
                self.app.lease.renew(sent_at)
            return known

        consumer.commit, coordinator._do_heartbeat = with_rows, noted

    # ---- positions

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek every partition but changelogs to where reading begins, also where nothing was committed yet.

        Faust seeks like this after it has dropped records; aiokafka alone moves nothing where nothing is committed.
        """
        offsets: Mapping[TP, int] = await self.call_thread(self._seek_to_starts)
        return offsets

    async def _seek_to_starts(self) -> dict[TP, int]:
        mine = [TP(*place) for place in self._ensure_consumer().assignment()]
        starts = await self._starts([place for place in mine if not self.consumer._is_changelog_tp(place)])
        offsets = {place: start.offset for place, start in starts.items()}
        await self._seek_each(offsets)
        return offsets

    async def starts(self, places: Iterable[TP]) -> dict[TP, Start]:
        """What the group has committed, and where the logs begin."""
        found: dict[TP, Start] = await self.call_thread(self._starts, list(places))
        return found

    async def _starts(self, places: list[TP]) -> dict[TP, Start]:
        if not places:
            return {}
        consumer = self._ensure_consumer()
        earliest = await consumer.beginning_offsets(places)
        committed = await consumer._coordinator.fetch_committed_offsets(places)  # one request for all of them
        told = {place: committed[place] for place in places if place in committed and committed[place].offset >= 0}
        return {
            place: Start(told[place].offset, earliest[place], _number(told[place].metadata))
            if place in told
            else Start(None, earliest[place])
            for place in places
        }

    async def topics(self) -> set[str]:
        """The topics that the broker has, asked for now."""
        found: set[str] = await self.call_thread(self._ensure_consumer().topics)
        return found

    async def seek_each(self, offsets: Mapping[TP, int]) -> None:
        """Read on from these offsets."""
        await self.call_thread(self._seek_each, offsets)

    async def _seek_each(self, offsets: Mapping[TP, int]) -> None:
        for place, offset in offsets.items():
            self._ensure_consumer().seek(place, offset)
            self.handed[place] = offset

    def seek(self, partition: TP, offset: int) -> None:
        """Seek at once."""
        super().seek(partition, offset)
        self.handed[partition] = offset

    async def _seek_wait(self, consumer: Any, partitions: Mapping[TP, int]) -> None:
        have = self.app.tables.recovery.active_offsets  # the offset of the last row applied, by Faust's count
        self.rows_begin = {place: -1 if have.get(place) is None else have[place] for place in partitions}
        self.rows_begin = {place: offset + 1 for place, offset in self.rows_begin.items()}
        await self._seek_each(partitions)
        async with asyncio.timeout(self.app.conf.broker_request_timeout):
            await asyncio.gather(*(consumer.position(place) for place in partitions))


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Faust's consumer with our thread, our messages and our commits."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._read_offset = _Unread()

    def _new_consumer_thread(self) -> Any:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Fetched) -> Any:
        message = super()._to_message(tp, record.record)
        message.follows = record.follows
        return message

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        """Commit what lanes have finished, and nothing else.

        Faust's own count takes skipped messages for acknowledged ones and holes for compaction.
        """
        done = self.app.worker.intake.finished_offsets()
        offsets = {place: offset for place, offset in done.items() if offset != self._committed_offset.get(place)}
        if not offsets or not await self._commit(offsets):
            return False
        self._committed_offset.update(offsets)
        return True

    async def starts(self, places: Iterable[TP]) -> dict[TP, Start]:
        """See `Thread.starts`."""
        found: dict[TP, Start] = await self._thread.starts(places)
        return found

    async def topics(self) -> set[str]:
        """See `Thread.topics`."""
        found: set[str] = await self._thread.topics()
        return found

    async def read_again(self, place: TP, offset: int) -> None:
        """Go back to this offset of a partition."""
        if place in self.assignment():
            await self._thread.seek_each({place: offset})

    def handed(self, place: TP) -> int | None:
        """The offset after the last record that the client handed out; None: none since the assignment."""
        offset: int | None = self._thread.handed.get(place)
        return offset

    def rows_begin(self, place: TP) -> int:
        """The first offset of a changelog that its table does not have."""
        offset: int = self._thread.rows_begin.get(place, 0)
        return offset


class EmbeddedThread(Thread):
    """Mends two habits of the embedded broker (Tansu 0.6), measured with `tests/contracts/test_embedded.py`.

    A fetch that waits is answered only when its time is up, whatever arrives: it may not wait Faust's 1.5 s. And the
    end of a partition is told as the first offset of the last batch, plus one: a recovery would stop too early.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = EMBEDDED_FETCH_WAIT_MS
        return consumer

    async def _highwaters(self, partitions: list[TP]) -> Mapping[TP, int]:
        told: dict[TP, int] = dict(await super()._highwaters(partitions))
        asked = [place for place, end in told.items() if end]
        if not asked:
            return told
        servers = driver.server_list(self.transport.url, self.transport.default_port)
        reader = driver.aiokafka.AIOKafkaConsumer(
            bootstrap_servers=servers, fetch_max_wait_ms=EMBEDDED_FETCH_WAIT_MS, max_partition_fetch_bytes=1
        )
        await reader.start()
        try:
            reader.assign(asked)
            for place in asked:
                reader.seek(place, told[place] - 1)
            while missing := [place for place in asked if reader.highwater(place) is None]:
                await reader.getmany(*missing, timeout_ms=EMBEDDED_FETCH_WAIT_MS)
            return told | {place: reader.highwater(place) for place in asked}
        finally:
            await reader.stop()


class EmbeddedConsumer(Consumer):
    """A consumer for the embedded broker."""

    def _new_consumer_thread(self) -> Any:
        return EmbeddedThread(self, loop=self.loop, beacon=self.beacon)
