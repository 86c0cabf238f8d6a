"""An alert as a CAP 1.2 message (OASIS Common Alerting Protocol), with an English and an Arabic info block.

CAP is how authorities warn people. marqab is no authority: `status` is `System` unless the operator, being one, has
configured `Actual`, and `scope` is `Restricted` to people who asked for it. Nothing here tells anybody what to do.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from xml.etree import ElementTree

import msgspec
from msgspec import Meta

from schemas.kinds import EventType
from schemas.records import Alert, Incident
from subscribers.safe import clean, web_link
from subscribers.telling import claimant, headline, lines, place_name
from subscribers.words import LANGUAGES, Language, say, word

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
_TAGS: Final[dict[Language, str]] = {"en": "en-GB", "ar": "ar"}
_METRES_A_KM: Final = 1000


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who speaks, and with what standing (table `[cap]` of the subscribers file)."""

    sender: Annotated[str, Meta(pattern=r"^[^\s,<&]+$")] = "marqab"
    """Without spaces and commas (CAP §3.2.1): `newsroom@example.org`."""
    sender_name: str = "marqab"
    status: Literal["Actual", "Exercise", "System", "Test", "Draft"] = "System"
    scope: Literal["Public", "Restricted", "Private"] = "Restricted"
    restriction: str = "Subscribers of this marqab; compiled by machine from public sources, not an official warning."


def cap(alert: Alert, *, profile: Profile, sent_before: Mapping[str, datetime], base: str | None = None) -> bytes:
    """The message as XML.

    Args:
        alert: what to tell.
        profile: who speaks.
        sent_before: when the earlier alerts of this incident were issued, by id; those that are not in it cannot be
            referenced, since CAP wants their time beside their id.
        base: address of the desk, for the link to the incident's page.
    """
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.Element(_tag("alert"))
    status = "Test" if alert.test else profile.status
    _put(root, identifier=alert.alert_id, sender=profile.sender, sent=_time(alert.issued_at), status=status)
    _put(root, msgType=alert.msg_type, source="marqab", scope=profile.scope)
    if profile.scope == "Restricted":
        _put(root, restriction=profile.restriction)
    elif profile.scope == "Private":
        _put(root, addresses=profile.sender)
    known = [f"{profile.sender},{told},{_time(sent_before[told])}" for told in alert.references if told in sent_before]
    if alert.references and not known:
        _put(root, note="The earlier messages of this incident are no longer kept: " + " ".join(alert.references))
    if known:
        _put(root, references=" ".join(known))
    _put(root, incidents=alert.incident_id)
    for language in LANGUAGES:
        _info(root, alert, language, profile, base)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _info(root: ElementTree.Element, alert: Alert, language: Language, profile: Profile, base: str | None) -> None:
    incident = alert.incident
    info = ElementTree.SubElement(root, _tag("info"))
    _put(info, language=_TAGS[language], category="Security")
    if incident.event_type is EventType.CHEMICAL:
        _put(info, category="CBRNE")
    _put(info, event=word("type", incident.event_type, language), urgency="Unknown")
    _put(info, severity=alert.cap_severity, certainty=alert.certainty)
    code = ElementTree.SubElement(info, _tag("eventCode"))
    _put(code, valueName="marqab:event_type", value=incident.event_type)
    _put(info, effective=_time(alert.issued_at), onset=_time(incident.time.event_start))
    _put(info, senderName=profile.sender_name, headline=headline(incident, language))
    _put(info, description="\n".join(lines(alert, language)))
    if base and web_link(base):
        _put(info, web=f"{base}/incidents/{alert.incident_id}?lang={language}")
    for name, value in _parameters(alert).items():
        parameter = ElementTree.SubElement(info, _tag("parameter"))
        _put(parameter, valueName=name, value=value)
    _area(info, incident, language)


def _parameters(alert: Alert) -> dict[str, str]:
    incident = alert.incident
    told = {
        "marqab:revision": str(alert.revision),
        "marqab:kind": alert.kind.value,
        "marqab:grade": incident.grade.value,
        "marqab:independent_origins": str(len(incident.origins)),
        "marqab:claimed_by": " ".join(claimant(incident, c, "en") for c in incident.claims if c.claimed),
    }
    return {name: value for name, value in told.items() if value}


def _area(info: ElementTree.Element, incident: Incident, language: Language) -> None:
    place = incident.place
    area = ElementTree.SubElement(info, _tag("area"))
    known = place is not None and place.radius_m
    about = f" ({say('area', language)} {known / _METRES_A_KM:g} km)" if known else ""
    _put(area, areaDesc=place_name(place, language) + about)
    if place and place.lat is not None and place.lon is not None:
        _put(area, circle=f"{place.lat},{place.lon} {(place.radius_m or 0) / _METRES_A_KM:g}")
    if place and place.pcode:
        code = ElementTree.SubElement(area, _tag("geocode"))
        _put(code, valueName="pcode", value=place.pcode)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _put(parent: ElementTree.Element, **texts: str) -> None:
    for name, text in texts.items():
        ElementTree.SubElement(parent, _tag(name)).text = clean(text)


def _time(moment: datetime) -> str:
    """CAP §3.3.2: whole seconds and a numeric zone; `Z` is not allowed."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()
