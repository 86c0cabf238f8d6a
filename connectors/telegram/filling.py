"""What readings make of a place, by the account and by t.me/s alike: entering, changes, holes that fill. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from connectors.sources import SourceSettings
from connectors.telegram.memory import Change, Via
from connectors.telegram.message import Message
from connectors.telegram.place import OPEN_TOP, Hole, Place, backfill_hole, still_open
from schemas.records import Post


def entered(place: Place, lowest: int, source: SourceSettings, now: datetime, *, unread: bool) -> Place:
    """The place of a channel that is entered at its newest messages; stored before the first post is published.

    Otherwise a crash after these would make the next start enter at a later message, and what lies between be lost.

    Args:
        place: of a channel that was never read.
        lowest: id of the oldest of its newest messages.
        source: how much of its past is wanted.
        now: the present.
        unread: the newest messages are still to be read, as a hole of their own.
    """
    past = backfill_hole(source, lowest, now)
    recent = (Hole(low=lowest - 1, high=OPEN_TOP),) if unread else ()
    return replace(place, floor=0 if past else lowest - 1, last_id=lowest - 1, holes=(*recent, *past))


def changed(
    place: Place,
    changes: Iterable[Change],
    source: SourceSettings,
    now: datetime,
    via: Via,
    *,
    username: str | None = None,
    backfill: bool = False,
) -> tuple[tuple[Post, ...], Place]:
    """The posts that changes give, and the place that remembers them.

    Args:
        place: where we stand.
        changes: in their order.
        source: whose.
        now: the present.
        via: by which way they were read.
        username: the channel's name, where the reading has told it.
        backfill: they are of the past that was asked for.
    """
    posts, memory = place.memory.fold(
        changes,
        source=source.record(),
        via=via,
        now=now,
        floor=place.floor or 0,
        username=username or place.username,
        backfill=backfill,
        test=source.test,
    )
    return posts, replace(place, memory=memory)


def filled(
    place: Place,
    ids: Iterable[int],
    messages: Iterable[Message],
    source: SourceSettings,
    now: datetime,
    via: Via,
    *,
    username: str | None = None,
) -> tuple[tuple[Post, ...], Place]:
    """What a page of older messages gives to the first hole, which it fills from above.

    Args:
        place: with a hole.
        ids: of everything on the page, messages and others.
        messages: of the page, oldest first.
        source: whose.
        now: the present.
        via: by which way they were read.
        username: the channel's name, where the reading has told it.
    """
    hole, others = place.holes[0], place.holes[1:]
    below = sorted(number for number in ids if number < hole.high)
    inside = [message for message in messages if hole.low < message.message_id < hole.high]
    recent = [message for message in inside if hole.since is None or message.published_at.timestamp() >= hole.since]
    wanted = recent if hole.posts_left is None else recent[-hole.posts_left :]
    posts, after = changed(place, wanted, source, now, via, username=username, backfill=hole.backfill)
    reached = not below or below[0] <= hole.low or len(recent) < len(inside)
    left = None if hole.posts_left is None else max(0, hole.posts_left - len(wanted))
    rest = replace(hole, high=hole.low if reached else below[0], posts_left=left, empties=0)
    return posts, replace(after, last_id=max([place.last_id, *below]), holes=still_open(rest, *others))
