"""A Feedback: what a person says about an incident; applied in order, replayable, and told in the alerts."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import digest
from schemas.kinds import FeedbackKind
from schemas.records.base import Record, Utc, as_utc
from schemas.records.sighting import Place

PostId = Annotated[str, Meta(min_length=1, max_length=200)]


class Feedback(Record, frozen=True, kw_only=True):
    """One correction of one incident (topic `marqab.feedback`, key: `theatre`)."""

    feedback_id: Annotated[str, Meta(min_length=1, max_length=200)]
    """The same id twice changes nothing the second time; see `with_id`."""
    kind: FeedbackKind
    incident_id: Annotated[str, Meta(min_length=1, max_length=200)]
    theatre: str | None = None
    """`Incident.theatre` of the incident: the key, so that the feedback meets it. Replay does without it."""
    into: str | None = None
    """`merge`: the incident that it becomes part of. `split`: where the posts belong; null: they are their own."""
    posts: Annotated[list[PostId], Meta(max_length=1000)] = []
    """`split`: the posts that leave, as the person saw them."""
    place: Place | None = None
    """`wrong_place`: where it happened."""
    until: Utc | None = None
    """`mute`: posts published from then on alert again; null: for good."""
    by: Annotated[str, Meta(max_length=200)] = ""
    """Who says so, as they want to be named; subscribers read it."""
    note: Annotated[str, Meta(max_length=2000)] = ""
    """Why, in their words; subscribers read it."""
    given_at: Utc

    def __post_init__(self) -> None:
        as_utc(self, "given_at", "until")
        if self.kind is FeedbackKind.WRONG_PLACE and self.place is None:
            raise ValueError("feedback `wrong_place` needs a place")
        if self.kind is FeedbackKind.MERGE and self.into is None:
            raise ValueError("feedback `merge` needs `into`, the incident that this one becomes part of")
        if self.kind is FeedbackKind.SPLIT and not self.posts:
            raise ValueError("feedback `split` needs `posts`, those that leave the incident")
        if self.into == self.incident_id:
            raise ValueError(f"feedback `{self.kind.value}` names {self.into} on both sides")


class Correction(Record, frozen=True, kw_only=True):
    """One feedback that was applied, as it stands in the history of an incident: who, when, what and why."""

    feedback_id: str
    kind: FeedbackKind
    by: str = ""
    note: str = ""
    given_at: Utc
    other: str | None = None
    """The other incident: what this one was merged into or from, or what posts went to or came from."""

    def __post_init__(self) -> None:
        as_utc(self, "given_at")


def with_id(feedback: Feedback) -> Feedback:
    """The feedback under an id made from all that it says: sent twice, it is one."""
    blank = msgspec.structs.replace(feedback, feedback_id="-")
    return msgspec.structs.replace(feedback, feedback_id="f-" + digest(msgspec.json.encode(blank).decode()))
