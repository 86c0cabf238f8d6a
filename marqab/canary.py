"""The canary: publish a known post, wait for its alert, compare it with what the post says.

The only proof from end to end that a real post would become an alert: through Kafka, all stages and the alert topic,
read as any subscriber reads it. Deciding is pure (`canary_post`, `faults`); `Flight` publishes, listens and counts.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from agents.canary import SAYS
from connectors.base import Batch, Sink
from connectors.publish import KafkaSink
from marqab.admin import tombstones
from marqab.settings import Settings
from schemas.canary import CANARY, of_canary
from schemas.errors import SourceDown
from schemas.ids import incident_id
from schemas.kinds import EventType, Reliability, SourceKind, TollKind
from schemas.metrics import Meter
from schemas.records import Alert, Post, Source
from schemas.topics import INCIDENTS
from subscribers.heard import Stream
from subscribers.reader import alert_stream

log = logging.getLogger("marqab.canary")

TITLE: Final = "انفـ ـجـ ـار عبـ ـوة ناسـ ـفة بسيارة عسكرية"
"""“Explosion of a device at a military car”, its words hidden from filters as real posts hide them."""
TEXT: Final = "انفجرت عبوة ناسفة بسيارة عسكرية على طريق ترابي، ما أدى إلى إصابة 3 جنود بجروح."
"""“A device exploded at a military car on a dirt road; 3 soldiers were wounded.” It names no place and nobody."""
TYPE: Final = EventType.IED_MINE
WOUNDED: Final = 3
RETRY_SECONDS: Final = 5.0


class Outcome(StrEnum):
    """How a canary came out."""

    ON_TIME = "on_time"
    LATE = "late"
    WRONG = "wrong"
    MISSING = "missing"


def canary_post(now: datetime) -> Post:
    """The post of this moment; its id comes from the moment, so that each is another one."""
    return Post(
        source=Source(id=CANARY, kind=SourceKind.FEED, name="marqab canary", reliability=Reliability.F),
        native_id=f"canary:{now.isoformat()}",
        title=TITLE,
        text=TEXT,
        language="ar",
        published_at=now,
        fetched_at=now,
        test=True,
    )


def faults(alert: Alert) -> list[str]:
    """What the alert says otherwise than the post, in words; empty where all is right."""
    incident = alert.incident
    wounded = [toll.low for toll in incident.tolls if toll.kind is TollKind.WOUNDED]
    looked_at = (
        (alert.test and incident.test, "it is not marked as a test"),
        (of_canary(incident), "it was heard among real incidents"),
        ((incident.headline_en, incident.headline_ar) == SAYS, "it does not say that nothing happened"),
        (incident.event_type is TYPE, f"its type is {incident.event_type}, not {TYPE}"),
        (wounded == [WOUNDED], f"it counts {wounded} wounded, not [{WOUNDED}]"),
        (any(s.hiding > 0 for s in incident.statements), "the hidden words of its headline were not seen"),
    )
    return [words for right, words in looked_at if not right]


@dataclass(frozen=True)
class Result:
    """What became of one canary."""

    outcome: Outcome
    seconds: float | None
    """From publication until its alert was read; None where none came."""
    words: str
    incident_id: str


class Flight:
    """Releases canaries into one Kafka and listens for them."""

    def __init__(
        self, sink: Sink, stream: Stream, meter: Meter, *, deadline_seconds: float, now: Callable[[], datetime]
    ) -> None:
        """Nothing flies before `release`.

        Args:
            sink: takes the post, as the connectors' posts are taken.
            stream: of alerts; has been open since before the first release.
            meter: takes outcomes and latencies.
            deadline_seconds: a canary that comes out later is late; until then it is waited for.
            now: clock.
        """
        self._sink, self._stream, self._meter, self._now = sink, stream, meter, now
        self._deadline_seconds = deadline_seconds
        self._missing: dict[str, Post] = {}

    async def release(self) -> Result:
        """One canary; returns when it came out, or when its time is up. A late one is counted when it comes."""
        post = canary_post(self._now())
        expected = incident_id(post.post_id)
        alert = None
        with suppress(TimeoutError):
            async with asyncio.timeout(self._deadline_seconds):
                await self._sink.deliver(Batch(source_id=CANARY, posts=(post,)))
                alert = await self._alert_of(expected)
        result = self._judge(post, alert)
        self._meter.count("marqab_canaries_total", outcome=str(result.outcome))
        if alert is None:
            self._missing[expected] = post
        if result.outcome is Outcome.ON_TIME:
            self._meter.gauge("marqab_canary_last_success_timestamp_seconds", self._now().timestamp())
        if result.seconds is not None:
            self._meter.observe("marqab_canary_latency_seconds", result.seconds)
        log.log(logging.INFO if result.outcome is Outcome.ON_TIME else logging.ERROR, "canary: %s", result.words)
        return result

    async def _alert_of(self, expected: str) -> Alert:
        while True:
            heard = await self._stream.next()
            if heard is None:
                continue
            if late := self._missing.pop(heard.alert.incident_id, None):
                seconds = self._age(late)
                self._meter.count("marqab_canaries_total", outcome=str(Outcome.LATE))
                self._meter.observe("marqab_canary_latency_seconds", seconds)
                log.error("canary: one came out after all, %.1f s after it was released", seconds)
            if heard.alert.incident_id == expected:
                return heard.alert

    def _judge(self, post: Post, alert: Alert | None) -> Result:
        seconds, named = self._age(post), incident_id(post.post_id)
        if alert is None:
            return Result(Outcome.MISSING, None, f"no alert came within {self._deadline_seconds:g} s", named)
        if wrong := faults(alert):
            return Result(Outcome.WRONG, seconds, f"its alert is wrong: {'; '.join(wrong)}", named)
        return Result(Outcome.ON_TIME, seconds, f"its alert came after {seconds:.2f} s", named)

    def _age(self, post: Post) -> float:
        return max(0.0, (self._now() - post.published_at).total_seconds())


def utc_now() -> datetime:
    """The canary's clock."""
    return datetime.now(UTC)


def begin(meter: Meter, settings: Settings) -> None:
    """What the alert rules need from the start: outcomes at 0, and a success to count from."""
    for outcome in Outcome:
        meter.count("marqab_canaries_total", 0, outcome=str(outcome))
    meter.gauge("marqab_canary_interval_seconds", settings.canary_seconds)
    meter.gauge("marqab_canary_last_success_timestamp_seconds", utc_now().timestamp())


async def fly_once(settings: Settings, connection: Mapping[str, Any], meter: Meter) -> Result:
    """One canary, and out.

    Args:
        settings: names of the topics, and how long to wait.
        connection: arguments of every aiokafka client (`marqab.kafka.admitted`).
        meter: takes outcomes and latencies.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: a topic is missing, or the broker refuses us.
    """
    async with _flight(settings, connection, meter) as (flight, forget):
        result = await flight.release()
        await forget(result)
        return result


async def fly(settings: Settings, connection: Mapping[str, Any], meter: Meter) -> None:
    """A canary every `canary_seconds` until cancelled; where the broker is away, it counts one as missing and waits.

    Raises:
        Misconfigured: a topic is missing, or the broker refuses us.
    """
    while True:
        try:
            async with _flight(settings, connection, meter) as (flight, forget):
                while True:
                    await forget(await flight.release())
                    await asyncio.sleep(settings.canary_seconds)
        except SourceDown as error:
            meter.count("marqab_canaries_total", outcome=str(Outcome.MISSING))
            log.error("canary: %s; again in %.0f s", error, RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)


@asynccontextmanager
async def _flight(
    settings: Settings, connection: Mapping[str, Any], meter: Meter
) -> AsyncIterator[tuple[Flight, Callable[[Result], Awaitable[None]]]]:
    told = dict(connection)
    bootstrap = str(told.pop("bootstrap_servers"))
    sink = KafkaSink(connection, prefix=settings.topic_prefix, idempotent=not settings.embedded_broker)
    listening = alert_stream(bootstrap, prefix=settings.topic_prefix, options=told)
    burying = tombstones(connection, INCIDENTS.named(settings.topic_prefix))
    async with sink, listening as stream, burying as bury:

        async def forget(result: Result) -> None:
            """Remove the incident from `marqab.incidents`: hundreds a day would stay for ever."""
            if result.seconds is not None:
                await bury(result.incident_id)

        deadline = settings.canary_deadline_seconds
        yield Flight(sink, stream, meter, deadline_seconds=deadline, now=utc_now), forget
