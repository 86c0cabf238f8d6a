"""Which page of a channel to ask for next, and what a page gives. Pure: no clock, no network.

The first page holds the newest messages (about 20). It is read at every visit: what is above `last_id` is new, what is
remembered is compared, so edits and deletions on it are noticed. News goes out at once, newest page first; what lies
between it and the last visit is a hole (`connectors.telegram.place`), read backwards with `?before=`. Older posts on
purpose (`backfill_posts`, `backfill_days`) are a hole below the first page.

- `?before=` is exclusive and the "more" link goes missing in mid-history: we go on from the smallest id that we saw,
  until a page brings nothing lower.
- An empty page where messages are known is a rate limit in disguise, not "no news". A hole whose page stays empty
  `EMPTIES` times, visits apart, is taken as closed (everything in it was deleted).
- t.me/s tells no deletions. A message that t.me/s itself has shown, and that is absent from `ABSENCES` visits in a row
  while both its neighbours are there, was withdrawn. If it appears again, so does the post.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from connectors.sources import SourceSettings
from connectors.telegram.filling import changed, entered, filled
from connectors.telegram.memory import Withdrawal
from connectors.telegram.place import Hole, Place, identity_problem, still_open
from connectors.telegram_web.parse import Page, PageKind
from schemas.records import Post

ABSENCES: Final = 2


class Outcome(StrEnum):
    """What a visit found, by name; only the first two say that all is well."""

    READ = "read"
    EMPTY_CHANNEL = "empty_channel"
    RATE_LIMITED = "rate_limited"
    NO_PREVIEW = "no_preview"
    UNRECOGNISED = "unrecognised"
    IDENTITY_CHANGED = "identity_changed"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a page gives: posts to publish, and the place once they are published."""

    outcome: Outcome
    place: Place
    posts: tuple[Post, ...] = ()


def next_before(place: Place) -> int | None:
    """The `before` of the next older page to ask for; None when there is nothing left below the first page."""
    return place.holes[0].high if place.holes else None


def begin(place: Place, page: Page, source: SourceSettings, now: datetime) -> Place:
    """Where a channel is entered that was never read before; see `connectors.telegram.filling.entered`."""
    if place.entered or not page.ids or _problem(place, page, source) is not None:
        return place
    found = replace(place, channel_id=page.channel_id, username=page.username)
    return entered(found, page.ids[0], source, now, unread=False)


def take_first(place: Place, page: Page, source: SourceSettings, now: datetime) -> Step:
    """What the first page gives; a channel that was never read goes through `begin` first."""
    problem = _problem(place, page, source)
    if problem is not None:
        return Step(outcome=problem, place=place)
    if page.kind is PageKind.NO_POSTS:
        known = place.last_id > 0
        return Step(outcome=Outcome.RATE_LIMITED if known else Outcome.EMPTY_CHANNEL, place=place)
    lowest, highest = page.ids[0], page.ids[-1]
    gone, absent = _withdrawals(place, page)
    posts, noted = changed(place, [*page.messages, *gone], source, now, "w", username=page.username)
    skipped = lowest > place.last_id + 1
    holes = (Hole(low=place.last_id, high=lowest), *place.holes) if skipped else place.holes
    after = replace(
        noted,
        username=page.username or place.username,
        last_id=max(place.last_id, highest),
        holes=still_open(*holes),
        absent=absent,
    )
    return Step(outcome=Outcome.READ, place=after, posts=posts)


def take_older(place: Place, page: Page, source: SourceSettings, now: datetime) -> Step:
    """What the page before the first hole's upper end gives."""
    problem = _problem(place, page, source)
    if problem is not None:
        return Step(outcome=problem, place=place)
    hole, others = place.holes[0], place.holes[1:]
    below = [number for number in page.ids if number < hole.high]
    if not below:
        tried = replace(hole, empties=hole.empties + 1)
        # Below a backfill there may be nothing at all; between two known messages there was something once.
        outcome = Outcome.READ if hole.backfill else Outcome.RATE_LIMITED
        return Step(outcome=outcome, place=replace(place, holes=still_open(tried, *others)))
    posts, after = filled(place, page.ids, page.messages, source, now, "w", username=page.username)
    return Step(outcome=Outcome.READ, place=after, posts=posts)


def _problem(place: Place, page: Page, source: SourceSettings) -> Outcome | None:
    if page.kind is PageKind.NO_PREVIEW:
        return Outcome.NO_PREVIEW
    if page.kind is PageKind.UNRECOGNISED or (page.ids and not (page.channel_id or place.channel_id)):
        return Outcome.UNRECOGNISED
    if identity_problem(source, place.channel_id, page.channel_id):
        return Outcome.IDENTITY_CHANGED
    return None


def _withdrawals(place: Place, page: Page) -> tuple[list[Withdrawal], dict[int, int]]:
    """Messages that t.me/s showed before and no longer shows between its neighbours."""
    here = set(page.ids)
    missing = [
        number
        for number, seen in place.memory.seen.items()
        if page.ids[0] < number < page.ids[-1] and number not in here and seen.via == "w" and not seen.gone
    ]
    absent = {number: place.absent.get(number, 0) + 1 for number in missing}
    channel_id = page.channel_id or place.channel_id or 0
    gone = [Withdrawal(channel_id=channel_id, message_id=n) for n in sorted(absent) if absent[n] >= ABSENCES]
    return gone, {number: times for number, times in absent.items() if times < ABSENCES}
