"""One visit to a channel's preview: the first page, and then older ones as far as there are holes."""

import logging
from dataclasses import dataclass
from typing import Final, Protocol

from connectors.base import Batch, Setup
from connectors.feeds.access import proxy_of
from connectors.sources import SourceSettings
from connectors.telegram.place import NotAChannel, Place, channel_of, identity_problem
from connectors.telegram.tally import tally
from connectors.telegram_web.client import Refusal
from connectors.telegram_web.parse import Page
from connectors.telegram_web.reading import (
    Outcome,
    Step,
    begin,
    next_before,
    take_first,
    take_older,
)
from schemas.errors import Misconfigured, SourceDown

log = logging.getLogger(__name__)

PAGES_A_VISIT: Final = 25
"""500 messages; then the other channels have their turn, and the rest is read at the next visit."""
PAGES_AT_ONCE: Final = 2_000
"""With `--once`, as far as it goes; a bound against servers that never end."""


class Pages(Protocol):
    """Gives one page; `connectors.telegram_web.client.PageDoor` is the real one."""

    async def page(self, address: str, before: int | None = None, proxy: str = "") -> Page | Refusal:
        """Fetch and read one page.

        Args:
            address: of the channel's preview.
            before: only messages below this id.
            proxy: address of a proxy; empty for none.

        Raises:
            SourceDown: no answer.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Visited:
    """How a visit went.

    Attributes:
        outcome: of the page that ended it.
        place: as stored.
        reason: what is wrong, in a sentence; empty when all is well.
        quiet_seconds: how long the host asks to be left alone.
        unfinished: holes are left that a next visit may read, at once or after `owed_seconds`.
        owed_seconds: until the source may publish again.
    """

    outcome: Outcome
    place: Place
    reason: str = ""
    quiet_seconds: float | None = None
    unfinished: bool = False
    owed_seconds: float = 0.0

    @property
    def well(self) -> bool:
        """Whether the source answered as it should."""
        return self.outcome in {Outcome.READ, Outcome.EMPTY_CHANNEL}


REASONS: Final = {
    Outcome.RATE_LIMITED: "an empty page although messages are known: too many requests; it is asked again later",
    Outcome.NO_PREVIEW: "the channel has no public preview (private, restricted, blocked, or the name is not in use); "
    "read it through a Telegram account, or check the name",
    Outcome.UNRECOGNISED: "the page is not a channel preview: a challenge, an error page or a new layout",
}


def address_of(source: SourceSettings, base: str, username: str | None = None) -> str:
    """Where the channel's preview is found.

    Args:
        source: its `url`, or else its `channel`, tells.
        base: address of the server, `https://t.me`.
        username: name known from before, for channels given by number.

    Raises:
        NotAChannel: such a channel has no preview; the sentence says why.
    """
    if source.url and source.channel is None:
        return source.url
    wanted = channel_of(source)
    name = username if isinstance(wanted, int) else wanted
    if name is None:
        raise NotAChannel(f"channel {wanted} is a number; previews are found by name: set channel to it")
    return f"{base.rstrip('/')}/s/{name}"


async def visit(source: SourceSettings, place: Place, pages: Pages, setup: Setup) -> Visited:
    """Read what is new in a channel and deliver it, newest page first, each page with the place behind it."""
    try:
        address = address_of(source, setup.settings.telegram_web_url, place.username)
        proxy = proxy_of(source, setup.settings)
    except (NotAChannel, Misconfigured) as error:
        return Visited(outcome=Outcome.REFUSED, place=place, reason=str(error))
    before: int | None = None
    for _ in range(PAGES_AT_ONCE if setup.once else PAGES_A_VISIT):
        try:
            page = await pages.page(address, before, proxy)
        except SourceDown as error:
            return Visited(outcome=Outcome.UNREACHABLE, place=place, reason=str(error))
        if isinstance(page, Refusal):
            return Visited(outcome=page.outcome, place=place, reason=page.reason, quiet_seconds=page.quiet_seconds)
        if before is None:
            entered = Step(outcome=Outcome.READ, place=begin(place, page, source, setup.now()))
            place = await _deliver(source, place, entered, setup)
        take = take_first if before is None else take_older
        step = take(place, page, source, setup.now())
        if page.rejected:
            log.warning("source %s: %d messages of a page could not be read", source.id, page.rejected)
            setup.meter.count("marqab_telegram_web_unreadable_total", page.rejected, source=source.id)
        place = await _deliver(source, place, step, setup)
        if step.outcome is not Outcome.READ:
            reason = identity_problem(source, place.channel_id, page.channel_id) or REASONS.get(step.outcome, "")
            return Visited(outcome=step.outcome, place=place, reason=reason)
        before = next_before(place)
        if before is None or place.holes[0].empties:
            return Visited(outcome=Outcome.READ, place=place)
        if owed := setup.owed(source.id):  # the other channels have their turn meanwhile
            return Visited(outcome=Outcome.READ, place=place, owed_seconds=owed, unfinished=True)
    return Visited(outcome=Outcome.READ, place=place, unfinished=True)


async def _deliver(source: SourceSettings, before: Place, step: Step, setup: Setup) -> Place:
    if step.place != before:
        await setup.sink.deliver(Batch(source_id=source.id, posts=step.posts, position=step.place.to_position()))
        tally(setup.meter, "web", step.posts)
    return step.place
