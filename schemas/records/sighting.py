"""A Sighting: a Report that tells of an incident, with the reasons for saying so."""

from typing import Annotated

from msgspec import Meta

from schemas.kinds import (
    Accuracy,
    ActorRole,
    ClaimMode,
    Confirmation,
    DocRole,
    EventType,
    FactKind,
    MeasureKind,
    Modality,
    Party,
    PlaceRole,
    TimeBasis,
    TollKind,
)
from schemas.records.base import Evidence, Record, Utc, as_utc
from schemas.records.post import Country, Forward, Source

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class Reason(Record, frozen=True, kw_only=True):
    """One thing that spoke for or against: a rule that fired, a context flag, a feature of the model."""

    rule: str
    weight: float = 0.0
    evidence: Evidence | None = None


class Actor(Record, frozen=True, kw_only=True):
    """Who is named, and what for."""

    actor_id: str
    name: str
    role: ActorRole = ActorRole.MENTIONED
    evidence: Evidence | None = None


class Toll(Record, frozen=True, kw_only=True):
    """A number of victims is something somebody said: one row of the ledger."""

    kind: TollKind
    party: Party = Party.UNKNOWN
    actor_id: str | None = None
    """Which force or group, where it is named."""
    low: Annotated[int, Meta(ge=0)] | None = None
    high: Annotated[int, Meta(ge=0)] | None = None
    """Equal to `low` for an exact figure; null where nobody gave an upper bound."""
    vague_word: str | None = None
    cumulative: bool = False
    """A running total ("rose to 6"), which replaces earlier figures."""
    non_final: bool = False
    of_which: int | None = None
    """Index of the row, in the same list, that already counts these people."""
    superseded: bool = False
    """An older figure that the same post repeats beside a newer one."""
    said_by: str
    """Origin: an actor id or organisation where the post cites one, else the source's id."""
    stated_at: Utc | None = None
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        as_utc(self, "stated_at")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"a toll's low {self.low} is above its high {self.high}")
        if self.low is None and self.high is None and self.vague_word is None:
            raise ValueError("a toll needs a figure or a vague word; unknown is no row at all")


class Place(Record, frozen=True, kw_only=True):
    """Where: names, administrative units, coordinates and how exactly they are known."""

    name: str
    name_ar: str | None = None
    name_en: str | None = None
    role: PlaceRole = PlaceRole.EVENT
    country: Country | None = None
    """admin0, ISO 3166-1 alpha-2."""
    admin1: str | None = None
    """In English, as OCHA writes it; so are `admin2` and `admin3`."""
    admin1_ar: str | None = None
    admin2: str | None = None
    admin3: str | None = None
    pcode: str | None = None
    neighbourhood: str | None = None
    site: str | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: Annotated[int, Meta(ge=0)] | None = None
    accuracy: Accuracy
    geo_precision: Annotated[int, Meta(ge=1, le=3)]
    """ACLED."""
    where_prec: Annotated[int, Meta(ge=1, le=7)]
    """UCDP."""
    method: str = ""
    """How it was found: gazetteer, pattern, source's country."""
    candidates: list[str] = []
    """Other places of that name that were considered."""
    evidence: Evidence | None = None


class EventTime(Record, frozen=True, kw_only=True):
    """When: an interval with the field's precision codes."""

    event_start: Utc
    event_end: Utc
    time_precision: Annotated[int, Meta(ge=1, le=3)] = 1
    """ACLED: 1 the day is known, 2 the week, 3 the month."""
    date_prec: Annotated[int, Meta(ge=1, le=5)] = 1
    """UCDP."""
    basis: TimeBasis = TimeBasis.PUBLICATION
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        as_utc(self, "event_start", "event_end")
        if self.event_end < self.event_start:
            raise ValueError("an event cannot end before it starts")


class Measure(Record, frozen=True, kw_only=True):
    """What authorities did about it."""

    kind: MeasureKind
    by: str | None = None
    where: str | None = None
    until: str | None = None
    """How long it holds, where the post says so (`further_notice`)."""
    evidence: Evidence | None = None


class Fact(Record, frozen=True, kw_only=True):
    """Something else that a post states of an incident: a weapon, the number of attackers, a motive, an office."""

    kind: FactKind
    value: str = ""
    """A word of the lexicon (`grenade`, `free_prisoners`, `security_hq`); for an official the office as written."""
    name: str | None = None
    """An official's name as written; private persons are never named."""
    actor_id: str | None = None
    """Whom it concerns: whose prisoners, who is held responsible."""
    low: Annotated[int, Meta(ge=0)] | None = None
    high: Annotated[int, Meta(ge=0)] | None = None
    """Equal to `low` for an exact figure; null where nobody gave an upper bound."""
    approximate: bool = False
    """Said with "about"."""
    said_by: str
    """Origin: an actor id or organisation where the post cites one, else the source's id."""
    evidence: Evidence | None = None


class Claim(Record, frozen=True, kw_only=True):
    """A claim of responsibility (GTD's fields): somebody's words, never a confirmation. Its text is never kept."""

    claim_id: str
    incident_id: str | None = None
    claimed: bool = True
    """False for a denial."""
    claimant: str
    """Actor id."""
    name_as_written: str = ""
    claimmode: ClaimMode = ClaimMode.UNKNOWN
    platform: str | None = None
    handle: str | None = None
    is_official: bool | None = None
    message_id: str | None = None
    first_hand: bool = False
    """We saw the statement itself."""
    reported_by: str | None = None
    """Source id that told of it, where it is not first hand."""
    statement_time: Utc | None = None
    seen_time: Utc
    text_hash: str | None = None
    killed_claimed: int | None = None
    wounded_claimed: int | None = None
    attackers_claimed: int | None = None
    method_claimed: str | None = None
    target_claimed: str | None = None
    reason: str | None = None
    compclaim: bool = False
    guncertain: bool = False
    attributed_by: list[str] = []
    confirmed: Confirmation = Confirmation.UNVERIFIED
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        as_utc(self, "statement_time", "seen_time")


class Sighting(Record, frozen=True, kw_only=True):
    """What one post says of an incident; `relevant` tells whether it says anything of one."""

    post_id: str
    revision: Annotated[int, Meta(ge=0)] = 0
    source: Source
    native_id: str
    url: str | None = None
    title: str | None = None
    """Repaired headline; null for claims."""
    text: str = ""
    """Repaired text without boilerplate, for comparing; never passed on to incidents or alerts."""
    language: str
    relevant: bool
    score: Annotated[float, Meta(ge=0, le=1)]
    """Calibrated probability that the post is relevant."""
    doc_role: DocRole
    modality: Modality
    event_type: EventType | None = None
    event_types: list[EventType] = []
    """All, the main one first."""
    acled_event_type: str | None = None
    acled_sub_event_type: str | None = None
    place: Place | None = None
    places: list[Place] = []
    """All places named, with their role."""
    time: EventTime
    actors: list[Actor] = []
    tolls: list[Toll] = []
    claims: list[Claim] = []
    measures: list[Measure] = []
    facts: list[Fact] = []
    """What else it states: weapons, attackers, motive, target, officials."""
    origins: list[str] = []
    """Who says so: cited origins, else the source itself."""
    tags: list[str] = []
    """`prison_attack`, `jailbreak_attempt:foiled`, `complex_attack`, `roundup` …"""
    reasons: list[Reason] = []
    hiding: float = 0.0
    lexicon_version: str = ""
    model_version: str = ""
    published_at: Utc
    edited_at: Utc | None = None
    fetched_at: Utc | None = None
    deleted: bool = False
    forwarded_from: Forward | str | None = None
    grouped_id: str | None = None
    backfill: bool = False
    test: bool = False

    def __post_init__(self) -> None:
        as_utc(self, "published_at", "edited_at", "fetched_at")
        for index, toll in enumerate(self.tolls):
            if toll.of_which is not None and not (0 <= toll.of_which < len(self.tolls) and toll.of_which != index):
                raise ValueError(f"toll {index} is part of row {toll.of_which}, which does not exist")
