"""A made-up alert, marked as a test, to try a way of delivery with."""

from datetime import datetime

from schemas.ids import alert_id, incident_id
from schemas.kinds import AlertKind, CapCertainty, CapMessage, CapSeverity, EventType, Grade, Level
from schemas.records import Alert, EventTime, Incident, Severity


def sample_alert(now: datetime) -> Alert:
    """An alert that says of itself that nothing happened."""
    incident = incident_id(f"sample:{now.isoformat()}")
    return Alert(
        alert_id=alert_id(incident, 1),
        incident_id=incident,
        revision=1,
        kind=AlertKind.NEW,
        issued_at=now,
        msg_type=CapMessage.ALERT,
        severity=Level.LOW,
        cap_severity=CapSeverity.MINOR,
        certainty=CapCertainty.UNKNOWN,
        test=True,
        incident=Incident(
            incident_id=incident,
            revision=1,
            event_type=EventType.OTHER,
            headline_en="Test of marqab: nothing happened",
            headline_ar="تجربة لمرقب: لم يحدث شيء",
            time=EventTime(event_start=now, event_end=now),
            grade=Grade.WEAK,
            severity=Severity(level=Level.LOW, points=0, cap=CapSeverity.MINOR, reasons=["a test"]),
            certainty=CapCertainty.UNKNOWN,
            opened_at=now,
            updated_at=now,
            test=True,
        ),
    )
