"""A person's correction of an incident as the record that says so: pure, for the desk and the command line.

Each function takes the incident as the person saw it (`Alert.incident`), so that the correction knows where it must be
sent, and refuses with a sentence what cannot be meant.
"""

from collections.abc import Sequence
from datetime import datetime

from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Feedback, Incident, Place
from schemas.records.feedback import with_id


def merge(incident: Incident, into: Incident, *, by: str, note: str, at: datetime) -> Feedback:
    """The first incident is the same as the second and becomes part of it; the second keeps its id.

    Raises:
        ValueError: they are one already, or are heard in two theatres (decision 46); the sentence says which.
    """
    _stands(incident)
    _stands(into)
    if incident.theatre != into.theatre:
        raise ValueError(
            f"{incident.incident_id} is heard in {incident.theatre} and {into.incident_id} in {into.theatre}: "
            "incidents of two theatres are not merged. Mute the one that says less."
        )
    return _given(FeedbackKind.MERGE, incident, by, note, at, into=into.incident_id)


def split(
    incident: Incident, posts: Sequence[str], *, into: Incident | None = None, by: str, note: str, at: datetime
) -> Feedback:
    """These posts tell of something else: of an incident of their own, or of the named one.

    Raises:
        ValueError: a post is none of the incident's, none would stay, or the other incident is in another theatre.
    """
    _stands(incident)
    here = {statement.post_id for statement in incident.statements}
    if strangers := sorted(set(posts) - here):
        raise ValueError(f"{', '.join(strangers)} is no post of {incident.incident_id}; its posts are in `statements`")
    if not posts:
        raise ValueError("name the posts that leave the incident")
    if here <= set(posts):
        remedy = f"merge it into {into.incident_id} instead" if into else "leave at least one of them out"
        raise ValueError(f"these are all posts of {incident.incident_id}: {remedy}")
    if into is not None:
        _stands(into)
        if into.theatre != incident.theatre:
            raise ValueError(
                f"{into.incident_id} is heard in {into.theatre}, the posts in {incident.theatre}: posts do not move to "
                "another theatre. Split them off without naming an incident."
            )
    leaving = list(dict.fromkeys(posts))
    other = into.incident_id if into else None
    return _given(FeedbackKind.SPLIT, incident, by, note, at, posts=leaving, into=other)


def mute(incident: Incident, *, until: datetime | None = None, by: str, note: str, at: datetime) -> Feedback:
    """It goes on and alerts nobody, for good or up to posts of that time; a time that is past ends an earlier mute.

    Raises:
        ValueError: the incident was merged into another one.
    """
    _stands(incident)
    return _given(FeedbackKind.MUTE, incident, by, note, at, until=until)


def not_an_incident(incident: Incident, *, by: str, note: str, at: datetime) -> Feedback:
    """It is none: its alerts are cancelled, and it stays discounted whoever repeats it.

    Raises:
        ValueError: the incident was merged into another one.
    """
    _stands(incident)
    return _given(FeedbackKind.NOT_AN_INCIDENT, incident, by, note, at)


def wrong_place(incident: Incident, place: Place, *, by: str, note: str, at: datetime) -> Feedback:
    """It happened at this place, whatever the posts say.

    Raises:
        ValueError: the incident was merged into another one.
    """
    _stands(incident)
    return _given(FeedbackKind.WRONG_PLACE, incident, by, note, at, place=place)


def _stands(incident: Incident) -> None:
    if incident.theatre is None:
        raise ValueError(f"{incident.incident_id} was told by an older marqab, which does not say where it is heard")
    if incident.state is IncidentState.MERGED:
        raise ValueError(f"{incident.incident_id} was merged into {incident.merged_into}: correct that one")
    if incident.state is IncidentState.CLOSED:
        raise ValueError(f"{incident.incident_id} is closed: nobody spoke of it for a week, and it changes no more")


def _given(
    kind: FeedbackKind,
    incident: Incident,
    by: str,
    note: str,
    at: datetime,
    *,
    into: str | None = None,
    posts: Sequence[str] = (),
    place: Place | None = None,
    until: datetime | None = None,
) -> Feedback:
    return with_id(
        Feedback(
            feedback_id="-",
            kind=kind,
            incident_id=incident.incident_id,
            theatre=incident.theatre,
            into=into,
            posts=list(posts),
            place=place,
            until=until,
            by=by,
            note=note,
            given_at=at,
        )
    )
