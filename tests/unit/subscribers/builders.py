"""Alerts for tests: the shape of the prison attack in Raqqa, told by a monitor and an agency, claimed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.codec import decode, encode
from schemas.ids import alert_id
from schemas.records import (
    Actor,
    Alert,
    Change,
    Claim,
    EventTime,
    Evidence,
    Incident,
    Measure,
    Place,
    Severity,
    Statement,
    TollRow,
    TollSummary,
)
from subscribers.heard import Heard

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)
CAP_WORDS = {"critical": "Extreme", "high": "Severe", "medium": "Moderate", "low": "Minor"}


def place(**fields: Any) -> Place:
    given: dict[str, Any] = {
        "name": "الرقة", "name_ar": "الرقة", "name_en": "Raqqa", "admin1": "Ar-Raqqa", "country": "SY",
        "pcode": "C5710", "lat": 35.95, "lon": 39.01, "radius_m": 2500, "accuracy": "city", "geo_precision": 1,
        "where_prec": 1,
    }  # fmt: skip
    return Place(**(given | fields))


def incident(name: str = "i-1", revision: int = 1, severity: str = "high", **fields: Any) -> Incident:
    given: dict[str, Any] = {
        "incident_id": name, "revision": revision, "country": "SY", "event_type": "prison_attack",
        "event_types": ["prison_attack", "armed_attack"], "headline_en": "Attack on a prison, Raqqa: killed 6",
        "headline_ar": "هجوم على سجن، الرقة: قتلى 6", "place": place(),
        "time": EventTime(event_start=AT, event_end=AT, basis="relative"),
        "actors": [Actor(actor_id="isis", name="Islamic State", role="attacker")],
        "attributed_to": ["isis"],
        "tolls": [
            TollRow(
                kind="killed", low=4, high=4, said_by="agency", row_id="r1", post_id="p-1", source_id="agency",
                stated_at=AT, evidence=Evidence(post_id="p-1", start=10, end=16),
            ),
            TollRow(kind="killed", low=6, high=6, said_by="monitor", row_id="r2", post_id="p-2", source_id="monitor"),
            TollRow(
                kind="killed", low=3, high=3, said_by="monitor", row_id="r3", post_id="p-2", source_id="monitor",
                of_which=1, parent_row_id="r2", party="security_forces",
            ),
        ],
        "toll_summary": [TollSummary(kind="killed", low=4, best=6, high=6, row_ids=["r1", "r2"])],
        "claims": [
            Claim(
                claim_id="c-1", claimant="isis", claimmode="telegram", seen_time=AT, first_hand=True, incident_id=name
            )
        ],
        "measures": [Measure(kind="curfew")],
        "statements": [
            Statement(
                post_id="p-1", source_id="agency", source_name="An agency", url="https://agency.example/1",
                title="A headline", published_at=AT, source_reliability="B", information_credibility=2,
            ),
            Statement(
                post_id="p-2", source_id="monitor", source_name="مرصد", source_role="monitor", language="ar",
                title="عنوان", url="https://monitor.example/2", published_at=AT + timedelta(minutes=9),
            ),
            Statement(post_id="p-3", source_id="copyist", source_name="A copyist", published_at=AT, copy_of="p-1"),
        ],
        "origins": ["agency", "monitor"], "grade": "fair",
        "severity": Severity(level=severity, points=5, cap=CAP_WORDS[severity], reasons=["6 killed: +2"]),
        "certainty": "Observed", "opened_at": AT, "updated_at": AT,
    }  # fmt: skip
    return Incident(**(given | fields))


def alert(name: str = "i-1", revision: int = 1, severity: str = "high", **fields: Any) -> Alert:
    """As it comes off the topic. Fields that the incident has go there, the others into the alert."""
    own = {key: fields.pop(key) for key in list(fields) if key in Alert.__struct_fields__ and key != "incident"}
    given: dict[str, Any] = {
        "alert_id": alert_id(name, revision), "incident_id": name, "revision": revision,
        "kind": "new" if revision == 1 else "toll_changed", "issued_at": AT + timedelta(minutes=revision),
        "msg_type": "Alert" if revision == 1 else "Update", "severity": severity, "cap_severity": CAP_WORDS[severity],
        "certainty": "Observed", "references": [alert_id(name, n) for n in range(1, revision)],
        "changes": [Change(kind="toll_changed", field="toll_summary.killed.best", before=4, after=6)],
        "incident": incident(name, revision, severity, **fields),
    }  # fmt: skip
    return decode(encode(Alert(**(given | own))), Alert)


def heard(told: Alert, offset: int = 0, partition: int = 0) -> Heard:
    return Heard(told, partition, offset)
