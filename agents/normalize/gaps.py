"""Pieces of words and the gaps between them: what a gap is made of says how sure it is that it was put there to hide.

`هـ` behind a year is the Hijri era and no piece of a word; quotes and brackets open something new; a stroke behind a
letter that only ends words is a dash.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import partial
from itertools import chain, pairwise
from typing import NamedTuple

from agents.normalize.letters import DIGITS, EMOJI, JUNK, LETTERS, SPACES, TATWEEL
from agents.normalize.words import key


class Gap(IntEnum):
    """What stands between two pieces (`_` a stroke), the likelier a torn word the higher."""

    WALL = 0
    """Everything else."""
    SPACE = 1
    """`ab cd`."""
    PUNCTUATION = 2
    """Dots, commas, slashes: `ab.cd`."""
    STROKE = 3
    """A stroke on one side and a space, `ab_ cd`, or strokes standing alone, `ab _  _ cd`: a preposition or a dash."""
    ODD = 4
    """A sign that does not stand between words: `ab*cd`, an emoji."""
    STRONG = 5
    """A stroke on one side and a sign: `ab_.cd`."""
    FORCED = 6
    """A stroke on either side, `ab_ _cd`, `ab_.._cd`: never ordinary writing."""


class Piece(NamedTuple):
    """A run of letters (and tatweels) at `start`–`end`; `word` is its letters, `key` their key."""

    start: int
    end: int
    word: str
    key: str
    torn: bool = False
    """Put together from several pieces."""


_piece: Callable[[tuple[int, int, str, str, bool]], Piece] = partial(tuple.__new__, Piece)  # `Piece._make` in C

_T, _L, _S, _J = TATWEEL, LETTERS, SPACES, JUNK + EMOJI
_PIECE = re.compile(f"{_T}*+[{_L}][{_L}{_T}]*+")
_LETTER = re.compile(f"[{_L}]")
_SIGNS = re.compile(f"[{_J}]{{1,4}}")
_NATURAL = re.compile(r"[.\u06d4\u2026,\u060c;\u061b:!/\\_'\-\u2010-\u2015]{1,4}")
_BRACKETS = re.compile("[<>()\\[\\]{}#&]")
_QUOTES = re.compile('["`\u00b4\u2018\u2019\u201c\u201d]')
_BLANK = re.compile(f"[{_S}]{{1,3}}")
_MIXED = re.compile(f"[{_S}{_J}{_T}]{{1,8}}")
_LONE_STROKES = re.compile(f"[{_S}]{{1,3}}{_T}+[{_S}]{{1,3}}(?:{_T}+[{_S}]{{1,3}})?")
_YEAR = re.compile(rf"[{DIGITS}][{_S}]?$")
_TORN = re.compile(
    rf"{_T}|[{_L}][{_J}]{{1,4}}+[{_L}]|(?<![{_L}])[{_L}](?:[{_S}]{{1,3}}+[{_L}]){{2}}(?![{_L}])",
)
"""What a line must have for a word in it to be torn."""
_BORDER = re.compile(f"\n|[{_J}{_S}]{{2,}}+")
_HAS_SIGN, _HAS_SPACE = re.compile(f"[{_J}]"), re.compile(f"[{_S}]")
_BETWEEN = _J + "«»‹›"
TIED = re.compile(f"[{_BETWEEN}](?<=[{_L}].)[{_BETWEEN}]{{0,3}}+[{_L}]")
"""Letters with signs alone between them."""
APART = re.compile(f"[{_S}{_BETWEEN}](?<=[{_L}].)(?<![{_L}]{{2}}.)[{_S}{_BETWEEN}]{{0,5}}+[{_L}](?![{_L}])")
"""Two single letters with spaces or signs between them. Most texts have neither, and a search that begins with what
stands between letters leaps over all words."""
_FINAL = frozenset("ةىء")
ARTICLES = frozenset({"ال", "وال", "فال", "بال", "كال", "لل", "ولل", "فلل"})
"""The article with its prepositions: never a word by itself."""
_MARGIN = 1
"""Pieces beside a suspicious gap that are looked at with it."""


def is_era(text: str, letter_at: int, end: int) -> bool:
    """Whether the stroke behind `letter_at` belongs to the abbreviation of the Hijri era."""
    return (
        text[letter_at : letter_at + 1] == "ه"
        and end == letter_at + 2
        and _YEAR.search(text[max(0, letter_at - 2) : letter_at]) is not None
        and not _LETTER.match(text, end)
    )


def stretches(text: str) -> Iterator[tuple[list[Piece], list[Gap]]]:
    """The stretches of the text in which something may be torn: their pieces and the gaps between these."""
    if not (_T in text or TIED.search(text) or APART.search(text)):
        return
    loose = sorted(match.start() for match in chain(TIED.finditer(text), APART.finditer(text)))
    keys = ""
    for start, end in _clauses(text):
        doubtful = text.find(_T, start, end) >= 0 or bisect_left(loose, start) < bisect_left(loose, end)
        if doubtful and _TORN.search(text, start, end):
            keys = keys or key(text)
            yield from _stretches_between(text, keys, start, end)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that no gap reaches out of: a line ends, or a sign has a space beside it and no stroke."""
    start = 0
    for match in _BORDER.finditer(text):
        first, end = match.span()
        if text[first] != "\n":
            stroked = text[first - 1 : first] == _T or text[end : end + 1] == _T
            if stroked or not _HAS_SIGN.search(text, first, end) or not _HAS_SPACE.search(text, first, end):
                continue
        yield start, first + 1
        start = first + 1
    yield start, len(text)


def _stretches_between(text: str, keys: str, opens: int, closes: int) -> Iterator[tuple[list[Piece], list[Gap]]]:
    pieces = []
    stroked = text.find(_T, opens, closes) >= 0
    for match in _PIECE.finditer(text, opens, closes):
        start, end = match.span()
        word, folded = match.group(), keys[start:end]
        if stroked and _T in word:
            word, folded = word.replace(_T, ""), folded.replace(_T, "")
        pieces.append(_piece((start, end, word, folded, False)))
    space = Gap.SPACE
    gaps = [
        space if not stroked and text[left.end : right.start] == " " else _gap(text, left, right)
        for left, right in pairwise(pieces)
    ]
    first = last = -1
    for at, gap in enumerate(gaps):
        if gap == Gap.WALL or (gap == Gap.SPACE and not len(pieces[at].word) == 1 == len(pieces[at + 1].word)):
            continue
        begin, end = _reach(gaps, at)
        if first >= 0 and begin > last:
            yield pieces[first : last + 1], gaps[first:last]
            first = begin
        first, last = (begin if first < 0 else first), max(last, end)
    if first >= 0:
        yield pieces[first : last + 1], gaps[first:last]


def _reach(gaps: list[Gap], at: int) -> tuple[int, int]:
    """The first and the last piece to look at for the gap `at`."""
    first, last = at, at + 1
    for _ in range(_MARGIN):
        if first and gaps[first - 1] != Gap.WALL:
            first -= 1
        if last < len(gaps) and gaps[last] != Gap.WALL:
            last += 1
    return first, last


def _gap(text: str, left: Piece, right: Piece) -> Gap:
    between = text[left.end : right.start]
    strokes = (text[left.end - 1] == _T) + (text[right.start] == _T)
    if between == " " and not strokes:
        return Gap.SPACE
    if not _MIXED.fullmatch(between) or (text[left.end - 1] == _T and left.word[-1] in _FINAL):
        return Gap.WALL
    if strokes == 2:
        return Gap.FORCED
    if strokes and (is_era(text, left.end - 2, left.end) or is_era(text, right.start - 1, right.start + 1)):
        return Gap.WALL
    if _SIGNS.fullmatch(between):
        return _signs(text, between, left, right, strokes)
    if _BLANK.fullmatch(between):
        return Gap.STROKE if strokes else Gap.SPACE
    return Gap.STROKE if _LONE_STROKES.fullmatch(between) else Gap.WALL


def _signs(text: str, between: str, left: Piece, right: Piece, strokes: int) -> Gap:
    """What a gap of signs alone is worth: quotes and brackets open, stars around a word stress it."""
    if _BRACKETS.search(between) or (
        _QUOTES.search(between) and (strokes or len(between) > 1 or _opens_quote(left, right))
    ):
        return Gap.WALL
    if between[0] in "*_" and _stressed(text, left.start, right.end, between[0]):
        return Gap.WALL
    if strokes:
        return Gap.WALL if between == "/" and right.key == "ه" else Gap.STRONG  # المتقدم/ـة ("applicant, m/f")
    return Gap.PUNCTUATION if _NATURAL.fullmatch(between) else Gap.ODD


def _opens_quote(left: Piece, right: Piece) -> bool:
    """Whether a quotation mark between letters opens or closes a quotation: by an article, by a preposition."""
    return left.word in ARTICLES or min(len(left.word), len(right.word)) < 2


def _stressed(text: str, start: int, end: int, sign: str) -> bool:
    """Whether this sign stands before or behind, with no letter on its other side: it stresses a word."""
    opens = text[start - 1 : start] == sign and not _LETTER.match(text[max(0, start - 2) : start - 1])
    return opens or (text[end : end + 1] == sign and not _LETTER.match(text, end + 1))
