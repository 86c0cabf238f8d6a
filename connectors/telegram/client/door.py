"""One Telegram account through Telethon.

What Telethon does not do is done here (each was measured, see docs/decisions): a limit of time on every call and on
connecting, a pause between connections, a watchdog (a connection that nobody answers looks healthy for two minutes),
one budget per method, no sleeping through flood waits behind our back.

Telethon's own bookkeeping of updates is left out (`Client`): it swallows hints that it cannot make sense of, asks for
differences itself, beyond our budget, and loses what comes after a gap that is too long. We need only the raw pushes.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from telethon import TelegramClient, errors
from telethon.network.connection import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import functions as f
from telethon.tl import types as t

from connectors.base import utc_now
from connectors.settings import VERSION
from connectors.telegram.account import Account
from connectors.telegram.budget import Budget, reconnect_pause
from connectors.telegram.client import translate
from connectors.telegram.client.failures import ours
from connectors.telegram.door import AccountLost, ChannelLost, FloodWaiting, Pushed
from connectors.telegram.place import Place
from connectors.telegram.sync import Answer, ReadNewest, Request, Resolve, TooLong
from schemas.errors import MarqabError, Misconfigured, SourceDown
from schemas.metrics import Meter, NoMeter

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 15.0
CALL_SECONDS: Final = 30.0
WATCH_EVERY_SECONDS: Final = 20.0
WATCH_SECONDS: Final = 10.0
LONGEST_HOLD_SECONDS: Final = 60.0
"""A call is held back this long; beyond it the caller is told and does something else."""
SHORT_LIFE_SECONDS: Final = 30.0
FLOODS: Final = (errors.FloodWaitError, errors.FloodPremiumWaitError)
LOST_COUNTERS: Final = (errors.PersistentTimestampInvalidError, errors.PersistentTimestampEmptyError)
DIALOG_PAGES: Final = 12


class TelethonDoor:
    """`async with TelethonDoor(account, pushed, places) as door`: connected and authorised, or an error says why not.

    `places` are the channels by their ids, kept current by the connector, so that pushes are read in their terms.
    """

    def __init__(
        self,
        account: Account,
        pushed: Pushed,
        places: Mapping[int, Place],
        *,
        budget: Budget | None = None,
        meter: Meter | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._account, self._pushed, self._places = account, pushed, places
        self._budget = budget or Budget()
        self._meter: Meter = meter or NoMeter()
        self._clock = clock
        self._dialogs: dict[int, Any] | None = None
        self._client = client_of(account, paced(clock, chance, self._connected))
        self._client.hear = self._heard

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.connect()
            _heed_cancellation()
            await self._call(f.users.GetUsersRequest([t.InputUserSelf()]), CALL_SECONDS)
        except BaseException as error:
            self._meter.gauge("marqab_telegram_connected", 0, account=self._account.name)
            await self._close()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise self._ours(error, "connecting to Telegram") from error
        self._meter.gauge("marqab_telegram_connected", 1, account=self._account.name)
        self._meter.gauge("marqab_telegram_authorised", 1, account=self._account.name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._meter.gauge("marqab_telegram_connected", 0, account=self._account.name)
        await self._close()
        _heed_cancellation()

    def _connected(self) -> None:
        """A connection was opened, maybe not the first: what was pushed meanwhile is lost, all is to be asked for."""
        self._meter.count("marqab_telegram_connects_total", account=self._account.name)
        self._pushed(None)

    def _ours(self, error: BaseException, doing: str) -> MarqabError:
        """See `connectors.telegram.client.failures.ours`; the loss of the account is shown."""
        found = ours(error, doing)
        if isinstance(found, AccountLost):
            self._meter.gauge("marqab_telegram_authorised", 0, account=self._account.name)
        return found

    async def _close(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                await self._client.disconnect()

    async def ask(self, request: Request, place: Place) -> Answer:
        """See `connectors.telegram.door.Door`."""
        if isinstance(request, Resolve) and isinstance(request.channel, int):
            return await self._among_dialogs(request.channel)
        try:
            return translate.from_telegram(await self._within_budget(translate.to_telegram(request, place)), place)
        except LOST_COUNTERS:
            # Telegram does not accept our counter at all: as if the difference were too long.
            full = await self._within_budget(f.channels.GetFullChannelRequest(_input(place)))
            newest = await self._within_budget(translate.to_telegram(ReadNewest(1), place))
            return TooLong(full.full_chat.pts, max((each.id for each in newest.messages), default=0))
        except ValueError as error:
            raise ChannelLost(str(error)) from error

    async def _within_budget(self, request: Any) -> Any:
        method = type(request).__name__.removesuffix("Request")
        while True:
            while wait := self._budget.spend(method, self._clock()):
                if wait > LONGEST_HOLD_SECONDS:
                    raise FloodWaiting(method, wait)
                await asyncio.sleep(wait)
            outcome = "error"
            try:
                answer = await self._call(request, CALL_SECONDS)
                outcome = "ok"
                return answer
            except FLOODS as error:
                outcome = "flood"
                self._flooded(method, error.seconds)
            except LOST_COUNTERS:
                raise
            except (errors.RPCError, errors.AuthKeyNotFound, OSError, ValueError, TimeoutError) as error:
                outcome = "timeout" if isinstance(error, TimeoutError) else type(error).__name__
                raise self._ours(error, method) from error
            finally:
                self._meter.count(
                    "marqab_telegram_calls_total", account=self._account.name, method=method, outcome=outcome
                )

    def _flooded(self, method: str, seconds: float) -> None:
        """Telegram asks to wait: this method is left alone, and everybody can see until when."""
        self._budget.block(method, seconds, self._clock())
        self._meter.count("marqab_telegram_flood_wait_seconds_total", seconds, method=method)
        until = utc_now().timestamp() + seconds
        self._meter.gauge(
            "marqab_telegram_flood_until_timestamp_seconds", until, account=self._account.name, method=method
        )

    async def _call(self, request: Any, seconds: float) -> Any:
        """Telethon has no limit of time: without this one lost answer would hang the caller for ever."""
        async with asyncio.timeout(seconds):
            answer = await self._client(request)
        _heed_cancellation()
        return answer

    async def _among_dialogs(self, channel_id: int) -> Answer:
        """A channel given by number is found only among the account's own chats."""
        if self._dialogs is None or channel_id not in self._dialogs:
            self._dialogs = await self._all_dialogs()
        if channel_id not in self._dialogs:
            raise ChannelLost(f"the account “{self._account.name}” has not joined channel {channel_id}")
        return translate.found_chat([self._dialogs[channel_id]], channel_id)

    async def _all_dialogs(self) -> dict[int, Any]:
        chats: dict[int, Any] = {}
        offset: tuple[Any, int, Any] = (None, 0, t.InputPeerEmpty())
        for _ in range(DIALOG_PAGES):
            page = await self._within_budget(f.messages.GetDialogsRequest(*offset, limit=100, hash=0))
            chats |= {chat.id: chat for chat in page.chats if isinstance(chat, t.Channel)}
            last = page.messages[-1] if page.messages else None
            if not page.dialogs or len(page.dialogs) < 100 or last is None:
                break
            chat = chats.get(getattr(last.peer_id, "channel_id", 0))
            peer = t.InputPeerChannel(chat.id, chat.access_hash) if chat else t.InputPeerEmpty()
            offset = (last.date, last.id, peer)
        return chats

    async def broken(self) -> None:
        """See `connectors.telegram.door.Door`: asks for a sign of life every 20 s, and hears of the end."""
        ended = asyncio.ensure_future(self._client.disconnected)
        try:
            while True:
                done, _ = await asyncio.wait([ended], timeout=WATCH_EVERY_SECONDS)
                if done:
                    ended.result()
                    raise SourceDown("the connection to Telegram has ended")
                with contextlib.suppress(*FLOODS):  # an answer is a sign of life
                    await self._call(f.updates.GetStateRequest(), WATCH_SECONDS)
        except (errors.RPCError, errors.AuthKeyNotFound, OSError, ValueError, TimeoutError) as error:
            raise self._ours(error, "the watchdog's call") from error
        finally:
            ended.cancel()

    def _heard(self, update: Any) -> None:
        """Every push: as it is where it may continue a channel's counter, else as a hint."""
        channel_id = translate.channel_of_update(update)
        place = self._places.get(channel_id) if channel_id is not None else None
        if place is not None:
            self._pushed(translate.push_of(update, place) or channel_id)
        elif isinstance(update, t.UpdatesTooLong):
            self._pushed(None)


class Client(TelegramClient):  # type: ignore[misc]
    """Telethon's client, which hands every pushed update to `hear` as it came and does nothing else with it."""

    hear: Callable[[Any], None] = staticmethod(lambda _: None)

    async def _update_loop(self) -> None:
        """Replaces Telethon's loop; the tests with the real client fail if its place or its queue change."""
        while self.is_connected():
            container = await self._updates_queue.get()
            for update in getattr(container, "updates", None) or [getattr(container, "update", container)]:
                try:
                    self.hear(update)
                except Exception:
                    log.exception("a pushed %s cannot be read; its channel is asked at the next turn", type(update))


def _heed_cancellation() -> None:
    """Telethon connects and disconnects through `asyncio.wait_for`, which on Python 3.11 can swallow a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def client_of(account: Account, connection: type[ConnectionTcpFull]) -> Client:
    """A Telethon client that leaves waiting, retrying and pacing to us.

    Raises:
        Misconfigured: the session string, the server's or the proxy's address is none.
    """
    try:
        session = StringSession(account.session)
    except Exception as error:
        raise Misconfigured(
            f"The session of Telegram account “{account.name}” is no session string. Make one with "
            "`marqab telegram login`."
        ) from error
    if account.server:
        host, port, dc = server_of(account.server)
        session.set_dc(dc, host, port)
    return Client(
        session,
        account.api_id,
        account.api_hash,
        connection=connection,
        proxy=proxy_of(account.proxy),
        timeout=CONNECT_SECONDS,
        request_retries=2,
        connection_retries=2,
        retry_delay=0.1,
        flood_sleep_threshold=0,
        raise_last_call_error=True,
        catch_up=False,
        device_model="marqab",
        app_version=VERSION,
    )


def paced(clock: Callable[[], float], chance: Callable[[], float], connected: Callable[[], None]) -> Any:
    """A connection class of its own for one client, which waits before it connects too often."""

    class Paced(ConnectionTcpFull):  # type: ignore[misc]
        began, streak = -1e9, 0

        async def connect(self, timeout: float | None = None, ssl: Any = None) -> None:  # noqa: ASYNC109
            cls = type(self)
            cls.streak = 0 if clock() - cls.began > SHORT_LIFE_SECONDS else cls.streak + 1
            await asyncio.sleep(reconnect_pause(cls.streak, chance()))
            cls.began = clock()
            await super().connect(timeout=timeout, ssl=ssl)
            connected()

    return Paced


def server_of(address: str) -> tuple[str, int, int]:
    """Host, port and data centre of `host:port[:dc]`.

    Raises:
        Misconfigured: it is no such address.
    """
    host, _, rest = address.partition(":")
    port, _, dc = rest.partition(":")
    if not host or not port.isdigit() or (dc and not dc.isdigit()):
        raise Misconfigured(f"MARQAB_TELEGRAM_SERVER={address} is no address. Write host:port or host:port:dc.")
    return host, int(port), int(dc or 2)


def proxy_of(address: str) -> dict[str, Any] | None:
    """Telethon's form of a proxy address; None for none.

    Raises:
        Misconfigured: it is of a kind that Telegram connections cannot use.
    """
    if not address:
        return None
    parts = urlsplit(address)
    kinds = {"socks5": "socks5", "socks5h": "socks5", "socks4": "socks4", "socks4a": "socks4", "http": "http"}
    if parts.scheme not in kinds or not parts.hostname or not parts.port:
        raise Misconfigured("The proxy for Telegram must be socks5://, socks4:// or http://, with host and port.")
    return {
        "proxy_type": kinds[parts.scheme],
        "addr": parts.hostname,
        "port": parts.port,
        "rdns": parts.scheme in {"socks5h", "socks4a"},
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }


def _input(place: Place) -> Any:
    return t.InputChannel(place.channel_id, place.access_hash)
