"""One lane per partition: messages in order through a step, several on the way at once, acknowledged in order.

A batch is decided in a worker thread (rules may take long; heartbeats and health must not wait), sent, and while its
deliveries are awaited the next batch is decided. A message is acknowledged only when everything that it led to is
stored: first the messages sent, then the rows, then the acknowledgement. A crash in between repeats messages with
the memory as it was stored, in the same order, so that it comes to the same decisions.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, Protocol

from agents.stage import Message, Outcome, Outgoing, Puts, Step, handle, ticked
from schemas.errors import SourceDown

BATCH_MESSAGES: Final = 64
BATCH_BYTES: Final = 1_000_000
WAITING_MESSAGES: Final = 256
BATCHES_ON_THE_WAY: Final = 4
TICK_SECONDS: Final = 15.0


class Port(Protocol):
    """What a lane may do to the world."""

    async def send(self, outgoing: Outgoing) -> asyncio.Future[object]:
        """Hand one message to the producer; the future is its delivery."""

    async def keep(self, partition: int, puts: Puts) -> None:
        """Return when these rows are in the changelog and in the local table."""

    def finished(self, outcome: Outcome, seconds: float) -> None:
        """A message has been acknowledged; its step took this long."""

    def broken(self, error: BaseException) -> None:
        """Something could not be delivered; the lane has stopped."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that were decided and sent together."""

    messages: Sequence[Message]
    outcomes: Sequence[tuple[Outcome, float]]
    """With the seconds that each took; a single one without a message is a tick's."""
    deliveries: Sequence[asyncio.Future[object]]


def _timed(step: Step, messages: Sequence[Message]) -> list[tuple[Outcome, float]]:
    began = time.perf_counter()
    step.ahead(messages)
    share = (time.perf_counter() - began) / len(messages)
    outcomes = []
    for message in messages:
        began = time.perf_counter()
        outcomes.append((handle(step, message), share + time.perf_counter() - began))
    return outcomes


def _seen(delivery: asyncio.Future[object]) -> None:
    if not delivery.cancelled():
        delivery.exception()


def _delivered(delivery: asyncio.Future[object]) -> None:
    if (error := delivery.exception()) is not None:
        raise SourceDown(f"a message could not be delivered: {error}") from error


@dataclass(frozen=True, slots=True)
class Ticks:
    """When a lane that hears nothing looks whether something is due."""

    partition: int
    seconds: float = TICK_SECONDS
    clock: Callable[[], float] = time.time


class Lane:
    """Messages of one partition on their way through one step."""

    def __init__(
        self,
        step: Step,
        port: Port,
        executor: Executor,
        ticks: Ticks | None = None,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Make a lane; `open` starts it.

        Args:
            step: the stage on this partition.
            port: how messages leave and rows are kept, and who is told.
            executor: where steps are run.
            ticks: None for a lane that does nothing without a message.
            turn: awaited before every batch; returns when this lane may begin one.
        """
        self.step = step
        self._ticks = ticks
        self._port = port
        self._executor = executor
        self._turn = turn
        self._waiting: deque[Message] = deque()
        self._on_the_way: asyncio.Queue[Batch] = asyncio.Queue(BATCHES_ON_THE_WAY)
        self._changed = asyncio.Condition()
        self._unfinished: deque[Message] = deque()
        self._accepting = True
        self._done: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Start working."""
        self._tasks = [
            asyncio.create_task(self._supervise(self._decide()), name=f"{self.step.name} decides"),
            asyncio.create_task(self._supervise(self._settle()), name=f"{self.step.name} settles"),
        ]

    async def put(self, message: Message) -> None:
        """Take a message; waits while the lane is full, drops it (it is not done) when the lane is closed."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._accepting or len(self._waiting) < WAITING_MESSAGES)
            if self._accepting:
                self._waiting.append(message)
                self._unfinished.append(message)
                self._changed.notify_all()

    @property
    def unfinished(self) -> int:
        """How many messages it holds that are not done."""
        return len(self._unfinished)

    def oldest(self, topic: str) -> Message | None:
        """The first message of a topic that is not done yet."""
        return next((message for message in self._unfinished if message.topic == topic), None)

    def done(self, topic: str) -> int | None:
        """Offset after the last message of a topic that is done for good: what may be committed."""
        return self._done.get(topic)

    async def drain(self) -> None:
        """Take no more messages, give up those not begun; return when the begun ones are acknowledged."""
        async with self._changed:
            self._accepting = False
            while self._waiting:
                self._waiting.pop()
                self._unfinished.pop()
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not self._unfinished or any(task.done() for task in self._tasks))

    async def close(self) -> None:
        """Stop at once; what is not acknowledged will be read again."""
        self._accepting = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    async def _supervise(self, work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._port.broken(error)
            async with self._changed:
                self._changed.notify_all()  # whoever waits for the lane to be done: it will not be
            raise

    async def _decide(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = await self._next()
            if batch:
                if self._turn is not None:
                    await self._turn()
                outcomes = await loop.run_in_executor(self._executor, _timed, self.step, batch)
            elif self._ticks is not None:
                due = await loop.run_in_executor(self._executor, ticked, self.step, self._ticks.clock())
                if not due.outgoing and not due.puts:
                    continue
                outcomes = [(due, 0.0)]
            deliveries = [await self._port.send(out) for outcome, _ in outcomes for out in outcome.outgoing]
            for delivery in deliveries:
                delivery.add_done_callback(_seen)  # those of a lane that has been closed fail with nobody waiting
            await self._on_the_way.put(Batch(batch, outcomes, deliveries))

    async def _next(self) -> list[Message]:
        """The next messages; none when it is time for a tick."""
        async with self._changed:
            try:
                async with asyncio.timeout(self._ticks.seconds if self._ticks else None):
                    await self._changed.wait_for(lambda: self._waiting)
            except TimeoutError:
                return []
            batch, size = [self._waiting.popleft()], 0
            while self._waiting and len(batch) < BATCH_MESSAGES and size < BATCH_BYTES:
                batch.append(self._waiting.popleft())
                size += len(batch[-1].value or b"")
            self._changed.notify_all()
            return batch

    def _partition(self, batch: Batch) -> int:
        return batch.messages[0].partition if batch.messages or self._ticks is None else self._ticks.partition

    async def _settle(self) -> None:
        while True:
            batch = await self._on_the_way.get()
            if batch.deliveries:
                # asyncio.wait leaves the producer's futures alone when this task is cancelled; awaiting would not.
                await asyncio.wait(batch.deliveries)
                for delivery in batch.deliveries:
                    _delivered(delivery)
            puts = [put for outcome, _ in batch.outcomes for put in outcome.puts]
            if puts:
                await self._port.keep(self._partition(batch), puts)
                self.step.kept(puts)
            for message, (outcome, seconds) in zip(batch.messages, batch.outcomes, strict=bool(batch.messages)):
                self._unfinished.popleft()
                self._done[message.topic] = message.offset + 1
                self._port.finished(outcome, seconds)
            async with self._changed:
                self._changed.notify_all()
