"""Words and phrases found in a reading: a dictionary of tokens, no regular expressions.

Each distinct token is looked up once and remembered; a phrase costs one look at each of its words. `..` inside a
phrase stands for up to three tokens of the same sentence.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from agents.classify.languages import Language
from agents.classify.text import Reading, tokens

GAP: Final = ".."
_GAP_TOKENS: Final = 3
_NOTHING: Final[frozenset[str]] = frozenset()


class Phrase(NamedTuple):
    """One lexicon phrase: its words as keys, and what it means."""

    words: tuple[str, ...]
    tag: str
    exact: bool


class Hit(NamedTuple):
    """A phrase at a place of the text: tokens `first` to `last`, both included."""

    first: int
    last: int
    tag: str


class Matcher:
    """Finds phrases of one language; immutable, so threads may share it."""

    def __init__(self, language: Language, phrases: Iterable[tuple[str, str, bool]]) -> None:
        """Take (words, tag, exact) triples.

        Args:
            language: how tokens are reduced to keys.
            phrases: `exact` phrases only match tokens whose clitics are stripped, not inflected ones.
        """
        self._language = language
        index: dict[str, dict[Phrase, None]] = defaultdict(dict)
        for words, tag, exact in phrases:
            written = (part for word in words.split() for part in ([GAP] if word == GAP else tokens(word)))
            parts = tuple(part if exact or part == GAP else language.headword(part) for part in written)
            index[parts[0]][Phrase(parts, tag, exact)] = None
        self._index: Mapping[str, tuple[Phrase, ...]] = {key: tuple(found) for key, found in index.items()}
        self.starting_with = lru_cache(maxsize=65_536)(self._starting_with)

    def _starting_with(self, form: str) -> tuple[Phrase, ...]:
        exact, inflected = self._language.keys(form)
        found = (phrase for key in sorted(exact | inflected) for phrase in self._index.get(key, ()))
        return tuple(phrase for phrase in found if not phrase.exact or phrase.words[0] in exact)

    def find(self, reading: Reading) -> list[Hit]:
        """All phrases in the report's own words, ordered by place; boilerplate is skipped."""
        hits: list[Hit] = []
        for first, form in enumerate(reading.forms):
            phrases = self.starting_with(form)
            if phrases and reading.own[first]:
                end = reading.sentences[reading.sentence_of[first]][1]
                after = self._language.keys(reading.forms[first + 1])[1] if first + 1 < end else _NOTHING
                for phrase in phrases:
                    if len(phrase.words) == 1:
                        hits.append(Hit(first, first, phrase.tag))
                    elif phrase.words[1] in after or phrase.words[1] == GAP:
                        last = self._follow(reading, phrase, first, end)
                        if last is not None:
                            hits.append(Hit(first, last, phrase.tag))
        return hits

    def _follow(self, reading: Reading, phrase: Phrase, first: int, end: int) -> int | None:
        at = first
        slack = 0
        for word in phrase.words[1:]:
            if word == GAP:
                slack = _GAP_TOKENS
                continue
            for place in range(at + 1, min(at + 2 + slack, end)):
                exact, inflected = self._language.keys(reading.forms[place])
                if word in (exact if phrase.exact else inflected) or word in exact:
                    at = place
                    break
            else:
                return None
            slack = 0
        return at
