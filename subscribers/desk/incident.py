"""The page of one incident: what is said, by whom, how it came about, where."""

from collections.abc import Iterable, Sequence

from schemas.records import Alert, Claim, Correction, Incident
from subscribers.desk.cards import mark_credibility, mark_severity, moment, not_told, toll
from subscribers.desk.ledger import ledger
from subscribers.desk.map import draw
from subscribers.desk.pages import document
from subscribers.desk.timeline import revision
from subscribers.desk.tree import Element, Part, h
from subscribers.desk.voices import voice
from subscribers.telling import actor_name, claimant, headline, place_name, speaker, stated, totals
from subscribers.words import Language, say, word


def incident_page(story: Sequence[Alert], language: Language, correcting: Part = None) -> str:
    """The page.

    Args:
        story: all alerts of the incident, the newest first; at least one.
        language: of the page.
        correcting: the form for corrections, or the way to it; None where nobody can correct.
    """
    alert = story[0]
    incident = alert.incident
    title = headline(incident, language)
    other = "en" if language == "ar" else "ar"
    return document(
        title,
        language,
        f"/incidents/{alert.incident_id}?lang={other}",
        h(
            "main",
            h("p", h("a", say("back", language), href=f"/?lang={language}")),
            h("h1", h("bdi", title)),
            h(
                "p",
                mark_severity(alert, language),
                mark_credibility(incident, language),
                h("span", word("state", incident.state, language), class_="chip"),
                h("span", say("test", language), class_="chip test") if alert.test else None,
                class_="marks",
            ),
            h("p", [[toll(row, language), " "] for row in totals(incident)] or not_told(language), class_="tolls"),
            _merged(incident, language),
            _facts(incident, language),
            _section("facts", language, _stated(incident, language)) if incident.facts else None,
            _section(
                "ledger", language, h("p", say("ledger_note", language), class_="quiet"), ledger(incident, language)
            ),
            _section("claims", language, [_claim(incident, one, language) for one in incident.claims])
            if incident.claims
            else None,
            _section("corrections", language, h("ul", [_correction(one, language) for one in incident.corrected_by]))
            if incident.corrected_by
            else None,
            _section(
                "timeline", language, h("ol", [revision(told, incident, language) for told in story], class_="line")
            ),
            _section("sources", language, h("ul", [voice(incident, one, language) for one in incident.statements])),
            _section("map", language, draw(incident.place, language)),
            _section(
                "why_severe",
                language,
                h("ul", [h("li", one, lang="en", dir="ltr") for one in incident.severity.reasons]),
            ),
            _section("correct", language, correcting) if correcting else None,
            _section("formats", language, _formats(alert, language)),
            id="main",
            tabindex="-1",
            class_="incident",
        ),
    )


def _merged(incident: Incident, language: Language) -> Element | None:
    if incident.merged_into is None:
        return None
    link = h("a", say("other_incident", language), href=f"/incidents/{incident.merged_into}?lang={language}")
    return h("p", word("field", "merged_into", language), ": ", link, class_="notice")


def _correction(given: Correction, language: Language) -> Element:
    """What a person said of it: who, when, why, and the other incident where there is one."""
    other = h("a", say("other_incident", language), href=f"/incidents/{given.other}?lang={language}")
    return h(
        "li",
        moment(given.given_at),
        " · ",
        h("b", word("feedback", given.kind, language)),
        [" · ", h("bdi", given.by)] if given.by else None,
        [": ", h("bdi", given.note)] if given.note else None,
        [" · ", other] if given.other else None,
    )


def _section(name: str, language: Language, *content: Part) -> Element:
    return h("section", h("h2", say(name, language), id=name), content, aria_labelledby=name)


def _names(names: Iterable[str]) -> Part:
    """Each name once, with its own direction; None where there is none."""
    told: list[Part] = []
    for name in dict.fromkeys(names):
        told += [" · ", h("bdi", name)]
    return told[1:] or None


def _reasons(incident: Incident) -> Element:
    return h("ul", [h("li", reason) for reason in incident.severity.reasons], lang="en", dir="ltr")


def _facts(incident: Incident, language: Language) -> Element:
    comma = " · "
    time, place = incident.time, incident.place
    when: Part = [moment(time.event_start)]
    if time.event_end != time.event_start:
        when = [moment(time.event_start), " – ", moment(time.event_end)]
    told: list[tuple[str, Part]] = [
        ("what", [word("type", incident.event_type, language), comma, word("modality", incident.modality, language)]),
        ("when", [when, comma, word("basis", time.basis, language)]),
        (
            "where",
            [h("bdi", place_name(place, language)), comma, word("accuracy", place.accuracy, language)] if place else
            say("unknown_place", language),
        ),
        (
            "actors",
            _names(actor_name(incident, one.actor_id, language) for one in incident.actors),
        ),
        (
            "blamed",
            _names(actor_name(incident, one, language) for one in incident.attributed_to),
        ),
        (
            "measures",
            comma.join(dict.fromkeys(word("measure", one.kind, language) for one in incident.measures)) or None,
        ),
        ("certainty", [word("certainty", incident.certainty, language), comma, str(len(incident.origins)), " ",
                       say("origins", language)]),
    ]  # fmt: skip
    rows = [h("div", h("dt", say(name, language)), h("dd", value)) for name, value in told if value is not None]
    return h("dl", rows, class_="facts")


def _stated(incident: Incident, language: Language) -> Element:
    """What else is stated, one row a fact, with everybody who states it."""
    return h(
        "ul",
        [
            h(
                "li",
                word("fact", fact.kind, language),
                ": ",
                h("b", h("bdi", stated(incident, fact, language))),
                " · ",
                say("said_by", language),
                " ",
                _names(speaker(incident, origin, language) for origin in fact.origins or [fact.said_by]),
            )
            for fact in incident.facts
        ],
    )


def _claim(incident: Incident, claim: Claim, language: Language) -> Element:
    seen = say("first_hand", language) if claim.first_hand else None
    if claim.reported_by:
        seen = [say("reported_by", language), " ", h("bdi", speaker(incident, claim.reported_by, language))]  # type: ignore[assignment]
    return h(
        "div",
        h("p", h("span", say("a_claim" if claim.claimed else "claim", language), class_="chip claim")),
        h(
            "p",
            say("claimed_by" if claim.claimed else "denied_by", language),
            ": ",
            h("b", h("bdi", claimant(incident, claim, language))),
            " · ",
            word("claimmode", claim.claimmode, language),
            " · ",
            word("confirmation", claim.confirmed, language),
            [" · ", seen] if seen else None,
            " · ",
            moment(claim.statement_time or claim.seen_time),
        ),
        h("p", h("bdi", f"{claim.platform or ''} {claim.handle or ''}".strip())) if claim.handle else None,
        h("p", say("words_withheld", language), class_="quiet"),
        class_="claim-box",
    )


def _formats(alert: Alert, language: Language) -> Element:
    return h(
        "p",
        h("a", "CAP 1.2", href=f"/alerts/{alert.alert_id}.cap"),
        " · ",
        h("a", "STIX 2.1", href=f"/alerts/{alert.alert_id}.stix.json"),
        " · ",
        h("a", "JSON", href=f"/incidents/{alert.incident_id}.json"),
        " · ",
        h("a", "Atom", href=f"/alerts.atom?lang={language}"),
        " · ",
        h("a", "GeoJSON", href="/alerts.geojson"),
    )
