"""Letters set apart by brackets and quotation marks, `ه(ج)وم`, `«ق»«ت»«ل»`, or written one below the other.

What brackets mean in ordinary writing stays: an ending put behind a word (المعلم(ة), "teacher, m/f"), a word behind
its article or a preposition (و"داعش"). Everything else is read only where a word that people hide comes of it.
"""

import re
from collections.abc import Iterator

from agents.normalize.draft import Draft, Repair
from agents.normalize.gaps import APART, ARTICLES, TIED
from agents.normalize.letters import EMOJI, JUNK, LETTERS, SPACES
from agents.normalize.words import LONGEST, PREFIXES, SUFFIXES, Words, key

_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">", "«": "»", "‹": "›", "\u201c": "\u201d", "\u2018": "\u2019"}
_OPENED_BY = {closing: opening for opening, closing in _PAIRS.items()}
_WRAPS = re.escape("".join((*_PAIRS, *_OPENED_BY)) + "\"'`\u00b4#")
_L, _S, _J = LETTERS, SPACES, JUNK + EMOJI + "«»‹›"
_SIGN = re.compile(f"[{_WRAPS}]")
_WRAPPED = re.compile(f"[{_L}]++(?:[{_J}]{{1,4}}+[{_L}]++)+")
_LETTERS_APART = re.compile(f"(?<![{_L}])[{_L}](?:[{_S}{_J}]{{1,6}}+[{_L}](?![{_L}]))+")
_COLUMN = re.compile(f"^[{_S}]*+[{_J}]?[{_L}][{_J}]?[{_S}]*+(?:\n[{_S}]*+[{_J}]?[{_L}][{_J}]?[{_S}]*+)+$", re.MULTILINE)
_STARS = re.compile(f"\\*[{_L}](?:\\*[{_L}])+\\*")
"""A star around every letter: `*ق*ت*ل*`; around a word it only stresses it."""
_LETTER = re.compile(f"[{_L}]")
_PIECE = re.compile(f"[{_L}]+")
_CLITICS = frozenset("وفبلك")
_LONGEST = 5 * LONGEST
"""Characters; no hidden word with its brackets is longer."""
_SHORTEST = 3


def unwrap_words(draft: Draft, words: Words) -> None:
    """Take brackets and quotation marks out of words that people hide, and put letters below each other in a row."""
    if _SIGN.search(draft.text) or _STARS.search(draft.text):
        if TIED.search(draft.text):
            draft.apply(_unwrapped(draft.text, _WRAPPED, words))
        if APART.search(draft.text):
            draft.apply(_unwrapped(draft.text, _LETTERS_APART, words))
    if "\n" in draft.text:
        draft.apply(_columns(draft.text, words))


def _unwrapped(text: str, pattern: re.Pattern[str], words: Words) -> Iterator[Repair]:
    for match in pattern.finditer(text):
        start, end = match.span()
        if end - start > _LONGEST or not (_SIGN.search(text, start, end) or _STARS.match(text, start - 1)):
            continue
        pieces = _PIECE.findall(text, start, end)
        if _hidden([key(piece) for piece in pieces], words):
            places = [at for at in range(start, end) if _LETTER.match(text, at)]
            yield Repair(*_with_its_brackets(text, start, end), "".join(pieces), "separator", places)


def _hidden(pieces: list[str], words: Words) -> bool:
    """Whether these pieces (keys) are one word that somebody tore, and not a word with an article or an ending."""
    whole, first, last = "".join(pieces), pieces[0], pieces[-1]
    if not _SHORTEST <= len(whole) <= LONGEST or not words.interesting(whole):
        return False
    if len(pieces) == 2 and (first in _CLITICS or first in ARTICLES or (first in PREFIXES and words.known(last))):
        return False
    if len(pieces) == 2 and last in SUFFIXES and words.known(first):
        return False
    return not all(len(piece) >= _SHORTEST and words.known(piece) for piece in pieces)


def _with_its_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with a bracket before it and one behind it, where these belong to brackets inside: `(ه)(ج)وم`."""
    closes, opens = "", ""
    for char in text[start:end]:
        if char in _PAIRS:
            opens += char
        elif char in _OPENED_BY:
            if opens.endswith(_OPENED_BY[char]):
                opens = opens[:-1]
            else:
                closes += char
    before, behind = text[start - 1 : start], text[end : end + 1]
    if closes and before == _OPENED_BY[closes[0]]:
        start -= 1
    if opens and behind == _PAIRS[opens[-1]]:
        end += 1
    return start, end


def _columns(text: str, words: Words) -> Iterator[Repair]:
    for match in _COLUMN.finditer(text):
        start, end = match.span()
        letters = [at for at in range(start, end) if _LETTER.match(text, at)]
        word = "".join(text[at] for at in letters)
        if _SHORTEST <= len(word) <= LONGEST and words.interesting(key(word)):
            yield Repair(letters[0], letters[-1] + 1, word, "spaced", letters)
