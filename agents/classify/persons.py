"""People who are named rather than counted: "مقتل محمد …" (the killing of Muhammad …) is one dead, not a number.

A name is believed right behind a word for what was done to its bearer, or joined by "and" to another one; given names,
"father of", quotation marks and titles tell it from other words.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from agents.classify.matching import Hit
from agents.classify.quantities import Quantity
from agents.classify.text import Reading

GIVEN: Final = "toll_given"
TITLE: Final = "toll_title"
_OF: Final = "toll_of"
_PARENT_OF: Final = frozenset({"ابو", "ام", "ابي", "اب"})
_STARTS_WITH_AND: Final = frozenset({"وليد", "وائل", "وسام", "وسيم", "وفاء", "ولاء", "وضاح", "وجيه"})
_LONGEST: Final = 5
"""Tokens of one name."""
_TITLES: Final = 3

Tagged = Mapping[int, Sequence[Hit]]


def names(
    reading: Reading, first: int, end: int, tagged: Tagged, counted: Mapping[int, Quantity]
) -> dict[int, Quantity]:
    """The names between two tokens whose bearers were killed, wounded or taken, by their first token.

    Args:
        reading: the report's tokens.
        first: where to begin.
        end: where to stop.
        tagged: what the lexicon found there.
        counted: quantities found there; a counted noun in front of a name already stands for its bearer.
    """
    found: dict[int, Quantity] = {}
    at = first
    while at < end:
        begin = None
        if has(tagged, at, _OF) and reading.own[at]:
            begin = _past_titles(tagged, at + 1, end, counted)
        elif found and _and_name(reading, tagged, at):
            begin = at
        if begin is None or begin in counted or not (begin == at or starts(reading, tagged, begin, end)):
            at += 1
            continue
        last = _last(reading, tagged, begin, end)
        found[begin] = Quantity(begin, last, 1, None, None, None, numbered=False, named=True)
        at = last + 1
    return found


def has(tagged: Tagged, at: int, tag: str) -> bool:
    """Whether a tag stands at a token."""
    return any(hit.tag == tag for hit in tagged.get(at, ()))


def starts(reading: Reading, tagged: Tagged, at: int, end: int) -> bool:
    """Whether a person's name starts at a token: a given name, "father of", or a word in quotation marks."""
    if at >= end:
        return False
    form = reading.forms[at]
    if has(tagged, at, GIVEN) or form.startswith("عبدال"):
        return True
    if form in _PARENT_OF and at + 1 < end and not reading.breaks[at + 1]:
        return True
    quoted = reading.breaks[at].endswith('"')
    return quoted and not tagged.get(at)


def _past_titles(tagged: Tagged, at: int, end: int, counted: Mapping[int, Quantity]) -> int | None:
    for place in range(at, min(at + _TITLES, end)):
        if not has(tagged, place, TITLE) or place in counted:
            return place
    return None


def _and_name(reading: Reading, tagged: Tagged, at: int) -> bool:
    form = reading.forms[at]
    return form.startswith("و") and form not in _STARTS_WITH_AND and has(tagged, at, GIVEN)


def _last(reading: Reading, tagged: Tagged, at: int, end: int) -> int:
    """The last token of a name: up to a break, "and", or a word that the lexicon knows for something else."""
    last = at
    while last + 1 < min(at + _LONGEST, end):
        after = last + 1
        form = reading.forms[after]
        if reading.breaks[after] or form[0].isdecimal() or (form.startswith("و") and form not in _STARTS_WITH_AND):
            break
        if any(not hit.tag.startswith((GIVEN, TITLE, "noun:", "civilian")) for hit in tagged.get(after, ())):
            break
        last = after
    return last
