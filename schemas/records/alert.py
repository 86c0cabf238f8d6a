"""An Alert: what changed in an incident, why, and the whole incident as it now stands."""

from typing import Annotated

from msgspec import Meta

from schemas.kinds import AlertKind, CapCertainty, CapMessage, CapSeverity, Level
from schemas.records.base import Evidence, Record, Utc, as_utc
from schemas.records.incident import Incident

Scalar = str | int | float | bool | None


class Change(Record, frozen=True, kw_only=True):
    """One field that changed, with the posts that made it change."""

    kind: AlertKind
    field: str
    """Path in the incident, for example `toll_summary.killed.best`."""
    before: Scalar = None
    after: Scalar = None
    because: list[Evidence] = []
    reason: str = ""
    """In words, where no post is the reason: who corrected it, when and why."""


class Alert(Record, frozen=True, kw_only=True):
    """What subscribers read; exactly one per announced revision of an incident."""

    alert_id: str
    incident_id: str
    revision: Annotated[int, Meta(ge=1)]
    kind: AlertKind
    changes: list[Change] = []
    issued_at: Utc
    """Event time: publication of the statement that made the change, or when a person gave the correction."""
    msg_type: CapMessage
    severity: Level
    cap_severity: CapSeverity
    certainty: CapCertainty
    references: list[str] = []
    """Ids of the earlier alerts of this incident that this one updates or cancels."""
    test: bool = False
    incident: Incident

    def __post_init__(self) -> None:
        as_utc(self, "issued_at")
