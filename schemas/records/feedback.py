"""A Feedback: what a person says about an incident; applied in order, replayable, and told in the alerts."""

from typing import Annotated

from msgspec import Meta

from schemas.kinds import FeedbackKind
from schemas.records.base import Record, Utc, as_utc
from schemas.records.sighting import Place


class Feedback(Record, frozen=True, kw_only=True):
    """One correction of one incident (topic `marqab.feedback`, key: incident id)."""

    feedback_id: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: FeedbackKind
    incident_id: str
    place: Place | None = None
    """For `wrong_place`: where it happened."""
    by: str = ""
    """Who says so, as they want to be named."""
    note: str = ""
    given_at: Utc

    def __post_init__(self) -> None:
        as_utc(self, "given_at")
        if self.kind is FeedbackKind.WRONG_PLACE and self.place is None:
            raise ValueError("feedback `wrong_place` needs a place")
