"""How a source is, as the connectors tell it (`GET /sources`, a JSON list) and the desk shows it."""

from enum import StrEnum

import msgspec

from schemas.kinds import SourceKind
from schemas.records.base import Utc


class SourceState(StrEnum):
    """What can be said of a source."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"
    STOPPED = "stopped"


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One source now."""

    id: str
    name: str = ""
    kind: SourceKind
    state: SourceState
    reason: str = ""
    """Why it is not up, in a sentence."""
    since: Utc | None = None
    """When it came into this state."""
    last_success_at: Utc | None = None
    newest_post_at: Utc | None = None
    silent: bool = False
    """It answers, but has published nothing for longer than 99 of 100 of its own pauses."""
    usual_pause_seconds: float | None = None
    """Between two posts, learned; null while too few are known."""
