"""The records that travel on topics: Post → Report → Sighting → Incident → Alert; and Cursor beside them.

Every record is frozen, keyword-only and valid from birth: a value that breaks a rule raises ValueError when it is
made, and `Undecodable` when it comes off a topic. Unknown fields are ignored, so that newer writers do not break
older readers; times are aware UTC.
"""

from schemas.records.alert import Alert, Change
from schemas.records.base import Evidence, Record, Span, Utc
from schemas.records.cursor import Cursor
from schemas.records.incident import Incident, Severity, Statement, TollRow, TollSummary
from schemas.records.post import Forward, Media, Post, Source
from schemas.records.report import Edit, Report
from schemas.records.sighting import Actor, Claim, EventTime, Measure, Place, Reason, Sighting, Toll

__all__ = [
    "Actor", "Alert", "Change", "Claim", "Cursor", "Edit", "EventTime", "Evidence", "Forward", "Incident", "Measure",
    "Media", "Place", "Post", "Reason", "Record", "Report", "Severity", "Sighting", "Source", "Span", "Statement",
    "Toll", "TollRow", "TollSummary", "Utc",
]  # fmt: skip
