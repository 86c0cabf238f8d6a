"""What a connector is, and where it hands its posts.

A connector reads all sources of one kind. It is built from a `Setup` and runs until it is cancelled (or, with
`once`, until every source has been read once). It hands each batch of posts with the position behind it to the sink,
and goes on with that source only when `deliver` has returned: then the posts are acknowledged and the cursor is
stored after them (law 1). A crash before that repeats the batch under the same ids (law 2).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from schemas.metrics import Meter, NoMeter
from schemas.records import Post

Position = Mapping[str, Any]
"""Where a connector stopped in a source: JSON, opaque to all but that connector."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Posts of one source, and where the source stands once they are published.

    Attributes:
        source_id: whose posts.
        posts: in the order in which they are to be published; may be empty when only the position moved.
        position: stored as the source's cursor after the last post; None leaves the cursor where it is.
    """

    source_id: str
    posts: tuple[Post, ...] = ()
    position: Position | None = None


def note_delivered(batch: Batch, meter: Meter, now: datetime) -> None:
    """Count what is acknowledged, whichever sink did it.

    Args:
        batch: its posts and its position are durable.
        meter: takes the counts.
        now: aware.
    """
    for post in batch.posts:
        name = "marqab_post_revisions_total" if post.revision else "marqab_posts_published_total"
        meter.count(name, source=batch.source_id)
        if not (post.revision or post.backfill or post.published_at_estimated):
            lag = max(0.0, (now - post.published_at).total_seconds())
            meter.observe("marqab_post_lag_seconds", lag, kind=str(post.source.kind))
    if batch.position is not None:
        meter.gauge("marqab_source_cursor_timestamp_seconds", now.timestamp(), source=batch.source_id)


class Sink(Protocol):
    """Takes posts to safety."""

    async def positions(self) -> dict[str, Position]:
        """The stored cursors by source id, read at the start."""
        ...

    async def deliver(self, batch: Batch) -> None:
        """Publish the posts and then store the position; returns when both are durable.

        Waits and retries as long as the other side is away. Batches of different sources may be delivered at the
        same time, those of one source must not. Cancelled, it may or may not have published: deliver again.

        Raises:
            Misconfigured: the other side refuses for good (credentials, missing topic).
        """
        ...


class Health(Protocol):
    """Hears how each source is; `connectors.health.HealthBoard` is the real one."""

    def learn(self, source_id: str, published: Iterable[datetime], at: datetime) -> None:
        """Posts of the source were published at these times; they make its rhythm."""
        ...

    def up(self, source_id: str, at: datetime, newest_post_at: datetime | None = None) -> None:
        """The source has just answered."""
        ...

    def down(self, source_id: str, at: datetime, reason: str) -> None:
        """The source does not answer, or answers nonsense; it is tried again."""
        ...

    def stopped(self, source_id: str, at: datetime, reason: str) -> None:
        """The source is no longer read until somebody changes its settings."""
        ...


def utc_now() -> datetime:
    """The one clock of the connectors' shells; pure parts take the time as an argument."""
    return datetime.now(UTC)


def _nothing(source_id: str) -> float:
    del source_id
    return 0.0


@dataclass(frozen=True)
class Kept:
    """What a process keeps while its connectors come and go, so that a reload asks nobody sooner than was promised.

    Attributes:
        due: when a source may be asked again (the event loop's time), by its id and address.
        courtesy: what is known of hosts' wishes; whose it is, its connector knows.
    """

    due: dict[tuple[str, str], float] = field(default_factory=dict)
    courtesy: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """All that a connector is built from.

    Attributes:
        sources: the enabled sources of its kind; never empty.
        settings: see `ConnectorSettings`.
        positions: cursor of every source known to the sink; kept current by the runner as batches are delivered.
        sink: where posts go.
        health: hears how each source is.
        meter: takes measurements.
        once: read every source once (as far as it goes), then end.
        now: clock.
        kept: what outlives a connector that is started anew with other settings.
        hold: keeps other processes from using the same thing (a Telegram session); the event is set when it is lost.
            None where there is no Kafka to decide who may.
        owed: seconds until a source may publish again (`connectors.throttle`). The sink waits for it anyway; who
            reads several sources one after the other asks first, and reads another one meanwhile.
    """

    sources: tuple[SourceSettings, ...]
    settings: ConnectorSettings
    positions: Mapping[str, Position]
    sink: Sink
    health: Health
    meter: Meter = field(default_factory=NoMeter)
    once: bool = False
    now: Callable[[], datetime] = utc_now
    hold: "Hold | None" = None
    kept: Kept = field(default_factory=Kept)
    owed: Callable[[str], float] = _nothing


class Connector(Protocol):
    """Reads all sources of one kind."""

    async def run(self) -> None:
        """Read until cancelled, or with `Setup.once` until every source has been read once.

        A source that fails is reported to `health`, tried again after a pause, and never stops the others.

        Raises:
            Misconfigured: it cannot work as configured; the program ends.
            SourceDown: nothing works for now (no account, no network); the runner starts a new connector later.
        """
        ...


Factory = Callable[[Setup], Connector]

Hold = Callable[[str], AbstractAsyncContextManager[asyncio.Event]]
"""Enters when nobody else holds what this name stands for; raises Misconfigured when somebody does."""


Progress = Callable[[int, datetime | None], None]
"""Told after every page: posts published so far, and how far back they reach."""


class Backfill(Protocol):
    """Reads one source's past."""

    async def __call__(self, source: SourceSettings, since: datetime, setup: Setup, progress: Progress) -> int:
        """Publish the posts from now back to `since`, marked as backfill; gives how many.

        Can be stopped and started again: it goes on where it was. The source's own cursor is left alone.

        Raises:
            SourceDown: the source does not answer; what was published stays published.
        """
        ...
