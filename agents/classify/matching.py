"""Words and phrases found in a reading: a dictionary of tokens, no regular expressions.

Each distinct token is looked up once and remembered; a phrase costs one look at each of its words. `..` inside a
phrase stands for up to three tokens of the same sentence.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, NamedTuple

from agents.classify.languages import Language
from agents.classify.text import Reading, tokens
from agents.remembered import remembered

GAP: Final = ".."
_GAP_TOKENS: Final = 3


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


_hit: Final[Callable[[tuple[int, int, str]], Hit]] = partial(tuple.__new__, Hit)
"""`Hit._make` in C: a text has a hit for every word."""


_RankedOne = tuple[int, Phrase]
_Ranked = tuple[_RankedOne, ...]
_BySecond = Mapping[str, _Ranked]


class _Opening(NamedTuple):
    """What may begin at a token; every phrase with its rank, by which hits at one token are ordered."""

    single: tuple[str, ...]
    """Tags of the token alone, in order of rank."""
    ranks: tuple[int, ...]
    """Their ranks."""
    longer: _BySecond
    """Phrases by the key of their second word."""
    gapped: _Ranked
    """Phrases whose second word may stand further on."""


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
        self._opening = remembered(self._opening_of, 65_536)
        seconds = {phrase.words[1] for found in index.values() for phrase in found if len(phrase.words) > 1}
        self._seconds = remembered(lambda form: tuple(language.keys(form)[1] & seconds), 65_536)
        """The keys of a token that are the second word of some phrase; most tokens have none."""

    def _opening_of(self, form: str) -> _Opening | None:
        exact, inflected = self._language.keys(form)
        found = (phrase for key in sorted(exact | inflected) for phrase in self._index.get(key, ()))
        phrases = list(enumerate(phrase for phrase in found if not phrase.exact or phrase.words[0] in exact))
        if not phrases:
            return None
        single = [(rank, phrase.tag) for rank, phrase in phrases if len(phrase.words) == 1]
        longer: dict[str, list[tuple[int, Phrase]]] = defaultdict(list)
        for rank, phrase in phrases:
            if len(phrase.words) > 1:
                longer[phrase.words[1]].append((rank, phrase))
        gapped = tuple(longer.pop(GAP, ()))
        by_second = {second: tuple(those) for second, those in longer.items()}
        return _Opening(tuple(tag for _, tag in single), tuple(rank for rank, _ in single), by_second, gapped)

    def find(self, reading: Reading) -> list[Hit]:
        """All phrases in the report's own words, ordered by place; boilerplate is skipped."""
        hits: list[Hit] = []
        seconds, forms, own = self._seconds, reading.forms, reading.own
        last = len(forms) - 1
        for first, opening in enumerate(map(self._opening, forms)):
            if opening is None or not own[first]:
                continue
            single, _, longer, gapped = opening
            behind = seconds(forms[first + 1]) if longer and first < last else ()
            phrases = [] if not behind or longer.keys().isdisjoint(behind) else self._longer(longer, behind)
            if gapped:
                phrases += self._gapped(reading, gapped, first)
            if phrases:
                hits += self._ranked(reading, opening, phrases, first)
            else:
                for tag in single:
                    hits.append(_hit((first, first, tag)))
        return hits

    @staticmethod
    def _longer(longer: _BySecond, behind: Iterable[str]) -> list[_RankedOne]:
        """The phrases that may go on with the next token, which has these keys."""
        return [ranked for key in behind for ranked in longer.get(key, ())]

    def _gapped(self, reading: Reading, gapped: _Ranked, first: int) -> list[_RankedOne]:
        """The phrases whose second word is among the next tokens."""
        near = map(self._language.keys, reading.forms[first + 1 : first + 2 + _GAP_TOKENS])
        keys = {GAP}.union(*(those for both in near for those in both))
        return [ranked for ranked in gapped if keys.issuperset(ranked[1].words[2:3])]

    def _ranked(self, reading: Reading, opening: _Opening, phrases: Iterable[_RankedOne], first: int) -> list[Hit]:
        """The hits at a token where these phrases of several words may begin."""
        found = []
        end = reading.sentences[reading.sentence_of[first]][1]
        for rank, phrase in phrases:
            last = self._follow(reading, phrase, first, end)
            if last is not None:
                found.append((rank, Hit(first, last, phrase.tag)))
        single = [_hit((first, first, tag)) for tag in opening.single]
        if not found:
            return single
        found += zip(opening.ranks, single, strict=True)
        return [hit for _, hit in sorted(found)]

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
