"""What subscribers have been told of an incident: the announcer's row, with which a next revision is compared."""

from typing import Final

import msgspec

from schemas.kinds import CapCertainty, Grade, IncidentState, Level, TollKind
from schemas.records import Incident, Utc
from schemas.records.base import as_utc


class Spot(msgspec.Struct, frozen=True):
    """The place as last told."""

    name: str
    precision: int
    """Rank of its accuracy, 0 the most exact."""
    lat: float | None = None
    lon: float | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The notable state of an incident in one revision."""

    tolls: dict[TollKind, int] = {}
    """Best figure of victims in total."""
    rows: dict[TollKind, list[str]] = {}
    """Ledger rows that stood behind it."""
    grade: Grade
    certainty: CapCertainty
    origins: list[str] = []
    claims: list[tuple[str, bool]] = []
    """Claimant, and whether it claims (or denies)."""
    measures: list[str] = []
    place: Spot | None = None
    level: Level
    points: int = 0
    state: IncidentState = IncidentState.OPEN
    merged_into: str | None = None
    corrections: list[str] = []


class Announced(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The announcer's row of one incident."""

    revision: int
    """The latest revision that was looked at, announced or not."""
    told: Told | None = None
    """As of the last alert; None while there was none."""
    highest: dict[TollKind, int] = {}
    """Highest figure ever told."""
    alerted_at: Utc | None = None
    alert_ids: list[str] = []

    def __post_init__(self) -> None:
        as_utc(self, "alerted_at")


KINDS_OF_TOLL: Final = (TollKind.KILLED, TollKind.WOUNDED, TollKind.ABDUCTED, TollKind.MISSING, TollKind.ESCAPED)
"""Totals whose change is news."""

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder = msgspec.msgpack.Decoder(Announced)


def encode(row: Announced) -> bytes:
    """The row as bytes; the same row gives the same bytes."""
    return _encoder.encode(row)


def decode(raw: bytes) -> Announced:
    """The inverse of `encode`."""
    return _decoder.decode(raw)


def notable(incident: Incident, precision: dict[str, int]) -> Told:
    """What of an incident a change of is news."""
    totals = {t.kind: t for t in incident.toll_summary if t.party is None and t.kind in KINDS_OF_TOLL}
    place = incident.place
    return Told(
        tolls={kind: t.best for kind, t in totals.items() if t.best is not None},
        rows={kind: t.row_ids for kind, t in totals.items()},
        grade=incident.grade,
        certainty=incident.certainty,
        origins=incident.origins,
        claims=sorted({(c.claimant, c.claimed) for c in incident.claims}),
        measures=sorted({m.kind.value for m in incident.measures}),
        place=None if place is None else Spot(place.name, precision[place.accuracy], place.lat, place.lon),
        level=incident.severity.level,
        points=incident.severity.points,
        state=incident.state,
        merged_into=incident.merged_into,
        corrections=incident.corrections,
    )
