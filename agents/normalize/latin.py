"""English words hidden by Cyrillic and Greek look-alikes, digits and signs for letters, or letters set apart.

Only words of the short English list are read so; a token whose Latin letters are mixed with look-alikes of another
alphabet is brought back to Latin whatever it is, because no language mixes them.
"""

import re
from collections.abc import Iterator
from itertools import product

from agents.normalize.draft import Draft, Repair
from agents.normalize.words import Words

CONFUSABLE = dict(
    zip("АВСЕНІЈКМОРЅТХУасеіјорѕухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν", "ABCEHIJKMOPSTXYaceijopsyxdhqwABEZHIKMNOPTYXoav", strict=True)
)
"""Cyrillic and Greek letters that look like Latin ones."""

LEET = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "il"}
"""Digits and signs that people write for Latin letters -> which."""

_C = "A-Za-z0-9@$!|*\u0370-\u04ff\u0500-\u052f"
_TOKEN = re.compile(f"(?<![{_C}])[A-Za-z]*+[0-9@$!|*\u0370-\u04ff\u0500-\u052f][{_C}]*+")
"""A run of letters, digits and signs that is not Latin letters alone."""
_ADDRESS = re.compile("[\\w/@#.:]")
_LETTER = re.compile("[A-Za-z\u0370-\u052f]")
"""Without one there is nothing to look for; `re` leaps to the first character of a class, not to an alternative."""
_NEEDS = re.compile(
    "[A-Za-z][@$!|*0-9]|[@$!|0-9][A-Za-z]|[\u0370-\u052f]|(?<![A-Za-z])[A-Za-z][._ *-][A-Za-z][._ *-][A-Za-z]"
)
_SPACED = re.compile(r"(?<![A-Za-z0-9])[A-Za-z](?:[.\-_* ][A-Za-z]){2,24}(?![A-Za-z0-9])")
_LONGEST = 24
_LATIN = re.compile("[A-Za-z]")


def read_latin(draft: Draft, words: Words) -> None:
    """Bring hidden English words back."""
    if _LETTER.search(draft.text) and _NEEDS.search(draft.text):
        draft.apply(_spaced(draft.text, words))
        draft.apply(_mixed(draft.text, words))


def _spaced(text: str, words: Words) -> Iterator[Repair]:
    for match in _SPACED.finditer(text):
        places = [place for place in range(*match.span()) if text[place].isalpha()]
        word = "".join(text[place] for place in places)
        if len(word) > 3 and word.lower() in words.english:
            yield Repair(*match.span(), word, "latin", places)


def _mixed(text: str, words: Words) -> Iterator[Repair]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        token = match.group()
        if not 2 < len(token) < _LONGEST or token.isdecimal() or (start and _ADDRESS.match(text, start - 1)):
            continue
        while token and token[-1] in "!|@$*":
            token, end = token[:-1], end - 1
        read = _read(token, words)
        if read and read != token:
            yield Repair(start, end, read, "latin", range(start, end))


def _read(token: str, words: Words) -> str | None:
    plain = "".join(CONFUSABLE.get(char, char) for char in token)
    if plain != token and plain.isascii() and (_LATIN.search(token) or plain.lower() in words.english):
        return plain
    if not plain.isascii() or not _LATIN.search(plain) or sum(char in LEET for char in plain) > 5:
        return None
    options = [LEET.get(char, char) for char in plain.lower()]
    for candidate in map("".join, product(*options)):
        if candidate in words.english:
            return "".join(c if p in LEET else p for p, c in zip(plain, candidate, strict=True))
    return None
