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
NAMED: Final = frozenset({_OF, "post.killed"})
"""Without one of these tags no sentence names whom something was done to."""
_WHO: Final = frozenset({"الذي", "التي", "اللي", "يلي"})
_AND_THIS: Final = frozenset({"وهو", "وهي"})
_PARENT_OF: Final = frozenset({"ابو", "ام", "ابي", "اب"})
_STARTS_WITH_AND: Final = frozenset({"وليد", "وائل", "وسام", "وسيم", "وفاء", "ولاء", "وضاح", "وجيه"})
_LONGEST: Final = 5
"""Tokens of one name."""
_TITLES: Final = 4

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
            behind = max(hit.last for hit in tagged[at] if hit.tag == _OF) + 1
            begin = _past_titles(tagged, behind, end, counted)
            if begin is not None and begin not in counted and _presented(reading, tagged, begin, end):
                found[begin] = _named(begin, begin)
                at = begin + 1
                continue
        elif reading.forms[at] in _WHO and has(tagged, at + 1, "post.killed"):
            begin = _name_before(reading, tagged, at, max(first, at - _LONGEST), counted)
            if begin is not None:
                found[begin] = _named(begin, at - 1)
            at += 1
            continue
        elif found and _and_name(reading, tagged, at):
            begin = at
        if begin is None or begin in counted or not (begin == at or starts(reading, tagged, begin, end)):
            at += 1
            continue
        last = _last(reading, tagged, begin, end)
        found[begin] = _named(begin, last)
        at = last + 1
    return found


def _named(first: int, last: int) -> Quantity:
    return Quantity(first, last, 1, None, None, None, numbered=False, named=True)


def _presented(reading: Reading, tagged: Tagged, at: int, end: int) -> bool:
    """Whether words that nothing is known of are a name, because the next clause tells who he or she is: "…, وهو …"."""
    for place in range(at + 1, min(at + _LONGEST, end)):
        if reading.forms[place] in _AND_THIS:
            return place > at + 1 or bool(reading.breaks[place])
        if tagged.get(place - 1) or reading.breaks[place] or reading.forms[place][0].isdecimal():
            return False
    return False


def _name_before(reading: Reading, tagged: Tagged, at: int, first: int, counted: Mapping[int, Quantity]) -> int | None:
    """Where the name right before "who was killed" begins; what was done by its bearer is no loss."""
    done = at + 2
    if done < len(reading.forms) and not reading.breaks[done] and not _suffered(tagged, done):
        return None
    begin = None
    for place in range(at - 1, first - 1, -1):
        if reading.breaks[place + 1]:
            break
        if place in counted:
            return None if counted[place].low == 1 else begin
        if has(tagged, place, GIVEN):
            begin = place
    return begin


def _suffered(tagged: Tagged, at: int) -> bool:
    return any(has(tagged, at, tag) for tag in ("toll_stop", "toll_clause", "toll_filler"))


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
