"""A channel's past: through t.me/s, through the account, or from an export of Telegram Desktop.

t.me/s is tried first where that is allowed: a running service is not disturbed. The account is used only where nobody
else uses its session; Kafka tells (`connectors.holder`). Where we stopped stands in a cursor of its own.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from connectors.base import Batch, Progress, Setup
from connectors.sources import SourceSettings
from connectors.telegram.account import Account, account_for
from connectors.telegram.door import Door, FloodWaiting
from connectors.telegram.export import open_export
from connectors.telegram.export_row import parse_row, said
from connectors.telegram.message import Message
from connectors.telegram.past import SUFFIX, past_posts
from connectors.telegram.place import OPEN_TOP, NotAChannel, Place, channel_of
from connectors.telegram.reader import OpenDoor
from connectors.telegram.sync import Messages, ReadOlder, Resolve, Resolved, next_request, take
from connectors.telegram_web.backfill import NoPreview, backfill_preview
from schemas.errors import Misconfigured, SourceDown

log = logging.getLogger(__name__)

EXPORT_SUFFIX: Final = ":export"
EXPORT_BATCH: Final = 200
LONGEST_FLOOD_SECONDS: Final = 900.0
"""A wait that Telegram asks for is waited for up to this; beyond it the command ends and can be started again."""
PAUSES_SECONDS: Final = (1.0, 5.0, 20.0, 60.0)
"""Before a broken connection is opened again, as long as nothing is read; then the command ends."""
ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)


async def backfill_channel(source: SourceSettings, since: datetime, setup: Setup, progress: Progress) -> int:
    """See `connectors.base.Backfill`.

    Raises:
        Misconfigured: the source names no channel, its account cannot be used, or another process uses it.
        SourceDown: Telegram refuses; started again, it goes on where it was.
    """
    account = account_for(source, setup.settings) if source.access != "web" else None
    if source.access == "mtproto" and account is None:
        raise Misconfigured(
            f"Source “{source.id}” may be read through a Telegram account only, but there is none. Set "
            'MARQAB_TELEGRAM_SESSION_FILE, give the source access = "auto", or read an export with --export.'
        )
    if source.access != "mtproto":
        try:
            return await backfill_preview(source, since, setup, progress)
        except NoPreview as error:
            if account is None:
                raise
            log.warning("%s It is read through the account.", error)
    if account is None:  # told above
        raise Misconfigured(f"Source “{source.id}” has no account.")
    return await AccountPast(account, source, since, setup, progress).read()


class AccountPast:
    """One channel's past through an account."""

    def __init__(
        self,
        account: Account,
        source: SourceSettings,
        since: datetime,
        setup: Setup,
        progress: Progress,
        open_door: OpenDoor | None = None,
    ) -> None:
        self._account, self._source, self._since = account, source, since
        self._setup, self._progress = setup, progress
        self._open_door = open_door or _telethon(setup)
        self._live = Place.from_position(setup.positions.get(source.id))
        stored = setup.positions.get(source.id + SUFFIX, {})
        same = stored.get("since") == since.isoformat()
        self._below: int = stored.get("before", OPEN_TOP) if same else OPEN_TOP
        known = Place.from_position(stored.get("place"))
        self._place = known if known.access_hash is not None else replace(self._live, memory=Place().memory)
        self._count = 0

    async def read(self) -> int:
        """Read on to the wanted day; gives how many posts were published."""
        async with self._held():
            failures = 0
            while self._below > 1:
                before = self._below
                try:
                    async with self._open_door(self._account, lambda _: None, {}) as door:
                        await self._read_on(door)
                except FloodWaiting as error:
                    if error.seconds > LONGEST_FLOOD_SECONDS:
                        raise SourceDown(f"{error}. {self._again()}") from error
                    await asyncio.sleep(error.seconds)
                except SourceDown as error:
                    failures = 0 if self._below < before else failures + 1
                    if failures > len(PAUSES_SECONDS):
                        raise SourceDown(f"{error}. {self._again()}") from error
                    await asyncio.sleep(PAUSES_SECONDS[max(failures, 1) - 1])
        return self._count

    def _again(self) -> str:
        return f"{self._count} posts were published; start again to go on."

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """Use the session as its only user, where there is a Kafka that can tell."""
        if self._setup.hold is None:
            yield
            return
        try:
            async with self._setup.hold(self._account.session):
                yield
        except Misconfigured as error:
            raise Misconfigured(
                f'{error} For a backfill: give the source access = "auto" if the channel has a public preview, name '
                "a second account with --account, or stop the connectors for as long as it takes."
            ) from error

    async def _read_on(self, door: Door) -> None:
        await self._find(door)
        while self._below > 1:
            answer = await door.ask(ReadOlder(self._below), self._place)
            if not isinstance(answer, Messages):
                raise SourceDown("Telegram gave no messages")
            lower = sorted(number for number in answer.by_id if number < self._below)
            messages = [m for number in lower if (m := answer.by_id[number]) is not None]
            oldest_at = min((message.published_at for message in messages), default=None)
            done = not lower or (oldest_at is not None and oldest_at < self._since)
            below = 1 if done else lower[0]
            live = replace(self._live, username=self._place.username)
            posts = past_posts(messages, live, self._source, via="m", since=self._since, now=self._setup.now())
            position = {
                "before": below,
                "since": self._since.isoformat(),
                "place": replace(self._place, memory=Place().memory).to_position(),
            }
            await self._setup.sink.deliver(Batch(source_id=self._source.id + SUFFIX, posts=posts, position=position))
            self._below = below
            self._count += len(posts)
            self._progress(self._count, oldest_at)

    async def _find(self, door: Door) -> None:
        """Resolve the channel where that has not been done for this account."""
        try:
            request = next_request(self._place, self._source, self._account.name, behind=False)
        except NotAChannel as error:
            raise Misconfigured(f"Source “{self._source.id}”: {error}.") from error
        if not isinstance(request, Resolve):
            return
        answer = await door.ask(request, self._place)
        if not isinstance(answer, Resolved):
            raise SourceDown("Telegram did not say which channel this is")
        step = take(self._place, request, answer, self._source, self._account.name, self._setup.now())
        if step.identity is not None:
            raise Misconfigured(f"Source “{self._source.id}”: {step.identity}.")
        self._place = step.place


def _telethon(setup: Setup) -> OpenDoor:
    from connectors.telegram.client import TelethonDoor  # noqa: PLC0415 - only where an account is used

    return lambda account, pushed, places: TelethonDoor(account, pushed, places, meter=setup.meter)


async def backfill_export(
    source: SourceSettings, path: Path, setup: Setup, progress: Progress, since: datetime = ALWAYS
) -> int:
    """Publish what Telegram Desktop exported of a channel, oldest first, marked as backfill; gives how many posts.

    Stopped and started again with the same file, it goes on where it was. The source's own cursor is left alone.

    Raises:
        Misconfigured: the file is no export of this channel, or ends before its time: what came before is published.
    """
    place = Place.from_position(setup.positions.get(source.id))
    expected = source.channel_id or place.channel_id
    username = place.username or _public_name(source)
    export = await asyncio.to_thread(open_export, path, expected)
    channel = export.chat.channel_id
    if expected is None:
        raise Misconfigured(
            f"Nothing tells whether {path} is of source “{source.id}”: it holds channel {channel} "
            f"(“{export.chat.name}”). If that is right, set channel_id = {channel} for the source."
        )
    key, name = source.id + EXPORT_SUFFIX, f"{channel}:{export.fingerprint}:{since.isoformat()}"
    stored = setup.positions.get(key, {})
    begin = int(stored.get("rows", 0)) if stored.get("export") == name else 0
    messages = _messages(islice(enumerate(export.rows(), start=1), begin, None), channel, username)
    count = 0
    while batch := await asyncio.to_thread(lambda: list(islice(messages, EXPORT_BATCH))):
        named = replace(place, username=username)
        posts = past_posts([m for _, m in batch], named, source, via="m", since=since, now=setup.now())
        position = {"export": name, "rows": batch[-1][0]}
        await setup.sink.deliver(Batch(source_id=key, posts=posts, position=position))
        count += len(posts)
        progress(count, batch[0][1].published_at)
    return count


def _messages(rows: Iterable[tuple[int, Any]], channel_id: int, username: str | None) -> Iterator[tuple[int, Message]]:
    """The messages among an export's rows, each with its row's number; says how many rows cannot be read."""
    unreadable = 0
    for number, row in rows:
        if said(row):
            if message := parse_row(row, channel_id, username):
                yield number, message
            else:
                unreadable += 1
    if unreadable:
        log.warning("%d rows of the export are no messages as we know them and are left out", unreadable)


def _public_name(source: SourceSettings) -> str | None:
    try:
        name = channel_of(source)
    except NotAChannel:
        return None
    return name if isinstance(name, str) else None
