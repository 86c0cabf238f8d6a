"""An alert as subscribers see it. Words from closed lists are plain strings here: new ones must not break a reader."""

from datetime import datetime
from typing import Any

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Frozen, keyword-only, lenient towards fields of newer versions."""


class Place(Part, frozen=True, kw_only=True):
    """Where, and how exactly that is known (`accuracy`: Airwars' words, `geo_precision`: ACLED's code)."""

    name: str
    name_ar: str | None = None
    name_en: str | None = None
    country: str | None = None
    admin1: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    accuracy: str
    geo_precision: int


class Toll(Part, frozen=True, kw_only=True):
    """One figure that somebody said; `high` is null where nobody gave an upper bound."""

    kind: str
    party: str = "unknown"
    actor_id: str | None = None
    low: int | None = None
    high: int | None = None
    vague_word: str | None = None
    said_by: str
    superseded_by: str | None = None


class TollSummary(Part, frozen=True, kw_only=True):
    """Lowest, best and highest current figure of one kind; `party` null means in all. Unknown is null, never 0."""

    kind: str
    party: str | None = None
    actor_id: str | None = None
    low: int | None = None
    best: int | None = None
    high: int | None = None


class Claim(Part, frozen=True, kw_only=True):
    """A claim of responsibility, never a confirmation; a denial has `claimed` false."""

    claimant: str
    claimed: bool = True
    claimmode: str = "unknown"
    first_hand: bool = False
    confirmed: str = "unverified"


class Statement(Part, frozen=True, kw_only=True):
    """One post that contributes, with its Admiralty code."""

    post_id: str
    source_id: str
    source_name: str = ""
    url: str | None = None
    published_at: datetime
    copy_of: str | None = None
    source_reliability: str = "F"
    information_credibility: int = 6


class Incident(Part, frozen=True, kw_only=True):
    """The incident as it stands after the alert's revision."""

    incident_id: str
    revision: int
    state: str = "open"
    merged_into: str | None = None
    country: str | None = None
    event_type: str
    acled_event_type: str | None = None
    acled_sub_event_type: str | None = None
    headline_en: str = ""
    headline_ar: str = ""
    place: Place | None = None
    tolls: list[Toll] = []
    toll_summary: list[TollSummary] = []
    claims: list[Claim] = []
    statements: list[Statement] = []
    attributed_to: list[str] = []
    origins: list[str] = []
    grade: str

    def best(self, kind: str) -> int | None:
        """The best figure in all of this kind (`killed`, `wounded` …); None where nobody told one."""
        return next(
            (row.best for row in self.toll_summary if row.kind == kind and not (row.party or row.actor_id)), None
        )


class Change(Part, frozen=True, kw_only=True):
    """One field that changed."""

    kind: str
    field: str
    before: Any = None
    after: Any = None
    reason: str = ""
    """In words, where a person is the reason: who, when and why."""


class Alert(Part, frozen=True, kw_only=True):
    """What changed in an incident, and the whole incident as it now stands."""

    alert_id: str
    incident_id: str
    revision: int
    kind: str
    changes: list[Change] = []
    issued_at: datetime
    msg_type: str
    severity: str
    certainty: str
    references: list[str] = []
    test: bool = False
    incident: Incident
