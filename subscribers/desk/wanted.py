"""What a reader of the desk wants to see, read from the address line; the same for pages, feeds and live updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from schemas.kinds import EventType, Grade, Level
from schemas.records import Alert
from subscribers.rules import RANK
from subscribers.telling import actor_name, claimant
from subscribers.words import LANGUAGES, word

K = TypeVar("K", bound=StrEnum)
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Wanted:
    """Filters; None asks for everything."""

    country: str | None = None
    type: EventType | None = None
    severity: Level | None = None
    """At least this grave."""
    grade: Grade | None = None
    claimed: bool = False
    search: str = ""
    tests: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Wanted":
        """From an address line; what is no such value is left out, so that an old bookmark still shows something."""
        country = query.get("country", "").upper()
        return cls(
            country=country if len(country) == 2 and country.isascii() and country.isalpha() else None,
            type=_member(EventType, query.get("type")),
            severity=_member(Level, query.get("severity")),
            grade=_member(Grade, query.get("grade")),
            claimed=query.get("claimed") == "1",
            search=query.get("q", "").strip()[:LONGEST_SEARCH],
            tests=query.get("tests") == "1",
        )

    def query(self, **more: str) -> str:
        """The address line that gives these filters again, with further values."""
        told = {
            "country": self.country,
            "type": self.type,
            "severity": self.severity,
            "grade": self.grade,
            "claimed": "1" if self.claimed else None,
            "q": self.search,
            "tests": "1" if self.tests else None,
        }
        return urlencode({name: value for name, value in {**told, **more}.items() if value})

    def fits(self, alert: Alert) -> bool:
        """Whether this alert's incident is wanted."""
        incident = alert.incident
        if alert.test and not self.tests:
            return False
        if self.country and incident.country != self.country:
            return False
        if self.type and self.type != incident.event_type and self.type not in incident.event_types:
            return False
        if self.severity and RANK[alert.severity] < RANK[self.severity]:
            return False
        if self.grade and incident.grade != self.grade:
            return False
        if self.claimed and not any(claim.claimed for claim in incident.claims):
            return False
        return not self.search or self.search.casefold() in _searched(alert)


def _searched(alert: Alert) -> str:
    incident = alert.incident
    place = incident.place
    parts: list[str | None] = [incident.headline_en, incident.headline_ar, incident.incident_id]
    parts += [word("type", incident.event_type, language) for language in LANGUAGES]
    if place:
        parts += [place.name, place.name_ar, place.name_en, place.admin1, place.admin1_ar, place.admin2, place.admin3]
    parts += [actor_name(incident, one.actor_id, language) for one in incident.actors for language in LANGUAGES]
    parts += [claimant(incident, claim, language) for claim in incident.claims for language in LANGUAGES]
    parts += [statement.source_name for statement in incident.statements]
    return "\n".join(part for part in parts if part).casefold()


def _member(kind: type[K], text: str | None) -> K | None:
    return kind(text) if text in list(kind) else None
