"""Telling the subscribers: each has a reader of its own, so that one who is down holds up nobody else.

Kafka remembers per subscriber what has been delivered (consumer group `marqab-notify-<id>`); a crash sends some again,
under the same `webhook-id`. One message is tried with back-off for `give_up_hours`, then it is a dead letter.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from schemas.errors import Misconfigured
from schemas.metrics import Meter, NoMeter
from schemas.records import Alert
from subscribers.chat import known, send_chat
from subscribers.dead_letters import DeadLetters
from subscribers.heard import Stream
from subscribers.outbox import Outbox
from subscribers.rules import Hold, Send, judge
from subscribers.settings import Subscriber, SubscribersFile, Webhook
from subscribers.webhook import Again, Delivered, Outcome, Refused, back_off, key_of, letter, outcome

log = logging.getLogger("marqab.notify")

ANSWER_SECONDS = 30
Deliver = Callable[[Sequence[Alert]], Awaitable[Outcome]]


class Gone(Exception):
    """The receiver said 410: it wants nothing any more."""


@dataclass
class World:
    """Clock, chance and sleep, so that tests own them."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def deliverer(subscriber: Subscriber, environ: Mapping[str, str], http: aiohttp.ClientSession, world: World) -> Deliver:
    """How to reach this subscriber.

    Raises:
        Misconfigured: the secret is broken, or no service is known for the address.
    """
    to = subscriber.to
    if isinstance(to, Webhook):
        secret = environ[to.secret_from]
        try:
            key_of(secret)
        except ValueError as error:
            raise Misconfigured(f"{to.secret_from} (subscriber {subscriber.id}): {error}") from None
        return lambda alerts: post(http, to.url, secret, alerts, world.now())
    address = environ[to.url_from]
    if not known(address):
        raise Misconfigured(f"{to.url_from} (subscriber {subscriber.id}) is no address that apprise knows")
    return lambda alerts: send_chat(address, alerts, subscriber.language)


async def post(http: aiohttp.ClientSession, url: str, secret: str, alerts: Sequence[Alert], now: datetime) -> Outcome:
    """One attempt at a webhook."""
    told = letter(url, secret, alerts, now)
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            http.post(told.url, data=told.body, headers=told.headers, allow_redirects=False) as answer,
        ):
            return outcome(answer.status, answer.headers.get("Retry-After"), now)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Again(f"{type(error).__name__}: {error}")


@dataclass
class Notifier:
    """Reads the alerts of one subscriber and tells them."""

    subscriber: Subscriber
    stream: Stream
    deliver: Deliver
    dead_letters: DeadLetters
    world: World = field(default_factory=World)
    outbox: Outbox = field(default_factory=Outbox)
    meter: Meter = field(default_factory=NoMeter)

    async def run(self) -> None:
        """Without end, until the receiver is gone for good."""
        try:
            while True:
                await self.step()
        except Gone:
            log.warning("subscriber %s is gone (410) and is told nothing more until restarted", self.subscriber.id)

    async def step(self) -> None:
        """Wait for one alert or for the next digest, and do what is due.

        Raises:
            Gone: the receiver said so; the message is a dead letter.
        """
        due = self.outbox.due_at()
        wait = None if due is None else max(0.0, (due - self.world.now()).total_seconds())
        heard = await self.stream.next(wait)
        if heard:
            verdict = judge(self.subscriber, heard.alert, self.world.now())
            if isinstance(verdict, Hold):
                self.outbox.hold(heard, verdict.until)
            elif isinstance(verdict, Send):
                self.outbox.drop(heard.alert.incident_id)
                await self.tell([heard.alert])
            self.outbox.reach(heard)
        if late := self.outbox.take(self.world.now()):
            await self.tell(late)
        self.meter.gauge("marqab_deliveries_held", len(self.outbox.held), subscriber=self.subscriber.id)
        await self.stream.remember(self.outbox.settled())

    async def tell(self, alerts: Sequence[Alert]) -> None:
        """Deliver, with patience; in the end a dead letter, and the next message has its turn.

        Raises:
            Gone: the receiver said so.
        """
        began, attempt = self.world.now(), 0
        while True:
            attempt += 1
            said = await self.deliver(alerts)
            if isinstance(said, Delivered):
                self._count("delivered")
                return
            now = self.world.now()
            if isinstance(said, Again) and now - began < timedelta(hours=self.subscriber.give_up_hours):
                pause = max(said.wait or timedelta(0), back_off(attempt, self.world.chance()))
                self._count("retried")
                log.warning(
                    "subscriber %s: %s; again in %.0f s", self.subscriber.id, said.reason, pause.total_seconds()
                )
                await self.world.sleep(pause.total_seconds())
                continue
            self._count("dead_letter")
            keep = self.dead_letters.keep
            await asyncio.to_thread(keep, self.subscriber.id, alerts, said.reason, attempt, now)
            log.error("subscriber %s: a dead letter after %d attempts: %s", self.subscriber.id, attempt, said.reason)
            if isinstance(said, Refused) and said.gone:
                raise Gone
            return

    def _count(self, outcome: str) -> None:
        self.meter.count("marqab_deliveries_total", subscriber=self.subscriber.id, outcome=outcome)


def letters_of(file: SubscribersFile) -> DeadLetters:
    """The dead letters of these subscribers."""
    return DeadLetters(Path(file.dead_letters))
