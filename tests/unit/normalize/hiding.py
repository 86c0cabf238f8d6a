"""The tricks by which people hide words, each as a function from a word and a source of chance to what they write.

Used by the property tests and by the benchmark of quality: the same tricks are measured that are tested.
"""

from collections.abc import Callable
from itertools import pairwise
from random import Random

TATWEEL = "\u0640"
NON_JOINING = "اأإآدذرزوؤىةء"
HEART, FIRE = "\U0001f494", "\U0001f525"

Trick = Callable[[str, Random], str | None]
"""None where the trick cannot be played on this word."""

DOTLESS = str.maketrans("بتثنيجخذزشضظغفقة", "ٮٮٮٮٮححدرسصطعڡٯه")
FOREIGN = {
    "ب": "پٻڀ", "ت": "ٺټٿ", "ج": "چڃ", "د": "ڊڈ", "ر": "ڕړ", "ع": "ڠ", "ف": "ڤڥ", "ق": "ڨ", "ك": "ڪگ", "ل": "ڵ",
    "م": "ݥ", "ن": "ڼݩ", "ي": "ێې", "ه": "ھہ", "س": "ښ", "ش": "ݜ", "و": "ۆۉ", "ح": "څ", "خ": "ڿ", "ة": "ۃ",
}  # fmt: skip
SUBSTITUTES = {"ا": "1١", "ع": "3٣", "ح": "7", "ه": "٥", "ش": "4", "ر": "r", "ب": "b", "ت": "t", "د": "d", "س": "s"}


def _joints(word: str, joining: str, behind_non_joining: str = "") -> str:
    pairs = pairwise(word)
    return word[0] + "".join((behind_non_joining if a in NON_JOINING else joining) + b for a, b in pairs)


def _once(word: str, sign: str, chance: Random) -> str:
    place = chance.randrange(1, len(word))
    return word[:place] + sign + word[place:]


def _once_joined(word: str, sign: str, chance: Random) -> str | None:
    places = [place for place in range(1, len(word)) if word[place - 1] not in NON_JOINING]
    if not places:
        return None
    place = chance.choice(places)
    return word[:place] + sign + word[place:]


def _stretch(word: str, chance: Random) -> str:
    place = chance.randrange(1, len(word) + 1)
    return word[:place] + word[place - 1] * 4 + word[place:]


def _substitute(word: str, chance: Random) -> str | None:
    places = [place for place in range(1, len(word) - 1) if word[place] in SUBSTITUTES]
    if not places:
        return None
    place = chance.choice(places)
    return word[:place] + chance.choice(SUBSTITUTES[word[place]]) + word[place + 1 :]


def _wrap(word: str, chance: Random) -> str:
    """One letter inside the word between brackets or quotation marks."""
    place = chance.randrange(1, len(word) - 1)
    opening, closing = chance.choice(WRAPS)
    return word[:place] + opening + word[place] + closing + word[place + 1 :]


def _wrap_all(word: str, chance: Random) -> str:
    opening, closing = chance.choice(WRAPS[:4])
    return "".join(opening + letter + closing for letter in word)


def _cover(word: str, chance: Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + "*" + word[place + 1 :]


def _dotless(word: str, _chance: Random) -> str | None:
    final = {"ن": "ں", "ي": "ى"}.get(word[-1]) or word[-1].translate(DOTLESS)
    written = word[:-1].translate(DOTLESS) + final
    return written if any(shape in written for shape in "ٮڡٯں") else None


def _foreign(word: str, chance: Random) -> str:
    return "".join(chance.choice(FOREIGN[letter]) if letter in FOREIGN else letter for letter in word)


WRAPS = ("()", "[]", "{}", "«»", "<>", '""', "''", "\u201c\u201d")

STRUCTURAL: dict[str, Trick] = {
    "split by space": lambda word, _: _joints(word, f"{TATWEEL} {TATWEEL}"),
    "split by dot": lambda word, _: _joints(word, f"{TATWEEL}.{TATWEEL}"),
    "split by picture": lambda word, _: _joints(word, f"{TATWEEL}{HEART}{TATWEEL}"),
    "split once": lambda word, chance: _once_joined(word, f"{TATWEEL} {TATWEEL}", chance),
    "lengthened": lambda word, _: _joints(word, TATWEEL * 3),
    "zero width space": lambda word, _: "\u200b".join(word),
    "zero width non-joiner": lambda word, chance: _once(word, "\u200c", chance),
    "direction mark": lambda word, chance: _once(word, "\u202b", chance),
    "vowel signs": lambda word, chance: "".join(c + chance.choice("\u064b\u064e\u0650\u0652\u0651") for c in word),
    "stacked marks": lambda word, chance: "".join(c + chance.choice("\u0308\u0336\u20e0") for c in word),
}
"""Undone whatever the word is."""

LISTED: dict[str, Trick] = {
    "one-sided space": lambda word, chance: _once_joined(word, f"{TATWEEL} ", chance),
    "one-sided dot": lambda word, chance: _once_joined(word, f"{TATWEEL}.", chance),
    "dot once": lambda word, chance: _once(word, ".", chance),
    "two dots once": lambda word, chance: _once(word, "..", chance),
    "all dots": lambda word, _: ".".join(word),
    "slash once": lambda word, chance: _once(word, "/", chance),
    "hyphen once": lambda word, chance: _once(word, "-", chance),
    "picture once": lambda word, chance: _once(word, FIRE, chance),
    "star once": lambda word, chance: _once(word, "*", chance),
    "all stars": lambda word, _: "*".join(word),
    "underscores": lambda word, _: "_".join(word),
    "spaces": lambda word, _: " ".join(word),
    "stretched": _stretch,
    "substitute": _substitute,
    "star for a letter": _cover,
    "dotless": _dotless,
    "foreign letters": _foreign,
    "letter in brackets": _wrap,
    "all letters in brackets": _wrap_all,
    "letters in brackets, apart": lambda word, _: " ".join(f"({letter})" for letter in word),
    "stars all round": lambda word, _: f"*{'*'.join(word)}*",
    "number signs": lambda word, _: "#".join(word),
    "one letter a line": lambda word, _: "\n\n" + "\n".join(word) + "\n\n",
}
"""Undone where a word of interest comes of it."""

TRICKS = STRUCTURAL | LISTED
