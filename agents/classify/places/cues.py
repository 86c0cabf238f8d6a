"""The words around a place name that say what it is, how exactly it is meant, and whether anything happened there.

The words themselves are in `cues.toml`; here they are folded and made ready for look-up.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agents.classify.places.fold import key
from agents.classify.places.gazetteer import Kind

_SINGLE = ("و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "فل")

Vocabulary = Mapping[str, tuple[str, str]]
"""A word as it stands in a text, with whatever prefix, to (prefix, the word itself)."""
Phrases = Mapping[str, tuple[tuple[str, ...], ...]]
"""The first word of phrases as it stands in a text, to the words of each."""


class Cues(NamedTuple):
    """The words of `cues.toml`, folded, under every form that a prefix gives them."""

    types: Vocabulary
    kinds: Mapping[str, Kind]
    quarters: frozenset[str]
    """English words for a part of a city."""
    no_quarters: frozenset[str]
    """Capitalized words that may stand before one without being its name."""
    near: Vocabulary
    countryside: Vocabulary
    between: Vocabulary
    directions: Vocabulary
    sides: Mapping[str, str]
    locative: Vocabulary
    origin: Vocabulary
    actor: Vocabulary
    links: frozenset[str]
    calendar: frozenset[str]
    signs: frozenset[str]
    """Every form of every word that can stand before a place and say so."""
    heads: frozenset[str]
    not_names: frozenset[str]
    after: frozenset[str]
    superlatives: frozenset[str]
    speakers: Vocabulary
    masks: Phrases
    before: Phrases
    sentence: Phrases


def _words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(key(line) for line in lines)


def _vocabulary(lines: Iterable[str]) -> Vocabulary:
    words = sorted(_words(lines))
    found = {form: (prefix, word) for word in words for prefix, form in _forms(word)}
    return found | {word: ("", word) for word in words}


def _forms(word: str) -> Iterator[tuple[str, str]]:
    if word.isascii():
        return
    for prefix in _SINGLE:
        yield prefix, prefix + word
        if prefix.endswith("ل") and word.startswith("ال"):  # `لل`: to the …
            yield prefix, prefix + word[1:]


def _phrases(lines: Iterable[str]) -> Phrases:
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        words = tuple(key(line).split(" "))
        for form in (words[0], *(form for _, form in _forms(words[0]))):
            found.setdefault(form, []).append(words)
    return {form: tuple(phrases) for form, phrases in found.items()}


def _kinds(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {key(word): name for name, words in table.items() for word in words}


@cache
def cues() -> Cues:
    """Read and fold `cues.toml` (once)."""
    rules = tomllib.loads((Path(__file__).parent / "cues.toml").read_text(encoding="utf8"))
    kinds, sides = _kinds(rules["types"]), _kinds(rules["direction"])
    near, places = rules["near"], rules["locative"]["words"]
    signs = _vocabulary(
        [*kinds, *sides, *places, *rules["origin"]["words"], *(w for group in near.values() for w in group)]
    )
    return Cues(
        signs=frozenset(signs),
        types=_vocabulary(kinds),
        kinds={word: Kind[name.upper()] for word, name in kinds.items()},
        quarters=_words(rules["quarters"]["words"]),
        no_quarters=_words(rules["quarters"]["not_names"]),
        near=_vocabulary(rules["near"]["words"]),
        countryside=_vocabulary(rules["near"]["countryside"]),
        between=_vocabulary(rules["near"]["between"]),
        directions=_vocabulary(sides),
        sides=sides,
        locative=_vocabulary(rules["locative"]["words"]),
        origin=_vocabulary(rules["origin"]["words"]),
        actor=_vocabulary(rules["context"]["actor"]),
        links=_words(rules["links"]["words"]),
        calendar=_words(rules["calendar"]["words"]),
        heads=_words(rules["name_heads"]["words"]),
        not_names=_words(rules["not_names"]["words"]),
        after=_words(rules["context"]["after"]),
        speakers=_vocabulary(rules["context"]["speakers"]),
        superlatives=_words(rules["context"]["superlatives"]),
        masks=_phrases(rules["masks"]["phrases"]),
        before=_phrases(rules["context"]["before"]),
        sentence=_phrases(rules["context"]["sentence"]),
    )
