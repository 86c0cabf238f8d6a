"""An Atom feed (RFC 4287) of incidents, with GeoRSS: one entry an incident, `updated` with every revision.

The id of an entry comes from the incident's id alone, so that a reader shows a revision as an update of what it has.
"""

import uuid
from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree

from schemas.records import Alert
from subscribers.desk.tree import h, html
from subscribers.safe import clean, web_link
from subscribers.telling import headline, lines, place_name
from subscribers.words import Language, say, word

ATOM: Final = "http://www.w3.org/2005/Atom"
GEORSS: Final = "http://www.georss.org/georss"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
NAMESPACE: Final = uuid.UUID("2f6d9b0e-5f0a-4d0c-9a4e-6d6172716162")
"""Of marqab's own ids; never to be changed, or every reader shows everything twice."""


def atom(alerts: Iterable[Alert], *, language: Language, base: str) -> bytes:
    """The feed.

    Args:
        alerts: the latest of each incident, newest first.
        language: of titles and texts.
        base: address of the desk, without a slash at the end.
    """
    ElementTree.register_namespace("", ATOM)
    ElementTree.register_namespace("georss", GEORSS)
    told = list(alerts)
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {XML_LANG: language})
    _text(feed, "id", uuid.uuid5(NAMESPACE, "alerts." + language).urn)
    _text(feed, "title", say("feed_title", language))
    _text(feed, "subtitle", say("feed_subtitle", language))
    _text(feed, "updated", max((a.issued_at.isoformat() for a in told), default="1970-01-01T00:00:00+00:00"))
    ElementTree.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/alerts.atom?lang={language}")
    ElementTree.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", href=f"{base}/?lang={language}")
    _text(ElementTree.SubElement(feed, f"{{{ATOM}}}author"), "name", "marqab")
    for alert in told:
        _entry(feed, alert, language, base)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: ElementTree.Element, alert: Alert, language: Language, base: str) -> None:
    incident = alert.incident
    entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
    test = f"[{say('test', language)}] " if alert.test else ""
    _text(entry, "id", uuid.uuid5(NAMESPACE, alert.incident_id).urn)
    _text(entry, "title", test + headline(incident, language))
    _text(entry, "published", incident.opened_at.isoformat())
    _text(entry, "updated", alert.issued_at.isoformat())
    page = f"{base}/incidents/{alert.incident_id}"
    ElementTree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=f"{page}?lang={language}")
    cap = {"rel": "related", "type": "application/cap+xml", "href": f"{base}/alerts/{alert.alert_id}.cap"}
    ElementTree.SubElement(entry, f"{{{ATOM}}}link", cap)
    for link in dict.fromkeys(web_link(statement.url) for statement in incident.statements):
        if link:
            ElementTree.SubElement(entry, f"{{{ATOM}}}link", rel="via", href=link)
    for table, name in (("type", incident.event_type), ("severity", alert.severity), ("grade", incident.grade)):
        label = word(table, name, language)
        ElementTree.SubElement(entry, f"{{{ATOM}}}category", scheme=f"urn:marqab:{table}", term=name, label=label)
    content = html(h("ul", [h("li", line, dir="auto") for line in lines(alert, language)]))
    _text(entry, "content", content).set("type", "html")
    place = incident.place
    if place and place.lat is not None and place.lon is not None:
        _text(entry, "point", f"{place.lat} {place.lon}", GEORSS)
        _text(entry, "featurename", place_name(place, language), GEORSS)
        if place.radius_m:
            _text(entry, "radius", str(place.radius_m), GEORSS)


def _text(parent: ElementTree.Element, name: str, text: str, namespace: str = ATOM) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{namespace}}}{name}")
    child.text = clean(text)
    return child
