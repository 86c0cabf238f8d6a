"""How an incident came about: its alerts, what each changed, and on whose word."""

from collections.abc import Iterable
from typing import Final

from schemas.records import Alert, Change, Evidence, Incident
from subscribers.desk.cards import moment
from subscribers.desk.tree import Element, Part, h
from subscribers.safe import web_link
from subscribers.telling import claimant, speaker
from subscribers.words import Language, say, word

TABLES: Final = {name: name for name in ("grade", "certainty", "severity", "state")} | {
    "measures": "measure",
    "place.accuracy": "accuracy",
}
"""Fields whose values are words of a list."""
ARROW: Final[dict[Language, str]] = {"en": " → ", "ar": " ← "}


def revision(alert: Alert, incident: Incident, language: Language) -> Element:
    """One alert of the incident: what changed then, and which posts made it change."""
    return h(
        "li",
        h(
            "p",
            moment(alert.issued_at),
            " ",
            h("b", word("kind", alert.kind, language)),
            f" · {say('revision', language)} {alert.revision} · ",
            word("severity", alert.severity, language),
        ),
        h("ul", [_change(change, incident, language) for change in alert.changes], class_="changes"),
    )


def _change(change: Change, incident: Incident, language: Language) -> Element:
    told: Part = h("bdi", _field(change.field, language))
    if change.field != "incident_id":
        before: Part = None
        if change.before is not None:
            before = [h("bdi", _value(change.field, change.before, incident, language)), ARROW[language]]
        told = [told, ": ", before, h("bdi", _value(change.field, change.after, incident, language))]
    why: Part = [" · ", h("bdi", change.reason)] if change.reason else None
    return h("li", told, why, " ", _because(change.because, incident, language))


def _field(field: str, language: Language) -> str:
    parts = field.split(".")
    toll = parts[0] == "toll_summary" and len(parts) == 3
    return word("toll", parts[1], language) if toll else word("field", field, language)


def _value(field: str, value: object, incident: Incident, language: Language) -> str:
    if value is None:
        return "–"
    if field in TABLES:
        return word(TABLES[field], str(value), language)
    if field.startswith("claims"):
        return next((claimant(incident, one, language) for one in incident.claims if one.claimant == value), str(value))
    return str(value)


def _because(evidence: Iterable[Evidence], incident: Incident, language: Language) -> Part:
    by_post = {statement.post_id: statement for statement in incident.statements}
    marks: list[Part] = []
    for one in evidence:
        statement = by_post.get(one.post_id)
        name = speaker(incident, statement.source_id, language) if statement else one.post_id
        quote: Part = [" ", h("q", h("bdi", " ".join(one.quote.split())))] if one.quote.strip() else None
        link = web_link(statement.url) if statement else None
        marks.append([outward(link, name) if link else h("bdi", name), h("span", quote, class_="quiet"), " "])
    return marks


def outward(link: str, name: str) -> Element:
    """A link that leaves the desk, without telling where it came from."""
    return h("a", h("bdi", name), href=link, rel="noopener noreferrer nofollow external", target="_blank")
