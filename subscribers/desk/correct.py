"""The form by which a person corrects an incident, and what a sent one means. Pure; it works without any script."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from schemas.kinds import FeedbackKind
from schemas.records import Feedback, Incident
from subscribers import corrections
from subscribers.desk.tree import Element, Part, h
from subscribers.telling import headline
from subscribers.words import Language, say, word

NAME_LENGTH: Final = 200
NOTE_LENGTH: Final = 2000
OTHERS: Final = 200
"""So many other incidents are offered for a merger, the newest first; any other id may be typed."""

Find = Callable[[str], Incident | None]


def correction_form(incident: Incident, others: Iterable[Incident], form_word: str, language: Language) -> Element:
    """The form below an incident.

    Args:
        incident: as it now stands.
        others: incidents that it may be part of, the newest first.
        form_word: the session's word.
        language: of the page.
    """
    offered = [
        h("option", headline(one, language), value=one.incident_id)
        for one in others
        if one.incident_id != incident.incident_id and one.theatre == incident.theatre
    ][:OTHERS]
    posts = [
        h(
            "label",
            h("input", type="checkbox", name="post", value=one.post_id),
            h("bdi", one.source_name or one.source_id),
            [": ", h("bdi", one.title)] if one.title else None,
            class_="check",
        )
        for one in incident.statements
    ]
    return h(
        "form",
        # Enter in a field presses the first button: this one, which does nothing.
        h("button", disabled=True, hidden=True),
        h("input", type="hidden", name="word", value=form_word),
        h("input", type="hidden", name="lang", value=language),
        h("label", say("your_name", language), h("input", name="by", required=True, maxlength=NAME_LENGTH, dir="auto")),
        h("label", say("why", language), h("input", name="note", required=True, maxlength=NOTE_LENGTH, dir="auto")),
        h("p", say("told_to_all", language), class_="quiet"),
        h("p", _button(FeedbackKind.MUTE, language), " ", _button(FeedbackKind.NOT_AN_INCIDENT, language)),
        h(
            "fieldset",
            h("legend", say("same_as", language)),
            h("label", say("the_other", language), h("input", name="into", list="others", dir="ltr")),
            h("datalist", offered, id="others"),
            _button(FeedbackKind.MERGE, language),
        ),
        _split(posts, language),
        method="post",
        action=f"/incidents/{incident.incident_id}/correct",
        class_="correct",
    )


def _split(posts: Sequence[Element], language: Language) -> Part:
    if len(posts) < 2:
        return None
    legend = h("legend", say("something_else", language))
    return h("fieldset", legend, posts, _button(FeedbackKind.SPLIT, language))


def _button(kind: FeedbackKind, language: Language) -> Element:
    return h("button", word("correct", kind, language), type="submit", name="kind", value=kind)


def meant(form: Mapping[str, Sequence[str]], incident: Incident, find: Find, at: datetime) -> Feedback:
    """What a sent form says.

    Args:
        form: its fields, each with all its values.
        incident: which it was sent for.
        find: another incident by its id.
        at: now.

    Raises:
        ValueError: it says nothing that can be done; the sentence tells why.
    """
    kind = _one(form, "kind")
    said = {"by": _one(form, "by").strip()[:NAME_LENGTH], "note": _one(form, "note").strip()[:NOTE_LENGTH], "at": at}
    if not (said["by"] and said["note"]):
        raise ValueError("say who you are and why: whoever reads the alerts is told")
    if kind == FeedbackKind.MUTE:
        return corrections.mute(incident, **said)  # type: ignore[arg-type]
    if kind == FeedbackKind.NOT_AN_INCIDENT:
        return corrections.not_an_incident(incident, **said)  # type: ignore[arg-type]
    if kind == FeedbackKind.SPLIT:
        return corrections.split(incident, form.get("post", ()), **said)  # type: ignore[arg-type]
    if kind == FeedbackKind.MERGE:
        name = _one(form, "into").strip()
        other = find(name)
        if other is None:
            raise ValueError(f"there is no incident {name or '(none named)'} on this desk")
        return corrections.merge(incident, other, **said)  # type: ignore[arg-type]
    raise ValueError("press one of the buttons")


def _one(form: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(form.get(name, ())), "")
