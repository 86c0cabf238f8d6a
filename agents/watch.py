"""The watchdog: asks the broker how much there is, compares it with what is done, and ends a worker that stands still.

It asks for the ends of the topics itself: a consumer that has gone deaf still thinks that it has read everything.
"""

import asyncio
import io
import logging
import time
from contextlib import suppress
from typing import Final

from agents.duties import Place
from agents.lane import Lane
from agents.progress import STALLED_SECONDS
from agents.worker import Worker
from schemas.errors import SourceDown

log = logging.getLogger(__name__)

WATCH_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 10.0


async def watch(worker: Worker, *, stalled_seconds: float = STALLED_SECONDS) -> None:
    """Measure until cancelled.

    Raises:
        SourceDown: nothing has moved for `stalled_seconds` though messages wait, or nobody answers; the stacks of
            all tasks are in the log.
    """
    deaf: dict[Place, float] = {}
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        worker.limit.look()
        progress, recovery = worker.progress, worker.app.tables.recovery
        if progress.recovering and recovery.in_recovery:
            progress.remaining(recovery.active_remaining_total())
        elif progress.joined:
            with suppress(Exception):  # whatever it is, the broker did not answer: `stalled` counts from the last time
                async with asyncio.timeout(ANSWER_SECONDS):
                    await _measure(worker, deaf)
                    await worker.intake.look_for_dropped()
        worker.meter.gauge("marqab_recovering", float(progress.recovering))
        worker.meter.gauge("marqab_recovery_remaining_messages", progress.recovery_remaining)
        if sentence := progress.stalled(stalled_seconds):
            log.error("%s; ending, to be started again. What was going on:\n%s", sentence, stacks())
            raise SourceDown(sentence)


async def _measure(worker: Worker, deaf: dict[Place, float]) -> None:
    """Tell lag and age.

    Args:
        worker: whose.
        deaf: since when messages wait that Faust has not brought; kept from one measurement to the next.
    """
    lanes, consumer = dict(worker.intake.lanes), worker.app.consumer
    ends = await consumer.highwaters(*lanes)
    ages, lag, now = dict.fromkeys(worker.stage_of, 0.0), {}, time.time()
    for place, lane in lanes.items():
        end = ends[place] or 0
        count = max(0, end - await _next(worker, place, lane, end))
        lag[place.topic, place.partition] = count
        labels = {"topic": place.topic, "partition": str(place.partition)}
        worker.meter.gauge("marqab_consumer_lag_messages", count, **labels)
        since = _waits_since(deaf, place, lane, count, now)
        ages[place.topic] = max(ages[place.topic], now - since)
    for topic, age in ages.items():
        worker.meter.gauge("marqab_oldest_unprocessed_age_seconds", age, topic=topic)
    worker.progress.measured(lag, ages)
    loop = asyncio.get_running_loop()
    for place, lane in lanes.items():
        # In the thread that changes what the step remembers, so that it does not change meanwhile.
        for name, value in (await loop.run_in_executor(worker.executor, lane.step.gauges)).items():
            if place in worker.intake.lanes:  # it may have been taken from us meanwhile
                worker.meter.gauge(name, value, partition=str(place.partition))


def _waits_since(deaf: dict[Place, float], place: Place, lane: Lane, count: int, now: float) -> float:
    """When the first message that is not done arrived; where nobody brought it here, since when it has been missed."""
    if (oldest := lane.oldest(place.topic)) is not None:
        deaf.pop(place, None)
        return oldest.timestamp_ms / 1000
    if count:
        return deaf.setdefault(place, now)
    deaf.pop(place, None)
    return now


async def _next(worker: Worker, place: Place, lane: Lane, end: int) -> int:
    """Offset of the first message of a partition that is not done."""
    if (oldest := lane.oldest(place.topic)) is not None:
        return oldest.offset
    expected = worker.intake.expected.get(place, 0)
    if expected < end and worker.app.consumer.handed(place) == expected:
        # Where the client has passed offsets that hold no message (the marker of a transaction, say), nothing waits.
        position: int = await worker.app.consumer.position(place)
        return max(expected, position)
    return expected


def stacks() -> str:
    """Where every task of this loop stands."""
    out = io.StringIO()
    for task in asyncio.all_tasks():
        task.print_stack(limit=6, file=out)
    return out.getvalue()
