"""Single characters: what has no shape goes, what has two encodings gets one.

This pass needs the word lists only to tell a space from a joint where something invisible stands between letters.
Only it looks at vowel signs, positional shapes and keyboard variants; all others see plain letters. What is a mere
encoding (positional shapes, styled Latin, spaces) is repaired in every language; vowel signs and letter variants only
in Arabic, because in Persian, Kurdish and Urdu they are spelling.
"""

import re
from functools import lru_cache

from agents.normalize.arabic import expand
from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import (
    COMBINING,
    COMPOSED,
    INVISIBLE,
    JOINERS,
    LETTER,
    LETTERS,
    MARKS,
    PRESENTATION,
    SPACES,
    STACKED,
    VARIANTS,
    WORD,
)
from agents.normalize.words import LONGEST, Words, key

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
_COMBINING = frozenset("\u0653\u0654\u0655")
_PERSIAN_YEH = "یې"
_WORD_BEFORE = re.compile(f"[{LETTERS}]+$")
_COMPATIBLE = re.compile(f"[{PRESENTATION}{STYLED}]")


@lru_cache(maxsize=4096)
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


def _read_run(text: str, start: int, end: int, words: Words | None) -> Repair | None:
    """The repair of one run of characters that need a look; None where all stay. With `words` the text is Arabic."""
    letters: list[str] = []
    places: list[int] = []
    kinds: set[str] = set()
    first = start
    for place in range(start, end):
        char = text[place]
        if char in _COMBINING:
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
        read, kind = _read(char, words is not None)
        if words and read == "ي" and char in _PERSIAN_YEH and not LETTER.match(text, place + 1):
            read = _final_yeh(text, place, words)
        letters.extend(read)
        places.extend([place] * len(read))
        kinds.add(kind)
    after = "".join(letters)
    if after == text[first:end]:
        return None
    kind = _kind(text, start, end, kinds - {""})
    if kind == "invisible_inside" and words and _stands_between_words(text, start, end, words):
        return Repair(start, end, " ", "space", [start])
    return Repair(first, end, after, kind, places)


def _final_yeh(text: str, place: int, words: Words) -> str:
    """A final yeh of a Persian keyboard has no dots: yeh or alef maqsura, as the word is usually spelled."""
    before = _WORD_BEFORE.search(text, max(0, place - LONGEST), place)
    word = key("".join(VARIANTS.get(char, char) for char in before.group()) + "ي") if before else "ي"
    return "ى" if words.spelling.get(word, "").endswith("ى") else "ي"


def _stands_between_words(text: str, start: int, end: int, words: Words) -> bool:
    """Whether something invisible replaced a space: both sides are words, the whole is none."""
    left, right = _WORD_BEFORE.search(text, max(0, start - LONGEST), start), WORD.match(text, end, end + LONGEST)
    if not left or not right or min(len(left.group()), len(right.group())) < 3:
        return False
    before, behind = key(left.group()), key(right.group())
    return words.known(before) and words.known(behind) and not words.known(before + behind)


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


def repair_characters(draft: Draft, *, words: Words | None) -> None:
    """Bring every character of the draft into its plain form.

    Args:
        draft: the text.
        words: the word lists for an Arabic text, None for a text in another language.
    """
    text = draft.text
    pattern = _ARABIC if words else _ANY
    found = (_read_run(text, *match.span(), words) for match in pattern.finditer(text))
    draft.apply(repair for repair in found if repair)
