"""The decision whether a revision of an incident is news, and the alert that tells it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agents.announce.changes import PRECISION, carried, changes, opening
from agents.announce.seen import Announced, Told, decode, encode, notable
from schemas.ids import alert_id
from schemas.kinds import AlertKind, CapMessage, Grade, IncidentState, Level
from schemas.records import Alert, Change, Incident

SETTLE: Final = timedelta(seconds=60)
MAX_AGE: Final = timedelta(hours=48)
_AT_ONCE: Final = frozenset(
    {AlertKind.MERGED, AlertKind.CORRECTED, AlertKind.TOLL_CHANGED, AlertKind.CLAIMED, AlertKind.CLOSED}
)
_GRAVER: Final = (Level.LOW, Level.MEDIUM, Level.HIGH, Level.CRITICAL)


@dataclass(frozen=True)
class Announcement:
    """What to send and what to remember.

    Attributes:
        alerts: none or one, to be sent before the row is stored.
        row: what to remember for this incident; None where nothing changed.
    """

    alerts: tuple[Alert, ...] = ()
    row: bytes | None = None


def announce(
    remembered: bytes | None, incident: Incident, *, settle: timedelta = SETTLE, max_age: timedelta = MAX_AGE
) -> Announcement:
    """Decide whether this revision is news; a revision that was looked at before gives nothing.

    Args:
        remembered: the row of this incident as last stored.
        incident: its current state.
        settle: event time between two alerts of one incident, unless something grave happens.
        max_age: a change that rests only on posts older than this when they were fetched alerts nobody.
    """
    before = decode(remembered) if remembered is not None else Announced(revision=0)
    if incident.revision <= before.revision:
        held = incident.settled and incident.revision == before.revision and before.told is not None
        return _told_late(before, incident, max_age, settle) if held else Announcement()
    now = notable(incident, PRECISION)
    looked_at = msgspec.structs.replace(before, revision=incident.revision)
    if before.told is None:
        silent = not incident.alertable or incident.state is not IncidentState.OPEN or now.grade is Grade.DISCOUNTED
        if silent:
            return Announcement((), encode(looked_at))
        return _alert(looked_at, now, incident, opening(incident))
    found = [change for change in changes(before, before.told, now, incident) if _is_news(change, incident, max_age)]
    if not incident.alertable or not found or not _due(before, before.told, now, incident, found, settle):
        return Announcement((), encode(looked_at))
    return _alert(looked_at, now, incident, [*found, *carried(before.told, now, incident, found)])


def _told_late(before: Announced, incident: Incident, max_age: timedelta, settle: timedelta) -> Announcement:
    """What was held back of a revision that was looked at before; nothing where nothing was."""
    if before.told is None or not incident.alertable or incident.state is not IncidentState.OPEN:
        return Announcement()
    now = notable(incident, PRECISION)
    found = [change for change in changes(before, before.told, now, incident) if _is_news(change, incident, max_age)]
    if not found:
        return Announcement()
    found += carried(before.told, now, incident, found)
    return _alert(before, now, incident, found, incident.updated_at + settle)


def _is_news(change: Change, incident: Incident, max_age: timedelta) -> bool:
    """Whether the change rests on anything but copies, old posts and backfills (laws 2 and 4).

    A text that is told again with another number is a copy by its words; its number is news.
    """
    if change.kind in (AlertKind.MERGED, AlertKind.CORRECTED) or not change.because:
        return True
    posts = {evidence.post_id for evidence in change.because}
    copies_count = change.kind is AlertKind.TOLL_CHANGED
    return any(
        not s.backfill
        and (copies_count or s.copy_of is None)
        and (s.fetched_at is None or s.fetched_at - s.published_at <= max_age)
        for s in incident.statements
        if s.post_id in posts
    )


def _due(before: Announced, told: Told, now: Told, incident: Incident, found: list[Change], settle: timedelta) -> bool:
    if before.alerted_at is None or incident.updated_at - before.alerted_at >= settle:
        return True
    graver = _GRAVER.index(now.level) > _GRAVER.index(told.level)
    return graver or any(change.kind in _AT_ONCE for change in found)


def _alert(
    row: Announced, now: Told, incident: Incident, found: list[Change], issued_at: datetime | None = None
) -> Announcement:
    sent = Alert(
        alert_id=alert_id(incident.incident_id, incident.revision),
        incident_id=incident.incident_id,
        revision=incident.revision,
        kind=found[0].kind,
        changes=found,
        issued_at=issued_at or _issued_at(incident, found),
        msg_type=_msg_type(found[0].kind, now),
        severity=incident.severity.level,
        cap_severity=incident.severity.cap,
        certainty=incident.certainty,
        references=row.alert_ids,
        test=incident.test,
        incident=incident,
    )
    highest = {kind: max(best, row.highest.get(kind, 0)) for kind, best in now.tolls.items()}
    stored = msgspec.structs.replace(
        row,
        told=now,
        highest={**row.highest, **highest},
        alerted_at=issued_at or incident.updated_at,
        alert_ids=[*row.alert_ids, sent.alert_id],
    )
    return Announcement((sent,), encode(stored))


def _issued_at(incident: Incident, found: list[Change]) -> datetime:
    """Event time: publication of the latest statement, or when people gave what is told here."""
    told = {change.after for change in found if change.field == "corrections"}
    return max([incident.updated_at, *(c.given_at for c in incident.corrected_by if c.feedback_id in told)])


def _msg_type(kind: AlertKind, now: Told) -> CapMessage:
    if kind is AlertKind.NEW:
        return CapMessage.ALERT
    return CapMessage.CANCEL if now.grade is Grade.DISCOUNTED else CapMessage.UPDATE
