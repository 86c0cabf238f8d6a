"""An alert as a STIX 2.1 bundle: a report on an incident, with its place and who claims it, in English and Arabic.

STIX's incident object is a stub (name and description), so the facts stand in the description and the sources in the
external references. Ids come from content; a newer revision of the alert is a newer version of the same objects.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from schemas.kinds import CapMessage
from schemas.records import Alert, Incident, Place
from subscribers.atom import NAMESPACE
from subscribers.safe import web_link
from subscribers.telling import claimant, headline, lines, place_name, speaker

CONFIDENCE: Final = {1: 90, 2: 70, 3: 50, 4: 30, 5: 10}
"""STIX 2.1 appendix A, Admiralty credibility; 6 (cannot be judged) has no number."""
WRITTEN: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When the object that stands for marqab itself was written; the same in every bundle."""


def bundle(alert: Alert) -> dict[str, Any]:
    """The bundle, ready to be written as JSON."""
    incident = alert.incident
    author = _object("identity", "marqab", WRITTEN, WRITTEN) | {"name": "marqab", "identity_class": "system"}
    told = _incident(alert) | {"created_by_ref": author["id"]}
    beside = [*_location(alert, incident.place), *_claimants(alert)]
    for one in beside:
        one["created_by_ref"] = author["id"]
    report = _of(alert, "report") | {
        "created_by_ref": author["id"],
        "name": headline(incident, "en"),
        "description": "\n".join(lines(alert, "en")),
        "published": _time(alert.issued_at),
        "report_types": ["incident"],
        "object_refs": [told["id"], *(one["id"] for one in beside)],
    }
    objects = [author, told, *beside, report, _arabic(alert, told), _arabic(alert, report)]
    return {"type": "bundle", "id": f"bundle--{uuid.uuid5(NAMESPACE, 'stix ' + alert.alert_id)}", "objects": objects}


def _incident(alert: Alert) -> dict[str, Any]:
    incident = alert.incident
    told = _of(alert, "incident") | {
        "name": headline(incident, "en"),
        "description": "\n".join(lines(alert, "en")),
        "lang": "en",
        "labels": [
            incident.event_type,
            f"severity:{alert.severity}",
            f"grade:{incident.grade}",
            *["test"] * alert.test,
        ],
        "external_references": [
            {"source_name": "marqab", "external_id": alert.incident_id},
            *_references(incident),
        ],
    }
    confidence = CONFIDENCE.get(min((s.information_credibility for s in incident.statements), default=6))
    if confidence is not None:
        told["confidence"] = confidence
    return told


def _references(incident: Incident) -> list[dict[str, str]]:
    links = {web_link(s.url): speaker(incident, s.source_id, "en") for s in incident.statements if not s.copy_of}
    return [{"source_name": name, "url": link} for link, name in links.items() if link]


def _location(alert: Alert, place: Place | None) -> list[dict[str, Any]]:
    if place is None or (place.lat is None and place.country is None):
        return []
    told = _of(alert, "location") | {"name": place_name(place, "en")}
    if place.country:
        told["country"] = place.country
    if place.admin1:
        told["administrative_area"] = place.admin1
    if place.lat is not None and place.lon is not None:
        told |= {"latitude": place.lat, "longitude": place.lon}
        if place.radius_m:
            told["precision"] = float(place.radius_m)
    return [told]


def _claimants(alert: Alert) -> list[dict[str, Any]]:
    """Who claims it, as identities: claiming is not doing, so nothing relates them to the incident as its authors."""
    named = {claim.claimant: claimant(alert.incident, claim, "en") for claim in alert.incident.claims if claim.claimed}
    return [
        _object("identity", "actor " + actor, WRITTEN, WRITTEN)
        | {
            "name": name,
            "identity_class": "group",
            "roles": ["claims responsibility; unconfirmed unless said otherwise"],
        }
        for actor, name in named.items()
    ]


def _arabic(alert: Alert, of: dict[str, Any]) -> dict[str, Any]:
    told = _of(alert, "language-content", beside=of["type"])
    arabic = {"name": headline(alert.incident, "ar"), "description": "\n".join(lines(alert, "ar"))}
    return told | {"object_ref": of["id"], "object_modified": of["modified"], "contents": {"ar": arabic}}


def _of(alert: Alert, kind: str, *, beside: str = "") -> dict[str, Any]:
    created = alert.incident.opened_at
    told = _object(kind, f"{alert.incident_id} {beside}", created, max(created, alert.issued_at))
    return told | ({"revoked": True} if alert.msg_type is CapMessage.CANCEL else {})


def _object(kind: str, name: str, created: datetime, modified: datetime) -> dict[str, Any]:
    identity = f"{kind}--{uuid.uuid5(NAMESPACE, f'stix {kind} {name}')}"
    times = {"created": _time(created), "modified": _time(modified)}
    return {"type": kind, "spec_version": "2.1", "id": identity, **times}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
