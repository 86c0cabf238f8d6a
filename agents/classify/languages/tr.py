"""Turkish: Snowball's Turkish stemmer makes the keys; letters are matched without their diacritics as well."""

import threading
from typing import Final

import Stemmer

from agents.remembered import remembering

NUMBER_JOIN: Final = ""
_local = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """A stemmer object is not thread-safe: one for each thread."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("turkish")
    return _local.stemmer


@remembering(8_192)  # few: each is two sets, and what others make of them is remembered there
def keys(form: str) -> tuple[frozenset[str], frozenset[str]]:
    """The token as it stands, without a suffix behind an apostrophe, and its stem."""
    bare = form.split("'", maxsplit=1)[0]
    return frozenset((form, bare)), frozenset((form, bare, headword(bare)))


def headword(word: str) -> str:
    """The stem of a lexicon word."""
    return word if len(word) > 40 else str(_stemmer().stemWord(word))
