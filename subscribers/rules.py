"""Is this alert for this subscriber, and when? Pure: the time is an argument, the answer a value.

Corrections and mergers pass the thresholds of severity and credibility: whoever was told of an incident must hear that
it was wrong. Places, types and mutes apply to them too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final
from zoneinfo import ZoneInfo

from schemas.kinds import AlertKind, Level
from schemas.records import Alert, Place
from subscribers.settings import Circle, Quiet, Subscriber

RANK: Final = {Level.LOW: 0, Level.MEDIUM: 1, Level.HIGH: 2, Level.CRITICAL: 3}
MUST_HEAR: Final = frozenset({AlertKind.CORRECTED, AlertKind.MERGED})
_UNLESS_SAID: Final = frozenset(AlertKind) - {AlertKind.CLOSED}
"""Kinds for who names none: that nobody speaks of an incident any more is for who keeps a list."""
EARTH_KM: Final = 6371.0


@dataclass(frozen=True)
class Skip:
    """Not for this subscriber."""

    reason: str


@dataclass(frozen=True)
class Send:
    """At once."""


@dataclass(frozen=True)
class Hold:
    """Together with others, at this time."""

    until: datetime
    reason: str


Verdict = Skip | Send | Hold


def judge(subscriber: Subscriber, alert: Alert, now: datetime) -> Verdict:
    """What to do with the alert for this subscriber at this moment."""
    if reason := unwanted(subscriber, alert, now):
        return Skip(reason)
    quiet = subscriber.quiet
    loud = quiet is not None and quiet.unless is not None and RANK[alert.severity] >= RANK[quiet.unless]
    if quiet and not loud and (end := quiet_until(quiet, now)):
        return Hold(end, "quiet hours")
    if subscriber.digest_minutes and not loud:
        return Hold(next_digest(subscriber.digest_minutes, now), "digest")
    return Send()


def unwanted(subscriber: Subscriber, alert: Alert, now: datetime) -> str | None:
    """The name of the first rule that keeps the alert from this subscriber; None where all let it pass."""
    incident = alert.incident
    if alert.test and not subscriber.tests:
        return "tests"
    for mute in subscriber.mute:
        named = mute.incident == alert.incident_id or (mute.type is not None and mute.type == incident.event_type)
        if named and (mute.until is None or now < mute.until):
            return "mute"
    if subscriber.countries and incident.country not in subscriber.countries:
        return "countries"
    if (subscriber.places or subscriber.within) and not _placed(subscriber, incident.place):
        return "places"
    if subscriber.types and not {incident.event_type, *incident.event_types} & set(subscriber.types):
        return "types"
    if alert.kind not in (subscriber.kinds or _UNLESS_SAID):
        return "kinds"
    return None if alert.kind in MUST_HEAR else _too_little(subscriber, alert)


def _too_little(subscriber: Subscriber, alert: Alert) -> str | None:
    if RANK[alert.severity] < RANK[subscriber.min_severity]:
        return "min_severity"
    if subscriber.grades and alert.incident.grade not in subscriber.grades:
        return "grades"
    if subscriber.certainties and alert.certainty not in subscriber.certainties:
        return "certainties"
    return None


def _placed(subscriber: Subscriber, place: Place | None) -> bool:
    if place is None:
        return False
    names = (place.name, place.name_ar, place.name_en, place.admin1, place.admin2, place.admin3, place.pcode)
    told = {name.casefold() for name in names if name}
    return any(name.casefold() in told for name in subscriber.places) or any(
        inside(circle, place) for circle in subscriber.within
    )


def inside(circle: Circle, place: Place) -> bool:
    """True where the place's point lies in the circle (great-circle distance); a place without point lies nowhere."""
    if place.lat is None or place.lon is None:
        return False
    north, south = radians(circle.lat), radians(place.lat)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(radians(place.lon - circle.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half))) <= circle.km


def quiet_until(quiet: Quiet, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours that `now` lies in; None outside of them."""
    zone = ZoneInfo(quiet.timezone)
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    over_midnight = quiet.start > quiet.end
    within = (clock >= quiet.start or clock < quiet.end) if over_midnight else quiet.start <= clock < quiet.end
    if not within:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= quiet.start else 0)
    return datetime.combine(day, quiet.end, zone).astimezone(UTC)


def next_digest(minutes: int, now: datetime) -> datetime:
    """The next full multiple of so many minutes since 1970, so that a restart does not move it."""
    span = minutes * 60
    return datetime.fromtimestamp((int(now.timestamp()) // span + 1) * span, UTC)
