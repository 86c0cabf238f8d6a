"""Headers of every message: CloudEvents 1.0 in Kafka's binary mode, W3C `traceparent`, and Connect's error headers.

Sources: cloudevents/spec kafka-protocol-binding §3.2, w3.org/TR/trace-context §3.2, Apache Kafka
`DeadLetterQueueReporter` (the names that dead-letter tools already read).
"""

from datetime import datetime
from typing import Final

from schemas.ids import digest
from schemas.records import Alert, Cursor, Feedback, Incident, Post, Record, Report, Sighting

Headers = list[tuple[str, bytes]]

_TYPE: Final[dict[type[Record], str]] = {
    Post: "org.marqab.post.v1",
    Report: "org.marqab.report.v1",
    Sighting: "org.marqab.sighting.v1",
    Incident: "org.marqab.incident.v1",
    Alert: "org.marqab.alert.v1",
    Cursor: "org.marqab.cursor.v1",
    Feedback: "org.marqab.feedback.v1",
}


def cloud_event(record: Record, traceparent: str | None = None) -> Headers:
    """The headers that belong to this record; the same record and trace give the same bytes."""
    kind = _TYPE[type(record)]
    event_id, source, time = _identity(record)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.isoformat().replace("+00:00", "Z").encode()),
        ("content-type", b"application/json; charset=utf-8"),
    ]
    if getattr(record, "test", False):
        headers.append(("ce_test", b"true"))
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    return headers


def _identity(record: Record) -> tuple[str, str, datetime]:
    match record:
        case Post() | Report() | Sighting():
            return f"{record.post_id}:{record.revision}", f"/sources/{record.source.id}", record.published_at
        case Incident():
            return f"{record.incident_id}:{record.revision}", "/correlator", record.updated_at
        case Alert():
            return record.alert_id, "/announcer", record.issued_at
        case Cursor():
            return f"{record.source_id}@{record.updated_at.isoformat()}", "/connectors", record.updated_at
        case Feedback():
            return record.feedback_id, "/people", record.given_at
        case _:
            raise TypeError(f"{type(record).__name__} does not travel on a topic by itself")


def traceparent(trace_of: str, span_of: str) -> str:
    """A W3C trace context made from content: the same post gives the same trace (no chance below the shell).

    Args:
        trace_of: what the whole journey belongs to, `post_id:revision`.
        span_of: the step, for example `normalizer`.
    """
    trace = (digest(trace_of) + digest(trace_of, "trace"))[:32]
    return f"00-{trace}-{digest(trace_of, span_of)[:16]}-01"


def with_span(parent: str | None, span_of: str) -> str | None:
    """The same trace with a new span; None where there was none or it was not one."""
    parts = (parent or "").split("-")
    if len(parts) != 4 or len(parts[1]) != 32:
        return None
    return f"00-{parts[1]}-{digest(parts[1], span_of)[:16]}-{parts[3]}"


def rejection(*, topic: str, partition: int, offset: int, stage: str, error: BaseException, stacktrace: str) -> Headers:
    """The headers that Kafka Connect's dead-letter queue puts on a message that could not be handled."""
    values = {
        "topic": topic,
        "partition": str(partition),
        "offset": str(offset),
        "stage": stage,
        "class.name": f"agents.{stage}",
        "exception.class.name": type(error).__name__,
        "exception.message": str(error)[:2000],
        "exception.stacktrace": stacktrace[:8192],
    }
    return [(f"__connect.errors.{name}", value.encode("utf-8", "replace")) for name, value in values.items()]
