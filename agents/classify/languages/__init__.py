"""What differs between languages: how a token is reduced to dictionary keys and how numbers are written.

A new language is one module here, one lexicon file in `agents/classify/lexicon/` and a line in `LANGUAGES`.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from agents.classify.languages import ar, en, tr


class Language(Protocol):
    """The door to one language; modules of this package fulfil it."""

    NUMBER_JOIN: str
    """The word between the parts of a number, or "" where one is a prefix or absent."""

    def keys(self, form: str, /) -> tuple[frozenset[str], frozenset[str]]:
        """Dictionary keys of a folded token: those that only strip clitics, and those that also strip inflection."""
        ...

    def headword(self, word: str) -> str:
        """The key under which a lexicon word is filed."""
        ...


LANGUAGES: Final[Mapping[str, Language]] = {"ar": ar, "en": en, "tr": tr}
