"""Pushes from hubs (WebSub, W3C Recommendation of 2018), opt-in per source.

A push is a hint and a poll is the truth: what a hub sends only wakes the feed, which is then asked as always. So a
forged or garbled push costs one conditional request, nothing is published that the publisher does not show, and all
the laws hold unchanged. While pushes arrive the feed is polled less often; when a poll finds an entry that no push had
announced, pushes are missing and the feed goes back to its own pace until the next subscription.
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from connectors.feeds.fetch import Fetcher
from connectors.settings import ConnectorSettings
from schemas.errors import Misconfigured

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 7 * 86_400
LONGEST_LEASE: Final = 30 * 86_400
SLOWER: Final = 4
"""How many times less often a feed is polled while its pushes arrive."""
BODIES_AT_ONCE: Final = 8
"""Pushes that are read at the same time; further ones are asked to come back."""
BODY_SECONDS = 20.0
"""Longest time for the body of a push; whoever drips it is cut off."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_DIGESTS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})


@dataclass
class Subscription:
    """One feed's subscription, as far as this process knows.

    Attributes:
        source_id: whose.
        topic: the address that the hub knows the feed by.
        secret: signs pushes.
        wake: called for every push.
        asked_at: when the hub was asked last (event loop's time).
        until: end of the lease (event loop's time); 0 until the hub has verified.
        pushed: a push has come since the last poll.
        missed: a poll found what no push had announced.
    """

    source_id: str
    topic: str
    secret: str
    wake: Callable[[], None]
    asked_at: float
    until: float = 0.0
    pushed: bool = False
    missed: bool = False


def signature_fits(secret: str, header: str, body: bytes) -> bool:
    """Whether `X-Hub-Signature` (`method=hexadecimal`) was made with this secret (WebSub §8)."""
    method, _, given = header.partition("=")
    if method.lower() not in _DIGESTS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest().encode()
    return hmac.compare_digest(expected, given.strip().lower().encode("utf-8", "replace"))


class Pushes:
    """The receiver and the subscriptions of one connector; an async context."""

    def __init__(self, settings: ConnectorSettings, fetcher: Fetcher, now: Callable[[], float]) -> None:
        """Nothing listens until the context is entered.

        Args:
            settings: `websub_callback`, `websub_host` and `websub_port`.
            fetcher: asks the hubs.
            now: seconds that only go forward.
        """
        self._settings, self._fetcher, self._now = settings, fetcher, now
        self._by_token: dict[str, Subscription] = {}
        self._by_source: dict[str, tuple[str, Subscription]] = {}
        self._runner: web.AppRunner | None = None
        self._reading = 0
        self.port = 0

    async def __aenter__(self) -> "Pushes":
        if not self._settings.websub_callback:
            raise Misconfigured(
                "A source wants pushes (websub = true), but MARQAB_WEBSUB_CALLBACK is not set. Set it to the public "
                "https address that leads to MARQAB_WEBSUB_PORT, or remove websub."
            )
        app = web.Application(client_max_size=self._settings.fetch_max_bytes, middlewares=[_harmless])
        app.router.add_get("/{path:.*}", self._verify)
        app.router.add_post("/{path:.*}", self._push)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=15)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._settings.websub_host, self._settings.websub_port).start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._settings.websub_host}:{self._settings.websub_port}"
            raise Misconfigured(f"Pushes cannot be received at {where} ({error.strerror}).") from error
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def keep(self, source_id: str, hub: str, topic: str, wake: Callable[[], None]) -> None:
        """Subscribe, or renew when half of the lease is over; a hub that does not answer is asked again later."""
        _, known = self._by_source.get(source_id, ("", None))
        if known and known.topic == topic and self._now() - known.asked_at < LEASE_SECONDS / 2:
            return
        token, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        subscription = Subscription(source_id, topic, secret, wake, self._now())
        if known:
            self._by_token.pop(self._by_source[source_id][0], None)
        self._by_token[token], self._by_source[source_id] = subscription, (token, subscription)
        fields = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": f"{self._settings.websub_callback.rstrip('/')}/{token}",
            "hub.lease_seconds": str(LEASE_SECONDS),
            "hub.secret": secret,
        }
        failure = await self._fetcher.post(hub, fields)
        if failure is not None:
            log.warning("feed %s: its hub %s takes no subscription: %s", source_id, hub, failure.reason)

    def slower(self, source_id: str, found_posts: bool) -> int:
        """By how much the next poll may be put off, after a poll that did or did not find new posts; 1 for not."""
        _, subscription = self._by_source.get(source_id, ("", None))
        if subscription is None or subscription.until <= self._now():
            return 1
        if found_posts and not subscription.pushed and not subscription.missed:
            subscription.missed = True
            log.warning("feed %s: an entry came without a push, so it is polled at its own pace again", source_id)
        subscription.pushed = False
        return 1 if subscription.missed else SLOWER

    def _find(self, request: web.Request) -> Subscription | None:
        return self._by_token.get(request.match_info["path"].rpartition("/")[2])

    async def _verify(self, request: web.Request) -> web.Response:
        """The hub asks whether we meant it (WebSub §5.3)."""
        subscription, query = self._find(request), request.query
        if subscription is None or query.get("hub.topic") != subscription.topic:
            return web.Response(status=404)
        if query.get("hub.mode") == "denied":
            log.warning(
                "feed %s: the hub denies: %s", subscription.source_id, query.get("hub.reason", "no reason given")
            )
            subscription.until = 0.0
            return web.Response()
        if query.get("hub.mode") != "subscribe" or "hub.challenge" not in query:
            return web.Response(status=404)
        subscription.until = self._now() + _lease(query)
        return web.Response(text=query["hub.challenge"])

    async def _push(self, request: web.Request) -> web.Response:
        subscription = self._find(request)
        if subscription is None:
            return web.Response(status=410)  # a subscription of an earlier life: the hub may forget it
        if self._reading >= BODIES_AT_ONCE:
            return web.Response(status=503, headers={"Retry-After": "10"})
        self._reading += 1
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408, headers={"Connection": "close"})
        finally:
            self._reading -= 1
        if signature_fits(subscription.secret, request.headers.get("X-Hub-Signature", ""), body):
            subscription.pushed = True
            subscription.wake()
        return web.Response(status=202)


@web.middleware
async def _harmless(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A hub's challenge comes back as it was sent: no browser may take it for a page."""
    try:
        answer = await handler(request)
    except web.HTTPException as told:
        answer = web.Response(status=told.status)
    answer.headers.update(HEADERS)
    return answer


def _lease(query: Mapping[str, str]) -> float:
    given = query.get("hub.lease_seconds", "")
    return float(min(int(given), LONGEST_LEASE)) if given.isascii() and given.isdigit() else float(LEASE_SECONDS)
