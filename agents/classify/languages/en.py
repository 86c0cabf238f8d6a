"""English: Porter's stemmer (Snowball, by PyStemmer) makes the keys."""

import threading
from typing import Final

import Stemmer

from agents.remembered import remembering

NUMBER_JOIN: Final = "and"
_local = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """A stemmer object is not thread-safe: one for each thread."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english")
    return _local.stemmer


@remembering(8_192)  # few: each is two sets, and what others make of them is remembered there
def keys(form: str) -> tuple[frozenset[str], frozenset[str]]:
    """The token as it stands, and beside it its stem."""
    bare = form.removesuffix("'s")
    return frozenset((form, bare)), frozenset((form, bare, headword(bare)))


def headword(word: str) -> str:
    """The stem of a lexicon word."""
    return word if len(word) > 40 else str(_stemmer().stemWord(word))
