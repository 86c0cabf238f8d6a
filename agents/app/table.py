"""Tables that never know more than Kafka does, and that say so when Kafka has less than was written.

Faust's own `table[key] = value` writes locally first and sends to the changelog unwaited; its recovery applies whatever
arrives, also when something before it was dropped.
"""

import asyncio
import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import faust
from faust.stores import rocksdb
from faust.types import TP
from yarl import URL

from agents.continuity import Verdict, judge
from agents.stage import Puts
from schemas.errors import SourceDown

log = logging.getLogger(__name__)

# Small stores: the tables are read once at assignment, and hold days, not years.
ROCKSDB: Final = {"write_buffer_size": 8 << 20, "block_cache_size": 16 << 20, "max_open_files": 128}


class Table(faust.Table):  # type: ignore[misc]
    """A table that changes only by what its changelog has acknowledged, partition by partition."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._next_rows: dict[TP, int] = {}
        self._had: dict[TP, int] = {}
        self._kept: dict[int, int] = {}

    async def keep(self, producer: Any, partition: int, puts: Puts) -> None:
        """Send the rows to the changelog, wait until Kafka has them, then store them here."""
        topic = self.changelog_topic_name
        rows = [(_row_key(partition, key), value) for key, value in puts]
        sent = [await producer.send(topic, key, value, partition, None, None) for key, value in rows]
        await asyncio.wait(sent)
        place = TP(topic, partition)
        super().apply_changelog_batch(
            [_Row(key, value, place, _offset(delivery)) for (key, value), delivery in zip(rows, sent, strict=True)]
        )
        self._kept[partition] = max(_offset(delivery) for delivery in sent) + 1

    def kept(self, partition: int) -> int:
        """The offset after the last row that this worker has put into the changelog; 0: it has put none."""
        return self._kept.get(partition, 0)

    async def ends(self) -> dict[int, int]:
        """Where the changelog ends, by partition, of those that are here."""
        places = [TP(self.changelog_topic_name, place.partition) for place in self._had]
        ends = await self.app.consumer.highwaters(*places)
        return {place.partition: ends[place] or 0 for place in places}

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Rows of a recovery, unless some before them are missing: then none, and the worker ends to read them anew."""
        rows = list(batch)
        for row in rows:
            place, offset = row.message.tp, row.message.offset
            expected = self._next_rows.get(place, self.app.consumer.rows_begin(place))
            if judge(expected, offset, row.message.follows) is Verdict.MISSING:
                sentence = (
                    f"{place.topic}: rows from {expected} on were dropped while partition {place.partition} was read"
                )
                self.app.worker.broken(SourceDown(sentence))
                return
            self._next_rows[place] = offset + 1
        super().apply_changelog_batch(rows)

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """See Faust: before a recovery."""
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        applied = self.app.tables.recovery.active_offsets
        self._next_rows, self._had = {}, {}
        for place in assigned:
            if place.topic == self.changelog_topic_name:
                known = [
                    self.persisted_offset(place),
                    None if place in revoked | newly_assigned else applied.get(place),
                ]
                self._had[place] = max((offset for offset in known if offset is not None), default=-1) + 1

    async def missing(self) -> dict[int, int]:
        """Partitions whose changelog begins only after rows that this table never read, with the first offset left."""
        if not self._had:
            return {}
        earliest = await self.app.consumer.earliest_offsets(*self._had)
        return {place.partition: earliest[place] for place, had in self._had.items() if earliest[place] > had}

    def read(self, partition: int, key: str) -> bytes | None:
        """The row as stored; None where there is none.

        Raises:
            SourceDown: the local store is damaged; it has been removed, and the next start makes it anew.
        """
        with self._mended():
            row: bytes | None = self.data.get(_row_key(partition, key))
            return row

    def rows(self, partitions: Iterable[int]) -> dict[int, list[tuple[str, bytes]]]:
        """All rows of these partitions, in the order of their keys.

        Raises:
            SourceDown: as `read`.
        """
        found: dict[int, list[tuple[str, bytes]]] = {partition: [] for partition in partitions}
        with self._mended():
            for raw, value in self.data.items():
                partition, _, key = raw.partition(b"/")
                if int(partition) in found and value is not None:
                    found[int(partition)].append((key.decode(), value))
        for rows in found.values():
            rows.sort()
        return found

    @contextmanager
    def _mended(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.reset_state()
            raise SourceDown(f"table {self.name}: the local store is damaged ({error}) and is made anew") from error

    def _new_store_by_url(self, url: Any) -> Any:
        if URL(url).scheme != "rocksdb":
            return super()._new_store_by_url(url)
        raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
        return _Disk(url, self.app, self, table_name=self.name, loop=self.loop, options=dict(ROCKSDB), **raw)


class _Disk(rocksdb.Store):  # type: ignore[misc]
    """A store that cannot be opened is removed: all of it is in the changelog."""

    def _open_for_partition(self, partition: int) -> Any:
        try:
            return super()._open_for_partition(partition)
        except Exception as error:
            if "lock" in repr(error).lower():  # another worker still has it: Faust waits
                raise
            path = self.partition_path(partition)
            log.warning("%s cannot be opened (%s): it is made anew from its changelog", path, error)
            shutil.rmtree(path, ignore_errors=True)
            return super()._open_for_partition(partition)


def _offset(delivery: Any) -> int:
    if (error := delivery.exception()) is not None:
        raise SourceDown(f"a row could not be stored: {error}") from error
    offset: int = delivery.result().offset
    return offset


def _row_key(partition: int, key: str) -> bytes:
    # One store may hold several partitions, and two partitions may have the same key.
    return b"%d/%s" % (partition, key.encode())


class _Row:
    """What a store wants to see of a changelog message."""

    def __init__(self, key: bytes, value: bytes | None, place: TP, offset: int) -> None:
        self.key, self.value, self.message = key, value, self
        self.tp, self.offset, self.topic, self.partition = place, offset, place.topic, place.partition
