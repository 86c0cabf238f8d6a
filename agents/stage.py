"""Lift a pure step to bytes: one Kafka message in, messages out or a rejection; no exception escapes.

Faust acknowledges a message even when an agent raises, and then it is gone. So nothing may be raised here: whatever
goes wrong with one message, the message goes whole to `marqab.rejects` with the reason, and the next one is handled.
"""

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from schemas.codec import encode
from schemas.errors import Misconfigured, SourceDown, Undecodable
from schemas.headers import Headers, cloud_event, rejection, traceparent, with_span
from schemas.records import Record
from schemas.topics import MAX_MESSAGE_BYTES, REJECTS, Topic

log = logging.getLogger(__name__)

Puts = Sequence[tuple[str, bytes | None]]
"""Rows to keep, and keys to forget (None), in order."""

Counts = Sequence[tuple[str, dict[str, str]]]
"""Counters to raise by one: name and labels."""

ROOM_FOR_HEADERS: Final = 64 * 1024
"""Kafka's limit counts key, value and headers of a whole batch."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as Kafka gave it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def arrived_at(self) -> datetime | None:
        """When Kafka took it; None where the broker tells no time, or an impossible one."""
        try:
            return datetime.fromtimestamp(self.timestamp_ms / 1000, UTC) if self.timestamp_ms > 0 else None
        except (OverflowError, OSError, ValueError):
            return None

    def header(self, name: str) -> str | None:
        """The last header of this name as text."""
        for key, value in reversed(self.headers):
            if key == name:
                return value.decode("utf-8", "replace")
        return None


@dataclass(frozen=True, slots=True)
class Emission:
    """One record that a step wants sent."""

    topic: Topic
    key: str
    record: Record


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step decided; nothing has happened yet."""

    emissions: Sequence[Emission] = ()
    puts: Puts = ()
    counts: Counts = ()
    """To be raised once it has happened."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send, down to its bytes."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None = None
    """None: the time of sending."""
    record: Record | None = None
    """What `value` says; None for a rejected message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to happen because of one message."""

    outgoing: tuple[Outgoing, ...] = ()
    puts: Puts = ()
    counts: Counts = ()
    rejected: str | None = None
    """Name of the error, where the message was set aside."""


class Step(Protocol):
    """One stage on one partition, with what it remembers."""

    name: str
    """Doer's name: `normalizer`, `classifier`, `correlator`, `announcer`."""

    def ahead(self, messages: Sequence[Message]) -> None:
        """These come next, in this order: what follows from each alone may be worked out together. Never raises."""

    def __call__(self, message: Message) -> Effects:
        """Decide; change nothing. May raise anything."""

    def tick(self, now: float) -> Effects:
        """What is due by now though no message comes, in seconds since 1970; change nothing."""

    def apply(self, puts: Puts) -> None:
        """These rows have been decided on: later messages must see them."""

    def kept(self, puts: Puts) -> None:
        """These rows are safely stored now."""

    def gauges(self) -> Mapping[str, float]:
        """What it remembers, in numbers: declared gauges with the label `partition`."""


def handle(step: Step, message: Message) -> Outcome:
    """Run one message through a step and bring its memory up to date.

    The step's memory changes only when all that it decided could be written as bytes. Whatever goes wrong sets the
    message aside; nothing is raised but what is not the message's fault.

    Raises:
        SourceDown: what the step remembers cannot be read now.
        Misconfigured: what the step remembers was written by a newer version, or is damaged.
    """
    try:
        effects = step(message)
        parent = _trace(message, effects)
        outgoing = tuple(_write(emission, with_span(parent, step.name)) for emission in effects.emissions)
    except (SourceDown, Misconfigured):
        raise
    except Exception as error:  # whatever it was: the message is kept, and the next one is handled
        return reject(step.name, message, error)
    step.apply(effects.puts)
    return Outcome(outgoing, effects.puts, effects.counts)


def ticked(step: Step, now: float) -> Outcome:
    """What a step does because time has passed; something that cannot be written is told in the log and tried again.

    Raises:
        SourceDown: what the step remembers cannot be read.
    """
    try:
        effects = step.tick(now)
        outgoing = tuple(_write(emission, with_span(None, step.name)) for emission in effects.emissions)
    except SourceDown:
        raise
    except Exception:
        log.exception("the %s could not do what was due", step.name)
        return Outcome()
    step.apply(effects.puts)
    return Outcome(outgoing, effects.puts, effects.counts)


def reject(stage: str, message: Message, error: BaseException) -> Outcome:
    """The message whole, as it came, with Kafka Connect's headers that say where and why it was set aside."""
    stacktrace = "" if isinstance(error, Undecodable) else "".join(traceback.format_exception(error, limit=-20))
    why = rejection(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        stage=stage,
        error=error,
        stacktrace=stacktrace,
    )
    whole = Outgoing(REJECTS, message.key, message.value, [*message.headers, *why], message.timestamp_ms)
    return Outcome((whole,), rejected=type(error).__name__)


def _trace(message: Message, effects: Effects) -> str | None:
    """The trace that the message belongs to; a post without one begins its own, made from what it is."""
    given = message.header("traceparent")
    if given is not None and with_span(given, "") is not None:
        return given
    for emission in effects.emissions:
        post_id = getattr(emission.record, "post_id", None)
        if post_id is not None:
            return traceparent(f"{post_id}:{getattr(emission.record, 'revision', 0)}", message.topic)
    return None


def _write(emission: Emission, trace: str | None) -> Outgoing:
    value = encode(emission.record)
    if len(value) > MAX_MESSAGE_BYTES - ROOM_FOR_HEADERS:
        raise Undecodable(
            f"what was made of it ({type(emission.record).__name__}) has {len(value)} bytes, more than Kafka takes"
        )
    key = emission.key.encode("utf-8", "replace")
    return Outgoing(emission.topic, key, value, cloud_event(emission.record, trace), record=emission.record)


def value_of(message: Message) -> bytes:
    """The message's bytes.

    Raises:
        Undecodable: it has none (a tombstone).
    """
    if message.value is None:
        raise Undecodable("the message has no value")
    return message.value
