"""Attack words in Arabic written with Latin letters and digits: `2atl` (قتل, "killing"), `da3esh`.

A closed list and no transliteration: anything more general would read names and English words as Arabic. A text all in
that script counts as Arabic where several words with digits in them say so; only its listed words become readable.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from agents.normalize.draft import Draft, Repair

_TOKEN = re.compile(r"\b(?<![@/.#'-])[A-Za-z2-9][A-Za-z2-9']{2,15}(?![\w@/'-])")
_LETTER = re.compile("[A-Za-z]")
_LATIN = re.compile("[A-Za-z]{2}")
_DIGIT = re.compile("[2-9]")
_SEVERAL = 2


@cache
def _lists() -> tuple[dict[str, str], frozenset[str]]:
    """Latin spelling → Arabic word, and the very common words."""
    table = tomllib.loads((files("agents.normalize.lexicon") / "arabizi.toml").read_text(encoding="utf-8"))
    spelled = {latin: arabic for arabic, spellings in table["attack"].items() for latin in spellings.split()}
    return spelled, frozenset(table["common"]["words"].split())


def read_arabizi(draft: Draft) -> None:
    """Read the listed words in the Arabic script."""
    if _LETTER.search(draft.text) and _LATIN.search(draft.text):
        draft.apply(_read(draft.text))


def _read(text: str) -> Iterator[Repair]:
    spelled, _ = _lists()
    for match in _TOKEN.finditer(text):
        word = spelled.get(match.group().lower())
        if word:
            yield Repair(*match.span(), word, "substitute")


def is_arabizi(sample: str) -> bool:
    """Whether a text in Latin letters is Arabic: an attack word of the list, and several listed words with digits."""
    spelled, marks = _lists()
    found = [match.group().lower() for match in _TOKEN.finditer(sample)]
    listed = {word for word in found if word in spelled or word in marks}
    return len({w for w in listed if _DIGIT.search(w)}) >= _SEVERAL and any(word in spelled for word in listed)
