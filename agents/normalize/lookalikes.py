"""Letters replaced by what looks or sounds like them: digits, Latin and Hebrew letters, stars, dots lost or changed.

Nothing here happens without the word lists: a token is read differently only if it is no word as it stands and
becomes a word that people hide. Digits that stand between words without spaces (`الساعة5مساء`, "5 in the evening")
and decimals as agencies write them (`7ر9`, 7.9) are no disguise.
"""

import re
from collections.abc import Iterator
from itertools import product

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import DIGITS, FOREIGN, LETTERS, NEAREST, RASM, VARIANTS, WORD
from agents.normalize.words import LONGEST, Words, key

SUBSTITUTES = {
    "1": "ا", "!": "ا", "|": "ا", "l": "ا", "I": "ا", "i": "ا", "ו": "ا", "ן": "ا", "@": "ا", "2": "ءا", "3": "ع",
    "4": "ش", "5": "خه", "6": "ط", "7": "ح", "8": "قغ", "9": "قص", "0": "هو", "٠": "ه", "١": "ا", "٢": "ء", "٣": "ع",
    "٥": "ه", "٦": "ط", "٧": "ح", "٨": "ق", "٩": "وق", "۱": "ا", "۵": "ه", "o": "ه", "O": "ه", "ס": "م", "ם": "م",
    "ב": "د", "כ": "د", "נ": "ذ", "q": "ق", "t": "تط", "d": "دض", "r": "ر", "s": "سص", "$": "سش", "ש": "ش", "a": "ا",
    "b": "ب", "w": "و", "m": "م", "n": "ن", "k": "ك", "f": "ف", "h": "هح", "j": "ج", "z": "ز", "y": "ي", "e": "ي",
    "g": "غ", "u": "و", "о": "ه", "а": "ا", "р": "ر", "ᴏ": "ه",
}  # fmt: skip
"""What stands in for a letter, by shape or as in Arabic written with Latin letters and digits -> letters (keys)."""

_SUBS = re.escape("".join(SUBSTITUTES))
_TOKEN = re.compile(f"[{LETTERS}{_SUBS}]{{3,}}")
_HAS_SUB = re.compile(f"[{LETTERS}][{_SUBS}]|[{_SUBS}][{LETTERS}]")
_SUB_RUN = re.compile(f"[{_SUBS}]+")
_PUNCTUATION = "!|@$"
_DECIMAL = re.compile(f"[{DIGITS}]ر[{DIGITS}]|[{DIGITS}]{{2}}")
_READINGS = 256
"""A token with more possible readings than this is not read."""

_STARRED = re.compile(f"[{LETTERS}*]{{3,{LONGEST}}}")
_FOREIGN = re.compile(f"[{LETTERS}]*[{FOREIGN}][{LETTERS}]*")
_DOTTED = re.compile("[بتثجخذزشضظغفقنيةأإ]")
_DOTLESS_SHARE = 0.06
"""In ordinary Arabic more than four letters in ten carry dots; below this share a text is written without them."""
_DOTLESS = "حدرسصطعىكهوي"
_LETTER = re.compile(f"[{LETTERS}]")


def read_substitutes(draft: Draft, words: Words) -> None:
    """Read digits, Latin letters and signs inside Arabic words as the letters that they stand for."""
    if _HAS_SUB.search(draft.text):
        draft.apply(_substitutes(draft.text, words))


def _substitutes(text: str, words: Words) -> Iterator[Repair]:
    for match in _TOKEN.finditer(text):
        token = match.group().rstrip(_PUNCTUATION)
        start = match.start() + len(token) - len(token.lstrip("|@$"))
        token = token.lstrip("|@$")
        if not _HAS_SUB.search(token) or len(token) > LONGEST or _DECIMAL.search(token):
            continue
        before, after = text[start - 1 : start], text[start + len(token) : start + len(token) + 1]
        if (before.isalnum() and before.isascii()) or (after.isalnum() and after.isascii()):
            continue
        read = _read_token(token, words)
        if read:
            yield Repair(start, start + len(token), read, "substitute", range(start, start + len(token)))


def _read_token(token: str, words: Words) -> str | None:
    parts = [part for part in _SUB_RUN.split(token) if part]
    if all(len(part) > 1 and words.known(key(part)) for part in parts):
        return None
    if any(len(run) > 2 for run in _SUB_RUN.findall(token)):
        return None
    folded = key(token)
    options = [SUBSTITUTES.get(char, char) for char in folded]
    readings = 1
    for option in options:
        readings *= len(option)
    if readings > _READINGS:
        return None
    for candidate in map("".join, product(*options)):
        word = candidate if words.interesting(candidate) else _undotted(candidate, words)
        if word:
            return "".join(
                written if written not in SUBSTITUTES and key(written) == read else read
                for written, read in zip(token, word, strict=True)
            )
    return None


def _undotted(candidate: str, words: Words) -> str | None:
    if not _FOREIGN.search(candidate):
        return None
    return next((form for form in words.interesting_shapes(candidate) if _fits(candidate, form)), None)


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
            yield Repair(*match.span(), read, "stars", range(*match.span()))


def read_dotless(draft: Draft, words: Words) -> None:
    """Give words with foreign or missing dots the dots of the likeliest known word."""
    source = draft.text
    if not _FOREIGN.search(source):
        return
    draft.apply(_foreign(draft.text, words))
    if len(_DOTTED.findall(source)) < _DOTLESS_SHARE * len(_LETTER.findall(source)):
        draft.apply(_undotted_words(draft.text, words))


def _foreign(text: str, words: Words) -> Iterator[Repair]:
    for match in _FOREIGN.finditer(text):
        token = match.group()
        read = _likeliest(token, words) if len(token) <= LONGEST else None
        if read:
            yield Repair(*match.span(), read, "dotless", range(*match.span()))
        else:
            yield Repair(*match.span(), "".join(NEAREST.get(c, c) for c in token), "variant")


def _undotted_words(text: str, words: Words) -> Iterator[Repair]:
    """In a text without dots, words of which only ordinary letters are left (حرح for جرح, wound)."""
    for match in WORD.finditer(text):
        token = match.group()
        if len(token) > 2 and not _DOTTED.search(token) and not words.interesting(key(token)):
            read = _likeliest(token, words)
            if read and read != key(token):
                yield Repair(*match.span(), read, "dotless", range(*match.span()))


def _likeliest(token: str, words: Words) -> str | None:
    folded = key("".join(VARIANTS.get(c, c) for c in token))
    fitting = {form for form in words.interesting_shapes(folded) if _fits(folded, form)}
    ordinary = [form for form in words.lookalikes(folded)[:6] if _fits(folded, form)]
    if not fitting and not ordinary:
        return None
    return max(
        dict.fromkeys([*ordinary, *sorted(fitting)]),
        key=lambda form: (words.counts.get(form, 0) * (3 if form in fitting else 1), words.is_base(form)),
    )


def _fits(token: str, word: str) -> bool:
    """Whether every letter of the token may have been written for the letter of the word at its place."""
    if len(token) != len(word):
        return False
    return all(
        written == read or written in FOREIGN or RASM.get(written) == written or written in _DOTLESS
        for written, read in zip(token, word, strict=True)
    )
