"""Where we stand in a channel: the cursor that both ways of reading Telegram share, and its JSON form.

A channel is *entered* once: `floor` says below which id nothing was ever published. From there on every message is
either at or below `last_id` and read, or inside a *hole*: a range of ids that is still to be read, kept here until it
is, so that neither a crash nor a rate limit loses it. News comes first: holes are read newest first and downwards.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.base import Position
from connectors.sources import SourceSettings
from connectors.telegram.memory import Memory

OPEN_TOP: Final = 2**31 - 1
"""Upper end of a hole that reaches to the newest message; ids are signed 32-bit numbers."""
EMPTIES: Final = 3
"""A page of t.me/s that is empty this often, visits apart, has nothing to show."""


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Messages between two ids (both exclusive) that are still to be read.

    Attributes:
        low: highest id already read below.
        high: lowest id already read above.
        backfill: read from the past on purpose; its posts say so.
        posts_left: how many posts it may still give; None for no limit.
        since: Unix seconds; older messages are not wanted.
        empties: how often its page on t.me/s was empty.
    """

    low: int
    high: int
    backfill: bool = False
    posts_left: int | None = None
    since: float | None = None
    empties: int = 0

    @property
    def closed(self) -> bool:
        """Whether nothing is left to read."""
        return self.high - self.low <= 1 or self.posts_left == 0 or self.empties >= EMPTIES

    def to_row(self) -> list[Any]:
        """Its JSON form."""
        return [self.low, self.high, self.backfill, self.posts_left, self.since, self.empties]

    @classmethod
    def from_row(cls, row: list[Any]) -> "Hole":
        """The hole that `to_row` wrote."""
        low, high, backfill, posts_left, since, empties = row
        return cls(low=low, high=high, backfill=backfill, posts_left=posts_left, since=since, empties=empties)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a connector stands in a channel.

    Attributes:
        channel_id: numeric id; None before the channel was found.
        username: name under which it was last seen.
        asked: what the sources file called the channel when it was found.
        account: which Telegram account `access_hash` belongs to.
        access_hash: lets this account read the channel without asking for its name again.
        joined: whether the account has joined the channel, and so hears pushes; None where that was not told.
        pts: how far the server's log of changes was read (MTProto).
        floor: nothing at or below this id was ever published; None before the channel was entered.
        last_id: highest id seen.
        holes: what is still to be read, newest first.
        recheck: ids of remembered messages to be read again, because changes to them were lost (MTProto).
        absent: for ids missing from their place on t.me/s, how many visits in a row.
        memory: the newest messages.
    """

    channel_id: int | None = None
    username: str | None = None
    asked: str | None = None
    account: str | None = None
    access_hash: int | None = None
    joined: bool | None = None
    pts: int | None = None
    floor: int | None = None
    last_id: int = 0
    holes: tuple[Hole, ...] = ()
    recheck: tuple[int, ...] = ()
    absent: Mapping[int, int] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)

    @property
    def entered(self) -> bool:
        """Whether the channel was ever read."""
        return self.floor is not None

    def to_position(self) -> dict[str, Any]:
        """JSON for the cursor."""
        return {
            "channel_id": self.channel_id,
            "username": self.username,
            "asked": self.asked,
            "account": self.account,
            "access_hash": self.access_hash,
            "joined": self.joined,
            "pts": self.pts,
            "floor": self.floor,
            "last_id": self.last_id,
            "holes": [hole.to_row() for hole in self.holes],
            "recheck": list(self.recheck),
            "absent": {str(key): times for key, times in self.absent.items()},
            "memory": self.memory.to_position(),
        }

    @classmethod
    def from_position(cls, position: Position | None) -> "Place":
        """The place that `to_position` wrote; the beginning for None."""
        row = position or {}
        return cls(
            channel_id=row.get("channel_id"),
            username=row.get("username"),
            asked=row.get("asked"),
            account=row.get("account"),
            access_hash=row.get("access_hash"),
            joined=row.get("joined"),
            pts=row.get("pts"),
            floor=row.get("floor"),
            last_id=row.get("last_id", 0),
            holes=tuple(Hole.from_row(hole) for hole in row.get("holes", [])),
            recheck=tuple(row.get("recheck", [])),
            absent={int(key): times for key, times in row.get("absent", {}).items()},
            memory=Memory.from_position(row.get("memory", {})),
        )


def still_open(*holes: Hole) -> tuple[Hole, ...]:
    """Those that are left to read."""
    return tuple(hole for hole in holes if not hole.closed)


def backfill_hole(source: SourceSettings, high: int, now: datetime) -> tuple[Hole, ...]:
    """What a new source reads from the past on purpose, below this id."""
    if not source.backfill_posts and not source.backfill_days:
        return ()
    since = (now - timedelta(days=source.backfill_days)).timestamp() if source.backfill_days else None
    return still_open(Hole(low=0, high=high, backfill=True, posts_left=source.backfill_posts or None, since=since))


_PREFIX: Final = re.compile(r"^(https?://)?((www\.)?t(elegram)?\.me/)?(s/)?@?", re.IGNORECASE)
_NAME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_]{2,63}$")
_NUMBER: Final = re.compile(r"^(-100)?(\d{5,19})$")


class NotAChannel(ValueError):
    """A source names nothing that could be read; its text is a sentence."""


def channel_of(source: SourceSettings) -> str | int:
    """The channel that a source means: its public name, or its number.

    Raises:
        NotAChannel: for one, invitations are never followed, because that would mean to join.
    """
    given = source.channel if source.channel is not None else source.url
    words = str(given or "").strip()
    if number := _NUMBER.match(words):
        return int(number[2])
    name = _PREFIX.sub("", words).split("?")[0].rstrip("/")
    if not _NAME.match(name):
        raise NotAChannel(
            f"“{words}” is no public channel name; invitation links are not followed, because that would mean to join. "
            "Give the channel's name, or the number of a channel that the account has joined"
        )
    return name


def identity_problem(source: SourceSettings, known: int | None, found: int | None) -> str | None:
    """Why this is not the channel that the source means, in a sentence; None when it is."""
    expected = source.channel_id or known
    if expected is None or found is None or found == expected:
        return None
    return (
        f"the name now leads to channel {found}, not to {expected}: it was given to somebody else. "
        "Check the channel; then set channel_id in the sources file, or remove the source's cursor"
    )
