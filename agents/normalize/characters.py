"""Single characters: what has no shape goes, what has two encodings gets one.

This pass needs no word list. Only it looks at vowel signs, positional shapes and keyboard variants; all others see
plain letters. What is a mere encoding (positional shapes, styled Latin, spaces) is repaired in every language; vowel
signs and letter variants only in Arabic, because in Persian, Kurdish and Urdu they are spelling.
"""

import re

from agents.normalize.arabic import expand
from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import (
    COMBINING,
    COMPOSED,
    INVISIBLE,
    JOINERS,
    LETTER,
    MARKS,
    PRESENTATION,
    SPACES,
    STACKED,
    VARIANTS,
)

STYLED = "\uff01-\uff5e\u24b6-\u24e9\U0001d400-\U0001d7ff\U0001f130-\U0001f149"
"""Full-width, circled, mathematical and squared Latin letters and digits."""

_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"
_BROKEN = "\ud800-\udfff"
_ODD_SPACES = SPACES.replace(" ", "")
_ENCODINGS = INVISIBLE + PRESENTATION + STYLED + _ODD_SPACES + _BREAKS + _BROKEN
_ANY = re.compile(f"[{_ENCODINGS}]+")
_ARABIC = re.compile(f"[{_ENCODINGS}{MARKS}{COMBINING}{STACKED}{''.join(VARIANTS)}]+")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_MARK = re.compile(f"[{MARKS}{STACKED}{COMBINING}]")
_SPACE = re.compile(f"[{_ODD_SPACES}]")
_COMPATIBLE = re.compile(f"[{PRESENTATION}{STYLED}]")


def _read(char: str, arabic: bool) -> tuple[str, str]:
    """What one character is read as, and the kind of the repair."""
    if char in VARIANTS:
        return (VARIANTS[char], "variant") if arabic else (char, "")
    if _COMPATIBLE.match(char):
        plain = "".join(c for c in expand(char) if not _MARK.match(c)).strip()
        return ("".join(VARIANTS.get(c, c) for c in plain) if arabic else plain), "presentation"
    if _INVISIBLE.match(char):
        return ("", "invisible") if arabic or char not in JOINERS else (char, "")
    if _MARK.match(char):
        return "", "marks"
    if _SPACE.match(char):
        return " ", "space"
    if char in _BREAKS:
        return "\n", "space"
    return "\ufffd", "broken"


def _read_run(text: str, start: int, end: int, arabic: bool) -> Repair | None:
    """The repair of one run of characters that need a look; None where all stay."""
    letters: list[str] = []
    places: list[int] = []
    kinds: set[str] = set()
    first = start
    for place in range(start, end):
        char = text[place]
        if char in COMBINING_SET:
            before = letters[-1] if letters else text[start - 1 : start]
            composed = COMPOSED.get(before + char)
            if composed and letters:
                letters[-1] = composed
            elif composed:
                letters, places, first = [composed], [start - 1], start - 1
            kinds.add("marks")
            continue
        if char == "\r" and text[place + 1 : place + 2] == "\n":
            kinds.add("space")
            continue
        read, kind = _read(char, arabic)
        letters.extend(read)
        places.extend([place] * len(read))
        kinds.add(kind)
    after = "".join(letters)
    if after == text[first:end]:
        return None
    return Repair(first, end, after, _kind(text, start, end, kinds - {""}), places)


def _kind(text: str, start: int, end: int, kinds: set[str]) -> str:
    if kinds == {"invisible"}:
        inside = (
            start > 1 and LETTER.match(text, start - 2) and LETTER.match(text, start - 1) and LETTER.match(text, end)
        )
        return "invisible_inside" if inside else "invisible"
    for kind in ("presentation", "variant", "invisible", "marks", "space"):
        if kind in kinds:
            return kind
    return "broken"


COMBINING_SET = frozenset("\u0653\u0654\u0655")


def repair_characters(draft: Draft, *, arabic: bool) -> None:
    """Bring every character of the draft into its plain form."""
    text = draft.text
    pattern = _ARABIC if arabic else _ANY
    found = (_read_run(text, *match.span(), arabic) for match in pattern.finditer(text))
    draft.apply(repair for repair in found if repair)
