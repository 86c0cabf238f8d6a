"""Letters replaced by what looks or sounds like them: digits, Latin and Hebrew letters, stars.

Nothing here happens without the word lists: a token is read differently only if it becomes a word that people hide.
Digits that stand between words without spaces (`الساعة5مساء`, "5 in the evening") and decimals as agencies write them
(`7ر9`, 7.9) are no disguise.
"""

import re
from collections.abc import Iterator
from itertools import product

from agents.normalize.dotless import undotted
from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import DIGITS, LETTERS
from agents.normalize.words import LONGEST, Words, key

SUBSTITUTES = {
    "1": "ا", "!": "ا", "|": "ا", "l": "ا", "I": "ا", "i": "ا", "ו": "ا", "ן": "ا", "@": "ا", "2": "ءا", "3": "ع",
    "4": "ش", "5": "خ", "6": "ط", "7": "ح", "8": "قغ", "9": "قص", "0": "هو", "٠": "ه", "١": "ا", "٢": "ء", "٣": "ع",
    "٥": "ه", "٦": "ط", "٧": "ح", "٨": "ق", "٩": "وق", "۱": "ا", "۵": "ه", "o": "ه", "O": "ه", "ס": "م", "ם": "م",
    "ב": "د", "כ": "د", "נ": "ذ", "q": "ق", "t": "تط", "d": "دض", "r": "ر", "s": "سص", "$": "سش", "ש": "ش", "a": "ا",
    "b": "ب", "w": "و", "m": "م", "n": "ن", "k": "ك", "f": "ف", "h": "هح", "j": "ج", "z": "ز", "y": "ي", "e": "ي",
    "g": "غ", "u": "و", "о": "ه", "A": "ا", "а": "ا", "р": "ر", "ᴏ": "ه",
}  # fmt: skip
"""What stands in for a letter, by shape or as in Arabic written with Latin letters and digits -> letters (keys)."""

_SUBS = re.escape("".join(SUBSTITUTES))
_TOKEN = re.compile(f"(?<![{LETTERS}{_SUBS}])[{LETTERS}]*+[{_SUBS}][{LETTERS}{_SUBS}]*+")
"""A run of letters and substitutes that is not letters alone."""
_HAS_SUB = re.compile(f"[{_SUBS}](?:(?=[{LETTERS}])|(?<=[{LETTERS}].))")
"""A substitute beside a letter; begins with the rarer of the two, so that the search leaps from one to the next."""
_SUB_RUN = re.compile(f"[{_SUBS}]+")
_PUNCTUATION = "!|@$"
_CLOSING = "?؟.!،,:؛"
_DIGIT = re.compile(f"[{DIGITS}]")
_NUMBER = re.compile(f"[{DIGITS}]ر[{DIGITS}]|[{DIGITS}]{{2}}")
_READINGS = 256
"""A token with more possible readings than this is not read."""
_STARRED = re.compile(f"[{LETTERS}*]{{3,{LONGEST}}}")


def read_substitutes(draft: Draft, words: Words) -> None:
    """Read digits, Latin letters and signs inside Arabic words as the letters that they stand for."""
    if _HAS_SUB.search(draft.text):
        draft.apply(_substitutes(draft.text, words))


def _substitutes(text: str, words: Words) -> Iterator[Repair]:
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip(_PUNCTUATION)
        leading = _PUNCTUATION if text[match.start() - 1 : match.start()] in _CLOSING else "|@$"
        start = match.start() + len(token) - len(token.lstrip(leading))
        token = token.lstrip(leading)
        if not 2 < len(token) <= LONGEST or not _HAS_SUB.search(token) or _NUMBER.search(token):
            continue
        before, after = text[start - 1 : start], text[start + len(token) : start + len(token) + 1]
        if (before.isalnum() and before.isascii()) or (after.isalnum() and after.isascii()):
            continue
        read = _read(token, words)
        if read:
            yield Repair(start, start + len(token), read, "substitute", range(start, start + len(token)))


def _read(token: str, words: Words) -> str | None:
    if any(len(run) > 2 or (len(run) > 1 and run.isalpha()) for run in _SUB_RUN.findall(token)):
        return None  # a word or abbreviation of its own
    options = [SUBSTITUTES.get(char, char) for char in key(token)]
    readings = 1
    for option in options:
        readings *= len(option)
    if readings > _READINGS:
        return None
    for candidate in map("".join, product(*options)):
        word = candidate if words.interesting(candidate) else undotted(candidate, words)
        if word and not _number_beside(token, word, words):
            return words.spell(word, token)
    return None


def _number_beside(token: str, word: str, words: Words) -> bool:
    """Whether a digit or sign at the end of the token rather stands beside a word, without a space between."""
    if not (_DIGIT.match(token[0]) or _DIGIT.match(token[-1]) or token[0] in _PUNCTUATION):
        return False
    rest = max(_SUB_RUN.split(token), key=len)
    return words.counts.get(key(rest), 0) >= words.counts.get(word, 0)


def read_stars(draft: Draft, words: Words) -> None:
    """Read stars inside a word as the letters that they cover, where one word of interest fits best."""
    if "*" in draft.text:
        draft.apply(_stars(draft.text, words))


def _stars(text: str, words: Words) -> Iterator[Repair]:
    for match in _STARRED.finditer(text):
        token = match.group()
        if token[0] == "*" or token[-1] == "*" or "*" not in token or text[match.end() : match.end() + 1] == "*":
            continue
        read = words.fill(key(token), "*")
        if read:
            yield Repair(*match.span(), words.spell(read, token), "stars", range(*match.span()))
