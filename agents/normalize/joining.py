"""Words torn apart: with tatweel (the stroke that lengthens a letter), dots, slashes, stars, emoji or bare spaces.

The text is cut into *pieces*, runs of Arabic letters, and the *gaps* between them; what a gap is made of says how sure
one can be that it was put there to hide a word:

- `FORCED`: a stroke on either side (`ab_ _cd`, `ab_.._cd`). Never ordinary writing; joined without asking.
- `STRONG`: a stroke on one side and a sign (`ab_.cd`). Joined, unless a preposition is written apart.
- `STROKE`: a stroke on one side and a space (`ab_ cd`), or strokes standing alone (`ab _  _ cd`). May be a preposition
  (لـ قسد "of the SDF") or a dash, so it is closed only where a word comes of it.
- `SIGNS`: signs alone (`ab.cd`). May be the end of a sentence, so the pieces must not be words themselves.
- `SPACE`: closed only between single letters, and beside a torn piece behind a letter that cannot carry a stroke.
- `WALL`: everything else.

`هـ` behind a year is the Hijri era and stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import DIGITS, EMOJI, JUNK, LETTERS, NON_JOINING, SPACES, TATWEEL
from agents.normalize.words import LONGEST, Words, key


class Gap(IntEnum):
    """What stands between two pieces."""

    WALL = 0
    SPACE = 1
    SIGNS = 2
    STROKE = 3
    STRONG = 4
    FORCED = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters (and tatweels) at `start`–`end`; `word` is its letters, `key` their key."""

    start: int
    end: int
    word: str
    key: str


_T, _L, _S, _J = TATWEEL, LETTERS, SPACES, JUNK + EMOJI
_PIECE = re.compile(f"{_T}*+[{_L}][{_L}{_T}]*+")
_LETTERS = re.compile(f"[{_L}]")
_SIGNS = re.compile(f"[{_J}]{{1,4}}")
_BLANK = re.compile(f"[{_S}]{{1,3}}")
_MIXED = re.compile(f"[{_S}{_J}{_T}]{{1,8}}")
_LONE_STROKES = re.compile(f"[{_S}]{{1,3}}{_T}+[{_S}]{{1,3}}(?:{_T}+[{_S}]{{1,3}})?")
_BEHIND_DIGIT = re.compile(rf"(?<=[{DIGITS}A-Za-z]){_T}++[{_S}{_J}]{{0,4}}+{_T}*+(?=[{_L}])")
_LONE = re.compile(rf"(?<![{_L}{_T}]){_T}++(?![{_L}{_T}])")
_STROKES = re.compile(f"{_T}++")
_YEAR = re.compile(rf"[{DIGITS}][{_S}]?$")
_TORN = re.compile(rf"{_T}|[{_L}][{_J}]{{1,4}}+[{_L}]|(?<![{_L}])[{_L}][{_S}][{_L}][{_S}][{_L}](?![{_L}])")
_CLITICS = frozenset("بلكوفه")
_WINDOW = 16
"""No word is torn into more pieces than this."""
_COMMON = 8
"""A word that this many texts of the frequency list use may come out of a join."""


def join_words(draft: Draft, words: Words) -> None:
    """Put torn words together, then take the other tatweels away; one that stands alone becomes a dash."""
    if not _TORN.search(draft.text):
        return
    draft.apply(Repair(*match.span(), "", "split") for match in _BEHIND_DIGIT.finditer(draft.text))
    draft.apply(_joins(draft.text, words))
    if TATWEEL in draft.text:
        text = draft.text
        draft.apply(Repair(*match.span(), "-", "dash", [match.start()]) for match in _LONE.finditer(text))
        text = draft.text
        strokes = (match for match in _STROKES.finditer(text) if not _is_era(text, match.start() - 1, match.end()))
        draft.apply(Repair(*match.span(), "", "tatweel") for match in strokes)


def _is_era(text: str, letter_at: int, end: int) -> bool:
    """Whether the stroke behind `letter_at` belongs to the abbreviation of the Hijri era."""
    return (
        text[letter_at : letter_at + 1] == "ه"
        and end == letter_at + 2
        and _YEAR.search(text[max(0, letter_at - 2) : letter_at]) is not None
        and not _PIECE.match(text, end)
    )


def _joins(text: str, words: Words) -> Iterator[Repair]:
    pieces = []
    keys = key(text)
    for match in _PIECE.finditer(text):
        start, end = match.span()
        word, folded = match.group(), keys[start:end]
        if _T in word:
            word, folded = word.replace(_T, ""), folded.replace(_T, "")
        pieces.append(Piece(start, end, word, folded))
    gaps = [_gap(text, left, right) for left, right in pairwise(pieces)]
    for first, last in _stretches(pieces, gaps):
        yield from _join_stretch(text, pieces[first : last + 1], gaps[first:last], words)


def _gap(text: str, left: Piece, right: Piece) -> Gap:
    between = text[left.end : right.start]
    strokes = (text[left.end - 1] == _T) + (text[right.start] == _T)
    if between == " " and not strokes:
        return Gap.SPACE
    if not _MIXED.fullmatch(between):
        return Gap.WALL
    if strokes and (_is_era(text, left.end - 2, left.end) or _is_era(text, right.start - 1, right.start + 1)):
        return Gap.WALL
    if strokes == 2:
        return Gap.FORCED
    signs_only = _SIGNS.fullmatch(between) is not None
    if strokes:
        return Gap.STRONG if signs_only else Gap.STROKE if _BLANK.fullmatch(between) else Gap.WALL
    if signs_only:
        return Gap.SIGNS
    if _LONE_STROKES.fullmatch(between):
        return Gap.STROKE
    return Gap.SPACE if _BLANK.fullmatch(between) else Gap.WALL


def _stretches(pieces: list[Piece], gaps: list[Gap]) -> Iterator[tuple[int, int]]:
    """First and last piece of every stretch in which something may be torn."""
    first = 0
    suspicious = False
    for at, gap in enumerate([*gaps, Gap.WALL]):
        if gap > Gap.SPACE or (gap == Gap.SPACE and len(pieces[at].word) == 1 == len(pieces[at + 1].word)):
            suspicious = True
        elif gap == Gap.WALL:
            if suspicious:
                yield first, at
            first, suspicious = at + 1, False


def _join_stretch(text: str, pieces: list[Piece], gaps: list[Gap], words: Words) -> Iterator[Repair]:
    """Join from the left, always the longest run of pieces that makes a word."""
    at = 0
    while at < len(pieces) - 1:
        last = _longest_join(pieces, gaps, at, words)
        if last > at:
            yield _repair(text, pieces[at : last + 1], gaps[at:last])
        at = last + 1


def _longest_join(pieces: list[Piece], gaps: list[Gap], at: int, words: Words) -> int:
    """The last piece of the word that begins with piece `at`."""
    reach, length = at, len(pieces[at].word)
    while reach < len(gaps) and reach - at < _WINDOW and gaps[reach] != Gap.WALL and length <= LONGEST + 4:
        reach += 1
        length += len(pieces[reach].word)
    for last in range(reach, at, -1):
        if last < len(gaps) and gaps[last] == Gap.FORCED:
            continue
        if _is_one_word(pieces[at : last + 1], gaps[at:last], words):
            return last
    last = at
    while last < len(gaps) and gaps[last] == Gap.FORCED:
        last += 1
    return last


def _is_one_word(pieces: list[Piece], gaps: list[Gap], words: Words) -> bool:
    """Whether these pieces, with these gaps between them, are one word."""
    pieces, gaps = _merge_forced(pieces, gaps)
    if not gaps:
        return True
    whole = "".join(piece.key for piece in pieces)
    interesting = words.interesting(whole)
    weakest = min(gaps)
    if _preposition_apart(pieces, gaps, words) and not (weakest == Gap.STRONG and interesting):
        return False
    if weakest == Gap.STRONG:
        return True
    if all(len(piece.word) == 1 for piece in pieces):
        return len(pieces) > 2 and interesting and whole not in words.abbreviations
    if not (interesting or (len(whole) > 3 and words.common(whole, _COMMON))):
        return False
    standing = [len(piece.key) > 1 and words.known(piece.key) for piece in pieces]
    torn = max(gaps) >= Gap.STRONG or len(pieces) > 2
    if weakest == Gap.SPACE:
        return _closes_space(pieces, gaps, standing)
    if weakest == Gap.SIGNS:
        return _closes_signs(pieces, standing, words, interesting=interesting, torn=torn)
    return not all(standing)


def _merge_forced(pieces: list[Piece], gaps: list[Gap]) -> tuple[list[Piece], list[Gap]]:
    """The pieces with every forced gap closed."""
    if Gap.FORCED not in gaps:
        return pieces, gaps
    merged = [pieces[0]]
    left: list[Gap] = []
    for piece, gap in zip(pieces[1:], gaps, strict=True):
        if gap == Gap.FORCED:
            last = merged[-1]
            merged[-1] = Piece(last.start, piece.end, last.word + piece.word, last.key + piece.key)
        else:
            merged.append(piece)
            left.append(gap)
    return merged, left


def _preposition_apart(pieces: list[Piece], gaps: list[Gap], words: Words) -> bool:
    """Whether the first piece is a one-letter word written apart from a word: لـ قسد ("of the SDF")."""
    first = pieces[0].word
    rest = "".join(piece.key for piece in pieces[1:])
    return first in _CLITICS and gaps[0] != Gap.SIGNS and len(rest) > 2 and words.known(rest)


def _closes_space(pieces: list[Piece], gaps: list[Gap], standing: list[bool]) -> bool:
    """A bare space is torn open only behind a letter that carries no stroke, beside a piece that is torn elsewhere."""
    for at, gap in enumerate(gaps):
        if gap != Gap.SPACE:
            continue
        if pieces[at].word[-1] not in NON_JOINING or pieces[at].word == "و" or (standing[at] and standing[at + 1]):
            return False
        torn_left = at > 0 or pieces[at].end - pieces[at].start > len(pieces[at].word)
        torn_right = at + 1 < len(gaps) or pieces[at + 1].end - pieces[at + 1].start > len(pieces[at + 1].word)
        if not (torn_left or torn_right):
            return False
    return True


def _closes_signs(pieces: list[Piece], standing: list[bool], words: Words, *, interesting: bool, torn: bool) -> bool:
    """Signs between words are punctuation; between pieces that are no words they tear a word apart."""
    if all(piece.key in words.letter_names for piece in pieces):
        return False
    if not all(standing):
        return interesting or len(pieces[0].word) > 1 or torn
    if torn:
        return interesting
    return interesting and min(len(piece.word) for piece in pieces) < 3 and not words.interesting(pieces[0].key)


def _repair(text: str, pieces: list[Piece], gaps: list[Gap]) -> Repair:
    start, end = pieces[0].start, pieces[-1].end
    places = [match.start() for match in _LETTERS.finditer(text, start, end)]
    kind = "split" if max(gaps) >= Gap.STROKE else "spaced" if max(gaps) == Gap.SPACE else "separator"
    return Repair(start, end, "".join(piece.word for piece in pieces), kind, places)
