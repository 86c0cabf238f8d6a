"""Sightings made by hand, as the classifier would make them; texts were written for these tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agents.announce import announce
from agents.correlate import Correlator, Fold
from schemas import ids
from schemas.kinds import (
    Accuracy,
    ActorRole,
    DocRole,
    EventType,
    MeasureKind,
    Modality,
    Party,
    SourceKind,
    SourceRole,
    TollKind,
)
from schemas.records import Actor, Alert, Claim, EventTime, Incident, Measure, Place, Sighting, Source, Toll

T0 = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def place(name: str = "Raqqa", lat: float | None = 35.95, lon: float | None = 39.01, **fields: Any) -> Place:
    accuracy = fields.pop("accuracy", Accuracy.CITY)
    defaults: dict[str, Any] = {"country": "SY", "admin1": name, "geo_precision": 1, "where_prec": 1}
    return Place(name=name, lat=lat, lon=lon, accuracy=accuracy, **{**defaults, **fields})


def source(name: str, role: SourceRole = SourceRole.MEDIA, **fields: Any) -> Source:
    return Source(id=name, kind=SourceKind.FEED, name=name, role=role, **fields)


def toll(low: int, kind: TollKind = TollKind.KILLED, said_by: str = "", **fields: Any) -> Toll:
    return Toll(kind=kind, low=low, high=low, said_by=said_by, **{"party": Party.SECURITY_FORCES, **fields})


def sighting(native: str, text: str = "", minutes: float = 0.0, by: Source | str = "outlet", **fields: Any) -> Sighting:
    """A sighting of an armed attack in Raqqa, unless the fields say otherwise."""
    origin = source(by) if isinstance(by, str) else by
    moment = fields.pop("published_at", at(minutes))
    kind = fields.pop("event_type", EventType.ARMED_ATTACK)
    tolls = [t if t.said_by else Toll(**{**_fields(t), "said_by": origin.id}) for t in fields.pop("tolls", [])]
    defaults: dict[str, Any] = {
        "language": "ar", "relevant": True, "score": 0.9, "doc_role": DocRole.NEW_INCIDENT,
        "modality": Modality.ACTUAL, "event_type": kind, "event_types": [kind] if kind else [], "place": place(),
        "time": EventTime(event_start=moment - timedelta(hours=6), event_end=moment), "title": text[:40] or None,
    }  # fmt: skip
    return Sighting(
        post_id=ids.post_id(origin.id, native), source=origin, native_id=native, text=text, published_at=moment,
        tolls=tolls, **{**defaults, **fields},
    )  # fmt: skip


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def attacker(actor_id: str) -> Actor:
    return Actor(actor_id=actor_id, name=actor_id, role=ActorRole.ATTACKER)


def claim(claimant: str, minutes: float, **fields: Any) -> Claim:
    return Claim(claim_id=f"c-{claimant}-{minutes}", claimant=claimant, seen_time=at(minutes), **fields)


class Desk:
    """Correlator and announcer with their stored rows, as the shell runs them."""

    def __init__(self, correlator: Correlator | None = None) -> None:
        self.correlator = correlator or Correlator()
        self.rows: dict[str, bytes] = {}
        self.announced: dict[str, bytes] = {}
        self.incidents: dict[str, Incident] = {}
        self.alerts: list[Alert] = []

    def hear(self, heard: Sighting) -> Fold:
        fold = self.correlator.fold(heard)
        self.send(fold)
        self.store(fold)
        return fold

    def send(self, fold: Fold) -> None:
        for incident in fold.incidents:
            self.incidents[incident.incident_id] = incident
            told = announce(self.announced.get(incident.incident_id), incident)
            self.alerts += told.alerts
            if told.row is not None:
                self.announced[incident.incident_id] = told.row

    def store(self, fold: Fold) -> None:
        for key, value in fold.puts:
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
        self.correlator.apply(fold.puts)

    @property
    def kinds(self) -> list[str]:
        return [alert.kind.value for alert in self.alerts]


MONITOR = source("monitor", SourceRole.MONITOR, reliability="B", speaks_for="sohr", country="SY")
BROADCASTER = source("broadcaster", reliability="C", country="SY")
CLAIMS = source("claims-channel", SourceRole.CLAIMS, speaks_for="is")


def story() -> list[Sighting]:
    """A monitor opens, a broadcaster corroborates in other words, a claim, the toll rises, a curfew, and copies."""
    # "Armed attack on a prison in Raqqa, four of the security forces killed, clashes go on", then in other words.
    opening = (
        "هجوم مسلح على سجن في مدينة الرقة ومقتل أربعة من قوى الأمن الداخلي واشتباكات مستمرة في محيط المكان "
        "وسط انتشار كثيف للقوى الأمنية في الأحياء المجاورة"
    )
    other = "قوات الأمن تعلن إحباط محاولة اقتحام استهدفت مركز احتجاز وسط الرقة وسقوط أربعة قتلى في صفوفها"
    rise = "ارتفاع حصيلة قتلى الهجوم على السجن في الرقة إلى ستة من عناصر الأمن بعد وفاة اثنين متأثرين بجراحهما"
    curfew = "فرض حظر تجوال كامل في مدينة الرقة حتى إشعار آخر بعد الهجوم على السجن وإغلاق الطرق المؤدية إليها"
    prison = {"event_type": EventType.PRISON_ATTACK, "tags": ["prison_attack"], "actors": [attacker("is")]}
    return [
        sighting("1", opening, 0, MONITOR, tolls=[toll(4)], **prison),
        sighting("2", other, 12, BROADCASTER, origins=["sdf"], tolls=[toll(4, said_by="sdf")], actors=[attacker("is")]),
        sighting("3", opening, 14, "mirror", tolls=[toll(4)], **prison),
        sighting(
            "4", "بيان منسوب إلى جماعة مسلحة عن عملية في الرقة", 25, CLAIMS, doc_role=DocRole.CLAIM, title=None,
            claims=[claim("is", 25, first_hand=True)],
        ),
        sighting("5", rise, 40, MONITOR, doc_role=DocRole.UPDATE, tolls=[toll(6, cumulative=True)], **prison),
        sighting(
            "6", curfew, 55, BROADCASTER, doc_role=DocRole.UPDATE, event_type=EventType.CURFEW,
            measures=[Measure(kind=MeasureKind.CURFEW)],
        ),
        sighting("7", curfew, 57, "mirror", event_type=EventType.CURFEW, measures=[Measure(kind=MeasureKind.CURFEW)]),
    ]  # fmt: skip
