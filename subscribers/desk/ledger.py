"""The ledger of figures: one table a kind, a bar for every speaker on one scale, so that disagreement is seen.

Bars are inline SVG; the same figures stand in the table as text.
"""

from schemas.kinds import Party, TollKind
from schemas.records import Incident, TollRow, TollSummary
from subscribers.desk.cards import moment
from subscribers.desk.tree import Element, Part, h
from subscribers.telling import figure, speaker, totals
from subscribers.words import Language, say, word

WIDTH = 240
HEIGHT = 18


def ledger(incident: Incident, language: Language) -> list[Element]:
    """All kinds that anybody gave a figure of."""
    kinds = dict.fromkeys(row.kind for row in incident.tolls)
    summaries = {row.kind: row for row in totals(incident)}
    return [_kind(incident, kind, summaries.get(kind), language) for kind in kinds]


def _kind(incident: Incident, kind: TollKind, summary: TollSummary | None, language: Language) -> Element:
    rows = [row for row in incident.tolls if row.kind is kind]
    scale = max((row.high or row.low or 0 for row in rows), default=0) or 1
    name = word("toll", kind, language)
    columns = ("speaker", "figure", "whom", "stated_at")
    return h(
        "section",
        h("h3", name),
        h("p", _agreement(summary, language), class_="quiet"),
        h(
            "div",
            h(
                "table",
                h("caption", say("chart", language, kind=name), class_="unseen"),
                h("thead", h("tr", [h("th", say(column, language), scope="col") for column in columns])),
                h("tbody", [_row(incident, row, summary, scale, language) for row in rows]),
            ),
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label=say("chart", language, kind=name),
        ),
        class_="ledger",
    )


def _agreement(summary: TollSummary | None, language: Language) -> str:
    if summary is None or summary.low is None or summary.high is None:
        return ""
    if summary.low == summary.high:
        return say("agree", language)
    return say("disagree", language, low=summary.low, high=summary.high)


def _row(incident: Incident, row: TollRow, summary: TollSummary | None, scale: int, language: Language) -> Element:
    old = row.superseded or row.superseded_by is not None
    part = row.of_which is not None or row.parent_row_id is not None
    notes: Part = [
        [h("span", say("superseded", language), class_="chip"), " "] if old else None,
        h("span", say("part_of", language), class_="chip") if part else None,
    ]
    whom = word("party", row.party, language) if row.party is not Party.UNKNOWN else "–"
    return h(
        "tr",
        h("th", h("bdi", speaker(incident, row.said_by, language)), scope="row"),
        h("td", bar(row, summary, scale, faint=old or part), " ", h("bdi", figure(row)), " ", notes),
        h("td", whom),
        h("td", moment(row.stated_at) if row.stated_at else "–"),
        class_="old" if old else None,
    )


def bar(row: TollRow, summary: TollSummary | None, scale: int, *, faint: bool) -> Element:
    """One figure on the scale of all: solid to what is sure, hatched to the upper bound, a line at the best figure."""
    low = row.low or 0
    high = row.high if row.high is not None else low
    best = summary.best if summary else None
    return h(
        "svg",
        h("rect", class_="track", width=WIDTH, height=HEIGHT),
        h("rect", class_="upto", width=_on(high, scale), height=HEIGHT, y=0),
        h("rect", class_="sure", width=_on(low, scale), height=HEIGHT, y=0),
        h("path", class_="best", d=f"M{_on(best, scale)},0V{HEIGHT}") if best is not None else None,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="bar faint" if faint else "bar",
        aria_hidden="true",
        direction="ltr",
    )


def _on(value: int, scale: int) -> float:
    return round(min(value / scale, 1.0) * WIDTH, 1)
