"""The records that travel on topics: Post → Report → Sighting → Incident → Alert; Cursor and Feedback beside them.

Every record is frozen and keyword-only. Rules between fields are checked when a record is made (ValueError); types
and limits of single fields by mypy where our code makes one, and at run time whenever one comes off a topic
(`Undecodable`), so that no stage ever sees an invalid record. Unknown fields are ignored, so that newer writers do not
break older readers; times are aware UTC.
"""

from schemas.records.alert import Alert, Change
from schemas.records.base import Evidence, Record, Span, Utc
from schemas.records.cursor import Cursor
from schemas.records.feedback import Correction, Feedback
from schemas.records.incident import FactRow, Incident, Severity, Statement, TollRow, TollSummary
from schemas.records.post import Forward, Media, Post, Source
from schemas.records.report import Edit, Report
from schemas.records.sighting import Actor, Claim, EventTime, Fact, Measure, Place, Reason, Sighting, Toll

__all__ = [
    "Actor", "Alert", "Change", "Claim", "Correction", "Cursor", "Edit", "EventTime", "Evidence", "Fact", "FactRow",
    "Feedback", "Forward", "Incident", "Measure", "Media", "Place", "Post", "Reason", "Record", "Report", "Severity",
    "Sighting", "Source", "Span", "Statement", "Toll", "TollRow", "TollSummary", "Utc",
]  # fmt: skip
