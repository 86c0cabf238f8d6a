"""An Incident: one event from many voices, as it stands now."""

from typing import Annotated

from msgspec import Meta

from schemas.kinds import (
    CapCertainty,
    CapSeverity,
    DocRole,
    EventType,
    Grade,
    IncidentState,
    Level,
    Modality,
    Party,
    Reliability,
    SourceRole,
    TollKind,
)
from schemas.records.base import Record, Utc, as_utc
from schemas.records.feedback import Correction
from schemas.records.post import Country
from schemas.records.sighting import Actor, Claim, EventTime, Fact, Measure, Place, Toll


class Statement(Record, frozen=True, kw_only=True):
    """What one post contributes: who spoke, in which capacity, on whose word."""

    post_id: str
    revision: int = 0
    source_id: str
    source_name: str = ""
    source_role: SourceRole = SourceRole.MEDIA
    url: str | None = None
    title: str | None = None
    """Repaired headline; null for claims, whose words are never passed on."""
    language: str = "und"
    doc_role: DocRole = DocRole.UPDATE
    modality: Modality = Modality.ACTUAL
    origins: list[str] = []
    published_at: Utc
    fetched_at: Utc | None = None
    copy_of: str | None = None
    """Post id of which this one is a copy; a copy adds no voice."""
    source_reliability: Reliability = Reliability.F
    information_credibility: Annotated[int, Meta(ge=1, le=6)] = 6
    """Admiralty code 1 (confirmed by others) to 6 (cannot be judged)."""
    hiding: float = 0.0
    deleted: bool = False
    backfill: bool = False

    def __post_init__(self) -> None:
        as_utc(self, "published_at", "fetched_at")


class TollRow(Toll, frozen=True, kw_only=True):
    """A toll in the ledger of an incident: the figure, who said it, and in which post it was reported."""

    row_id: str
    parent_row_id: str | None = None
    post_id: str
    revision: int = 0
    source_id: str
    reliability: Reliability = Reliability.F
    superseded_by: str | None = None
    """Row id of the newer figure of the same speaker; superseded rows stay in the ledger."""


class TollSummary(Record, frozen=True, kw_only=True):
    """The figures of one kind for one party (or, with `party` null, in all) over the current rows."""

    kind: TollKind
    party: Party | None = None
    actor_id: str | None = None
    low: int | None = None
    """Lowest current figure."""
    best: int | None = None
    """Newest figure of the most reliable origin."""
    high: int | None = None
    """Highest current figure."""
    origins: list[str] = []
    """Independent origins of the best figure."""
    row_ids: list[str] = []


class FactRow(Fact, frozen=True, kw_only=True):
    """Something else that is stated of an incident, once: `said_by` and `evidence` are those of the first post."""

    post_id: str
    revision: int = 0
    source_id: str
    origins: list[str] = []
    """Everybody who states it, each independent origin once, in order of publication."""


class Severity(Record, frozen=True, kw_only=True):
    """Explainable points on CAP's words; importance only, credibility is told apart."""

    level: Level
    points: int
    cap: CapSeverity
    reasons: list[str] = []


class Incident(Record, frozen=True, kw_only=True):
    """The current state of one incident (compacted topic `marqab.incidents`)."""

    incident_id: str
    revision: Annotated[int, Meta(ge=1)]
    state: IncidentState = IncidentState.OPEN
    merged_into: str | None = None
    country: Country | None = None
    event_type: EventType
    event_types: list[EventType] = []
    acled_event_type: str | None = None
    acled_sub_event_type: str | None = None
    modality: Modality = Modality.ACTUAL
    headline_en: str = ""
    """One line written by marqab from the fields below, never copied from a source."""
    headline_ar: str = ""
    place: Place | None = None
    time: EventTime
    actors: list[Actor] = []
    attributed_to: list[str] = []
    """Actor ids that others name as responsible; who claims it stands in `claims`."""
    tolls: list[TollRow] = []
    toll_summary: list[TollSummary] = []
    claims: list[Claim] = []
    measures: list[Measure] = []
    facts: list[FactRow] = []
    """What else is stated: weapons, attackers, target, motive, officials; by kind, what most origins state first."""
    statements: list[Statement] = []
    """In order of publication."""
    origins: list[str] = []
    """Independent origins, each counted once."""
    grade: Grade
    severity: Severity
    certainty: CapCertainty
    tags: list[str] = []
    opened_at: Utc
    """Publication of the earliest statement."""
    updated_at: Utc
    """Publication of the latest statement folded in."""
    alertable: bool = True
    """False while all that is known came from a backfill or was old on arrival."""
    corrections: list[str] = []
    """Ids of the feedback by which people corrected it, in order."""
    corrected_by: list[Correction] = []
    """The same with who, when, what and why."""
    theatre: str | None = None
    """Where its sightings meet: their key, and that of feedback on it; null in what older versions wrote."""
    settled: bool = False
    """Sent once more, unchanged, because nothing new was heard for the settling time: what was held back is due."""
    test: bool = False

    def __post_init__(self) -> None:
        as_utc(self, "opened_at", "updated_at")
