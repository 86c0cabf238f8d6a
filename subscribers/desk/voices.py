"""The sources of an incident with the words that say it, marked; a claim's words are never shown."""

from collections.abc import Sequence

from schemas.kinds import DocRole, SourceRole
from schemas.records import Incident, Statement
from subscribers.desk.cards import moment
from subscribers.desk.timeline import outward
from subscribers.desk.tree import Element, Part, h
from subscribers.safe import web_link
from subscribers.words import Language, say, word


def voice(incident: Incident, statement: Statement, language: Language) -> Element:
    """One post of the incident: who, in which capacity, when, and the words that figures and the place rest on."""
    link = web_link(statement.url)
    name = statement.source_name or statement.source_id
    title: Part = None
    quotes: list[str] = []
    if statement.source_role is SourceRole.CLAIMS or statement.doc_role is DocRole.CLAIM:
        title = h("span", say("words_withheld", language), class_="quiet")
    else:
        quotes = _quotes(incident, statement)
    if statement.title and title is None:
        title = h("q", h("bdi", _marked(statement.title, quotes)), lang=_tag(statement.language))
    elsewhere = [quote for quote in quotes if quote not in (statement.title or "")]
    return h(
        "li",
        h(
            "p",
            h("b", outward(link, name) if link else h("bdi", name)),
            f" · {word('role', statement.source_role, language)} · ",
            h("bdi", f"{statement.source_reliability}{statement.information_credibility}", dir="ltr"),
            " · ",
            moment(statement.published_at),
        ),
        h("p", title) if title else None,
        h("p", say("copy", language), class_="quiet") if statement.copy_of else None,
        h("p", say("deleted", language), class_="quiet") if statement.deleted else None,
        h("p", say("evidence", language), ": ", _excerpts(elsewhere, statement.language), class_="quiet")
        if elsewhere
        else None,
    )


def _quotes(incident: Incident, statement: Statement) -> list[str]:
    """The words of this post that figures and the place rest on, each once."""
    rest = [row.evidence for row in incident.tolls] + [incident.place.evidence if incident.place else None]
    ours = (one for one in rest if one and one.post_id == statement.post_id and one.revision == statement.revision)
    return list(dict.fromkeys(" ".join(one.quote.split()) for one in ours if one.quote.strip()))


def _excerpts(quotes: Sequence[str], language: str) -> Part:
    marks: list[Part] = []
    for quote in quotes:
        marks += [" … ", h("q", h("bdi", h("mark", quote)), lang=_tag(language))]
    return marks[1:]


def _marked(title: str, quotes: Sequence[str]) -> list[Part]:
    """The title with the words that something rests on marked, the longer ones first where they overlap."""
    told: list[Part] = [title]
    for quote in sorted(quotes, key=len, reverse=True):
        for at, part in enumerate(told):
            if isinstance(part, str) and quote in part:
                before, after = part.split(quote, 1)
                told[at : at + 1] = [before, h("mark", quote), after]
                break
    return told


def _tag(language: str) -> str | None:
    return language if language.isascii() and language.replace("-", "").isalnum() else None
