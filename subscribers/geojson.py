"""Incidents as GeoJSON (RFC 7946: longitude first); how exact a place is stands beside every point."""

from collections.abc import Iterable
from typing import Any

from schemas.kinds import TollKind
from schemas.records import Alert
from subscribers.telling import headline, place_name, totals


def collection(alerts: Iterable[Alert], *, base: str) -> dict[str, Any]:
    """A FeatureCollection of the latest alert of each incident; incidents without coordinates have no geometry."""
    return {"type": "FeatureCollection", "features": [feature(alert, base=base) for alert in alerts]}


def feature(alert: Alert, *, base: str) -> dict[str, Any]:
    """One incident as a Feature with its id; figures that nobody gave are null, never 0."""
    incident, place = alert.incident, alert.incident.place
    placed = place is not None and place.lat is not None and place.lon is not None
    tolls = {row.kind: {"low": row.low, "best": row.best, "high": row.high} for row in totals(incident)}
    return {
        "type": "Feature",
        "id": alert.incident_id,
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]} if place and placed else None,
        "properties": {
            "alert_id": alert.alert_id,
            "revision": alert.revision,
            "kind": alert.kind,
            "state": incident.state,
            "test": alert.test,
            "headline_en": headline(incident, "en"),
            "headline_ar": headline(incident, "ar"),
            "event_type": incident.event_type,
            "acled_event_type": incident.acled_event_type,
            "modality": incident.modality,
            "severity": alert.severity,
            "certainty": alert.certainty,
            "grade": incident.grade,
            "independent_origins": len(incident.origins),
            "country": incident.country,
            "place_en": place_name(place, "en") if place else None,
            "place_ar": place_name(place, "ar") if place else None,
            "accuracy": place.accuracy if place else None,
            "geo_precision": place.geo_precision if place else None,
            "radius_m": place.radius_m if place else None,
            "event_start": incident.time.event_start,
            "event_end": incident.time.event_end,
            "issued_at": alert.issued_at,
            "killed": tolls.get(TollKind.KILLED),
            "wounded": tolls.get(TollKind.WOUNDED),
            "claimed_by": [claim.claimant for claim in incident.claims if claim.claimed],
            "attributed_to": incident.attributed_to,
            "url": f"{base}/incidents/{alert.incident_id}",
        },
    }
