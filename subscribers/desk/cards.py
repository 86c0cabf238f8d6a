"""One incident as a card of the list. Severity and credibility are two marks; a claim says that it is one."""

from datetime import datetime

from schemas.kinds import TollKind
from schemas.records import Alert, Incident, TollSummary
from subscribers.desk.tree import Element, Part, h
from subscribers.rules import RANK
from subscribers.telling import claimant, headline, place_name, totals
from subscribers.words import Language, say, word

CREDIBILITY = {"discounted": 0, "contested": 1, "weak": 1, "fair": 2, "confirmed": 3}


def card(alert: Alert, language: Language) -> Element:
    """The card; its id is the incident's."""
    incident = alert.incident
    return h(
        "article",
        h(
            "p",
            mark_severity(alert, language),
            mark_credibility(incident, language),
            h("span", word("kind", alert.kind, language), class_="chip kind"),
            h("span", say("test", language), class_="chip test") if alert.test else None,
            class_="marks",
        ),
        h(
            "h2",
            h("a", h("bdi", headline(incident, language)), href=f"/incidents/{alert.incident_id}?lang={language}"),
        ),
        h(
            "p",
            moment(alert.issued_at),
            " · ",
            h("bdi", place_name(incident.place, language)),
            " · ",
            word("accuracy", incident.place.accuracy, language) if incident.place else None,
            class_="where",
        ),
        h("p", [[toll(row, language), " "] for row in totals(incident)] or not_told(language), class_="tolls"),
        [claim_mark(incident, language)],
        id=alert.incident_id,
        class_=f"card severity-{alert.severity}",
        data_revision=alert.revision,
        aria_labelledby=None,
        tabindex="-1",
    )


def mark_severity(alert: Alert, language: Language) -> Element:
    """How grave: a word and one to four blocks, so that it does not hang on colour."""
    rank = RANK[alert.severity]
    return h(
        "span",
        f"{say('severity', language)}: {word('severity', alert.severity, language)} ",
        h("span", "■" * (rank + 1) + "□" * (3 - rank), aria_hidden="true"),
        class_=f"chip severity {alert.severity}",
    )


def mark_credibility(incident: Incident, language: Language) -> Element:
    """How sure: another word, another shape."""
    steps = CREDIBILITY.get(incident.grade, 0)
    return h(
        "span",
        f"{say('credibility', language)}: {word('grade', incident.grade, language)} ",
        h("span", "●" * steps + "○" * (3 - steps), aria_hidden="true"),
        class_="chip credibility",
    )


def toll(row: TollSummary, language: Language) -> Element:
    """`killed 6 (from 4 to 6)`; the best figure large, disagreement beside it."""
    spread: Part = None
    if row.low != row.high and row.low is not None and row.high is not None:
        spread = h("span", f" ({say('from_to', language, low=row.low, high=row.high)})", class_="spread")
    best = "?" if row.best is None else row.best
    return h("span", f"{word('toll', row.kind, language)} ", h("b", best), spread, class_="toll")


def not_told(language: Language) -> Element:
    """What stands where nobody gave a figure: not a zero."""
    return h("span", f"{word('toll', TollKind.KILLED, language)}: {say('not_told', language)}", class_="toll")


def claim_mark(incident: Incident, language: Language) -> Element | None:
    """Who claims it, marked as a claim; None where nobody does."""
    names = list(dict.fromkeys(claimant(incident, claim, language) for claim in incident.claims if claim.claimed))
    if not names:
        return None
    return h(
        "p",
        h("span", say("claim", language), class_="chip claim"),
        " ",
        [[h("bdi", name), " "] for name in names],
        h("span", f"({say('a_claim', language)})", class_="quiet"),
        class_="claims",
    )


def moment(at: datetime) -> Element:
    """A time in UTC; numbers and zone keep their own direction."""
    return h("bdi", h("time", f"{at:%Y-%m-%d %H:%M} UTC", datetime=at.isoformat()), dir="ltr")
