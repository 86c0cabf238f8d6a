"""How each source is, for `/readyz`, the metrics and people."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors import rhythm
from schemas.health import SourceState
from schemas.metrics import Meter, NoMeter


@dataclass(frozen=True, kw_only=True)
class SourceHealth:
    """One source now.

    Attributes:
        state: see `SourceState`.
        reason: why it is not up, in a sentence.
        since: when it came into this state.
        last_success_at: when it last answered.
        newest_post_at: publication of its newest post.
        silent: it answers, but has published nothing for longer than 99 of 100 of its own pauses.
    """

    state: SourceState = SourceState.STARTING
    reason: str = ""
    since: datetime | None = None
    last_success_at: datetime | None = None
    newest_post_at: datetime | None = None
    silent: bool = False


class HealthBoard:
    """Every source's health, with the metrics that follow from it."""

    def __init__(self, meter: Meter | None = None) -> None:
        self._meter: Meter = meter or NoMeter()
        self._sources: dict[str, SourceHealth] = {}
        self._published: dict[str, list[float]] = {}

    def expect(self, source_ids: list[str]) -> None:
        """Exactly these sources are read from now on; nothing more is told of others."""
        for name in self._sources.keys() - set(source_ids):
            self._published.pop(name, None)
            self._meter.forget(source=name)
        self._sources = {name: self._sources.get(name, SourceHealth()) for name in source_ids}

    def learn(self, source_id: str, published: Iterable[datetime], at: datetime) -> None:
        """Posts of the source were published at these times; they make its rhythm."""
        known = self._published.get(source_id, [])
        fresh = rhythm.merged(known, (date.timestamp() for date in published), at.timestamp())
        self._published[source_id] = fresh
        pauses = rhythm.pauses_of(fresh) if fresh != known else None
        if pauses is not None:
            self._meter.gauge("marqab_source_usual_pause_seconds", pauses.usual, source=source_id)
            self._meter.gauge("marqab_source_silent_after_seconds", pauses.longest, source=source_id)

    def up(self, source_id: str, at: datetime, newest_post_at: datetime | None = None) -> None:
        """The source has just answered."""
        before = self._sources.get(source_id, SourceHealth())
        if newest_post_at is not None:
            self.learn(source_id, [newest_post_at], at)
        dates = [date for date in (before.newest_post_at, newest_post_at) if date is not None]
        newest = max(dates, default=None)
        self._enter(source_id, SourceState.UP, at, "")
        silent = rhythm.is_silent(self._published.get(source_id, []), at.timestamp())
        fresh = replace(self._sources[source_id], last_success_at=at, newest_post_at=newest, silent=silent)
        self._sources[source_id] = fresh
        self._meter.gauge("marqab_source_last_success_timestamp_seconds", at.timestamp(), source=source_id)
        self._meter.gauge("marqab_source_silent", float(silent), source=source_id)
        if newest is not None:
            self._meter.gauge("marqab_source_last_post_timestamp_seconds", newest.timestamp(), source=source_id)

    def down(self, source_id: str, at: datetime, reason: str) -> None:
        """The source does not answer, or answers nonsense; it is tried again."""
        self._enter(source_id, SourceState.DOWN, at, reason)

    def stopped(self, source_id: str, at: datetime, reason: str) -> None:
        """The source is no longer read until somebody changes its settings."""
        self._enter(source_id, SourceState.STOPPED, at, reason)

    def _enter(self, source_id: str, state: SourceState, at: datetime, reason: str) -> None:
        before = self._sources.get(source_id, SourceHealth())
        since = before.since if before.state is state else at
        self._sources[source_id] = replace(before, state=state, reason=reason, since=since)
        self._meter.gauge("marqab_source_up", float(state is SourceState.UP), source=source_id)
        self._meter.gauge("marqab_source_stopped", float(state is SourceState.STOPPED), source=source_id)

    def snapshot(self) -> dict[str, SourceHealth]:
        """Every source's health now."""
        return dict(self._sources)

    def usual_pause(self, source_id: str) -> float | None:
        """Seconds between two of its posts, as a rule; None while too few are known."""
        pauses = rhythm.pauses_of(self._published.get(source_id, []))
        return pauses.usual if pauses else None

    def unready(self, now: datetime, patience: timedelta = timedelta(minutes=10)) -> str:
        """Why the connectors are not ready, in a sentence; empty while they are.

        One broken source among many is a matter for an alert rule; not ready means that nothing at all is read:
        no source is up, or all have been silent for longer than `patience` since they were asked first.
        """
        states = list(self._sources.values())
        if not states or any(health.state is SourceState.UP for health in states):
            return ""
        starting = [health for health in states if health.state is SourceState.STARTING]
        if len(starting) == len(states):
            return f"none of {len(states)} sources has answered yet"
        ill = next(health for health in states if health.state is not SourceState.STARTING)
        if starting and ill.since is not None and now - ill.since < patience:
            return ""
        return f"none of {len(states)} sources answers; the first says: {ill.reason}"
