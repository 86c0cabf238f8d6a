"""What to ask Telegram next for one channel, and what its answer gives. Pure: no clock, no network, no Telethon.

**A push is a hint, a pull is the truth.** Every change in a channel moves the server's counter `pts`. We keep our own
(in `Place`), and move it only with published posts:

1. find the channel (`Resolve`: once, then its id and access hash are kept);
2. read the counter (`ReadCounter`) *before* any message, and store both before the first post is published: what
   changes from then on is told by the difference;
3. enter the channel at its newest messages (`ReadNewest`), and read them and older ones as holes (`ReadOlder`);
4. ask for the difference since our counter (`ReadDifference`) whenever something may have happened;
5. when the server says that the difference is too long, changes are lost: read the remembered messages again by id
   (`ReadMessages`) and everything newer as a hole. Gaps in ids are normal and never mean loss.

A pushed change that continues our counter exactly is taken as it is (`follow`); any other push only wakes us.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from connectors.sources import SourceSettings
from connectors.telegram.filling import changed, entered, filled
from connectors.telegram.memory import Change, Withdrawal
from connectors.telegram.message import Message
from connectors.telegram.place import OPEN_TOP, Hole, Place, channel_of, identity_problem
from schemas.records import Post

NEWEST: Final = 20
"""How many messages a new source starts with: as many as a page of t.me/s shows."""
PAGE: Final = 100
"""Telegram gives at most this many at once."""
IN_FLIGHT: Final = 300
"""No batch reaches over more ids than this, but for rare stretches of deleted ones."""


# What to ask.
@dataclass(frozen=True)
class Resolve:
    """Find the channel by name, or among the account's chats by its number."""

    channel: str | int


@dataclass(frozen=True)
class ReadCounter:
    """The channel's counter as it is now."""


@dataclass(frozen=True)
class ReadNewest:
    """The newest messages."""

    limit: int = NEWEST


@dataclass(frozen=True)
class ReadDifference:
    """What has changed since our counter."""

    pts: int
    limit: int = PAGE


@dataclass(frozen=True)
class ReadOlder:
    """Messages below an id, newest first."""

    below: int
    limit: int = PAGE


@dataclass(frozen=True)
class ReadMessages:
    """These messages as they stand now."""

    ids: tuple[int, ...]


Request = Resolve | ReadCounter | ReadNewest | ReadDifference | ReadOlder | ReadMessages


# What is answered.
@dataclass(frozen=True)
class Resolved:
    """The channel that was found."""

    channel_id: int
    access_hash: int
    username: str | None = None
    joined: bool | None = None


@dataclass(frozen=True)
class Counter:
    """The channel's counter."""

    pts: int


@dataclass(frozen=True)
class Messages:
    """Messages by id; None for service messages, and for deleted ones where ids were asked for."""

    by_id: Mapping[int, Message | None]
    deleted: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Difference:
    """Changes up to a counter; `final` unless there are more."""

    pts: int
    changes: tuple[Change, ...] = ()
    top_id: int = 0
    final: bool = True
    timeout: int | None = None
    username: str | None = None
    joined: bool | None = None


@dataclass(frozen=True)
class TooLong:
    """The server no longer knows what has changed since our counter; `top_id` is the newest message's id."""

    pts: int
    top_id: int = 0


Answer = Resolved | Counter | Messages | Difference | TooLong


@dataclass(frozen=True)
class Push:
    """One pushed change: it leads from `pts - count` to `pts`."""

    channel_id: int
    pts: int
    count: int
    changes: tuple[Change, ...] = ()
    top_id: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """What an answer gives: posts to publish, and the place once they are published.

    Attributes:
        posts: in order.
        place: the new place.
        behind: more may have happened than the answer tells: ask for the difference (again).
        renamed: the channel's former name, when it has another one now.
        identity: why this is no longer the channel that the source means; nothing else may be done with it.
    """

    place: Place
    posts: tuple[Post, ...] = ()
    behind: bool = False
    renamed: str | None = None
    identity: str | None = None


def next_request(place: Place, source: SourceSettings, account: str, *, behind: bool) -> Request | None:
    """What to ask next; None when there is nothing to do until something happens.

    Raises:
        NotAChannel: the source names nothing that could be read.
    """
    wanted = channel_of(source)
    if place.access_hash is None or place.account != account or place.asked != str(wanted):
        # Its last known name is better than the configured one, unless the operator has changed that.
        return Resolve(place.username if place.username and place.asked == str(wanted) else wanted)
    if place.pts is None:
        return ReadCounter()
    if not place.entered:
        return ReadNewest()
    if place.recheck:
        return ReadMessages(place.recheck[:PAGE])
    if behind:
        return ReadDifference(place.pts)
    if place.holes:
        return ReadOlder(place.holes[0].high)
    return None


def take(place: Place, request: Request, answer: Answer, source: SourceSettings, account: str, now: datetime) -> Step:
    """What an answer gives.

    Raises:
        TypeError: the answer does not belong to the request.
    """
    match request, answer:
        case Resolve(), Resolved():
            return _resolved(place, answer, source, account)
        case ReadCounter(), Counter():
            return Step(place=_counted(place, answer.pts), behind=True)
        case ReadNewest(), Messages():
            return Step(place=_entered(place, answer, source, now), behind=True)
        case ReadDifference(), Difference():
            return _difference(place, answer, source, now)
        case ReadDifference(), TooLong():
            return Step(place=_counted(replace(place, pts=None), answer.pts), behind=True)
        case ReadOlder(), Messages():
            return _older(place, answer, source, now)
        case ReadMessages(), Messages():
            return _rechecked(place, request, answer, source, now)
    raise TypeError(f"{type(answer).__name__} is no answer to {type(request).__name__}")


@dataclass(frozen=True)
class Followed:
    """What a row of pushes gives.

    Attributes:
        step: of those that continue our counter.
        taken: how many were used up, from the first on.
        gap: the next one does not continue our counter; the difference must be asked for.
    """

    step: Step
    taken: int
    gap: bool = False


def follow(place: Place, pushes: Sequence[Push], source: SourceSettings, now: datetime) -> Followed:
    """What pushed changes give, as far as each continues our counter; old ones are passed over."""
    pts, top_id, changes = place.pts, 0, list[Change]()
    for taken, push in enumerate(pushes):
        if pts is None or not place.entered or (push.pts > pts and push.pts - push.count != pts):
            return Followed(_told(place, changes, source, now, pts, top_id), taken, gap=True)
        if push.pts > pts:
            pts, top_id = push.pts, max(top_id, push.top_id)
            changes += push.changes
    return Followed(_told(place, changes, source, now, pts, top_id), len(pushes))


def _told(
    place: Place, changes: list[Change], source: SourceSettings, now: datetime, pts: int | None, top_id: int
) -> Step:
    if pts is None or pts == place.pts:
        return Step(place=place)
    return _changed(place, tuple(changes), source, now, pts=pts, top_id=top_id)


def suspects(place: Place, top_id: int) -> tuple[int, ...]:
    """Ids that a killed process may have published without storing so: those of the batch that was under way.

    Where the difference is too long as well, their deletion is told by nobody: they are read again by id.
    """
    ranges = [(place.last_id, place.last_id + IN_FLIGHT)]
    for hole in place.holes[:1]:
        below = (max(hole.low, hole.high - IN_FLIGHT), hole.high - 1)
        ranges.append(below if hole.high < OPEN_TOP else (hole.low, hole.low + IN_FLIGHT))
    return tuple(sorted({n for low, high in ranges for n in range(low + 1, min(high, top_id) + 1)}, reverse=True))


def verify(place: Place) -> Place:
    """What t.me/s alone has told is read again through the account, which tells it exactly."""
    if place.pts is None:
        return place  # reading the counter has everything read again
    heard = {number for number, seen in place.memory.seen.items() if seen.via == "w"}
    return replace(place, recheck=tuple(sorted(heard | set(place.recheck), reverse=True))) if heard else place


def _resolved(place: Place, found: Resolved, source: SourceSettings, account: str) -> Step:
    problem = identity_problem(source, place.channel_id, found.channel_id)
    if problem is not None:
        return Step(place=place, identity=problem)
    after = replace(
        place,
        channel_id=found.channel_id,
        access_hash=found.access_hash,
        joined=found.joined,
        username=found.username,
        account=account,
        asked=str(channel_of(source)),
    )
    renamed = place.username if place.username and place.username != found.username else None
    return Step(place=after, behind=True, renamed=renamed)


def _counted(place: Place, pts: int) -> Place:
    """From this counter on nothing is missed; what may have been missed before it is read again."""
    if not place.entered:
        return replace(place, pts=pts)
    known = tuple(sorted((number for number, seen in place.memory.seen.items() if not seen.gone), reverse=True))
    if not place.holes or place.holes[0].high != OPEN_TOP:
        place = replace(place, holes=(Hole(low=place.last_id, high=OPEN_TOP), *place.holes))
    return replace(place, pts=pts, recheck=known)


def _entered(place: Place, newest: Messages, source: SourceSettings, now: datetime) -> Place:
    """Enter the channel below its newest messages; stored before the first post is published."""
    if not newest.by_id:
        return replace(place, floor=0)
    return entered(place, min(newest.by_id), source, now, unread=True)


def _difference(place: Place, found: Difference, source: SourceSettings, now: datetime) -> Step:
    renamed = None
    if found.username and found.username != place.username:
        renamed, place = place.username, replace(place, username=found.username)
    if found.joined is not None:
        place = replace(place, joined=found.joined)
    step = _changed(place, found.changes, source, now, pts=found.pts, top_id=found.top_id)
    return replace(step, behind=not found.final, renamed=renamed)


def _changed(
    place: Place, changes: tuple[Change, ...], source: SourceSettings, now: datetime, *, pts: int, top_id: int
) -> Step:
    posts, after = changed(place, changes, source, now, "m")
    return Step(place=replace(after, pts=pts, last_id=max(place.last_id, top_id)), posts=posts)


def _older(place: Place, found: Messages, source: SourceSettings, now: datetime) -> Step:
    messages = [message for number in sorted(found.by_id) if (message := found.by_id[number]) is not None]
    posts, after = filled(place, found.by_id, messages, source, now, "m")
    return Step(place=after, posts=posts)


def _rechecked(place: Place, request: ReadMessages, found: Messages, source: SourceSettings, now: datetime) -> Step:
    channel_id = place.channel_id or 0
    changes: list[Change] = []
    for number in sorted(request.ids):
        message = found.by_id.get(number)
        if number in found.deleted:
            changes.append(Withdrawal(channel_id=channel_id, message_id=number))
        elif message is not None:
            changes.append(message)
    step = _changed(place, tuple(changes), source, now, pts=place.pts or 0, top_id=0)
    asked = set(request.ids)
    return replace(step, place=replace(step.place, recheck=tuple(n for n in place.recheck if n not in asked)))
