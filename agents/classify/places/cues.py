"""The words around a place name that say what it is, how exactly it is meant, and whether anything happened there.

The words themselves are in `cues.toml`; here they are folded and made ready for look-up.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agents.classify.places.fold import key
from agents.classify.places.gazetteer import Kind

CLITICS = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "وب", "ول", "فب", "و", "ف", "ب", "ل", "ك")
"""Prefixes that Arabic writes on to the next word (and, so, in, to, like; with the article), longest first."""


class Cues(NamedTuple):
    """Folded vocabularies; phrases are tuples of words under their first word."""

    types: dict[str, Kind]
    near: frozenset[str]
    countryside: frozenset[str]
    between: frozenset[str]
    directions: dict[str, str]
    locative: frozenset[str]
    heads: frozenset[str]
    not_names: frozenset[str]
    masks: dict[str, list[tuple[str, ...]]]
    before: dict[str, list[tuple[str, ...]]]
    actor: frozenset[str]
    sentence: dict[str, list[tuple[str, ...]]]


def _words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(key(line) for line in lines)


def _phrases(lines: Iterable[str]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        words = tuple(key(line).split(" "))
        found.setdefault(words[0], []).append(words)
    return found


@cache
def cues() -> Cues:
    """Read and fold `cues.toml` (once)."""
    rules = tomllib.loads((Path(__file__).parent / "cues.toml").read_text(encoding="utf8"))
    return Cues(
        types={key(word): Kind[kind.upper()] for kind, words in rules["types"].items() for word in words},
        near=_words(rules["near"]["words"]),
        countryside=_words(rules["near"]["countryside"]),
        between=_words(rules["near"]["between"]),
        directions={key(word): side for side, words in rules["direction"].items() for word in words},
        locative=_words(rules["locative"]["words"]),
        heads=_words(rules["name_heads"]["words"]),
        not_names=_words(rules["not_names"]["words"]),
        masks=_phrases(rules["masks"]["phrases"]),
        before=_phrases(rules["context"]["before"]),
        actor=_words(rules["context"]["actor"]),
        sentence=_phrases(rules["context"]["sentence"]),
    )


def strips(form: str) -> list[tuple[str, str]]:
    """Return a word without each prefix that it may carry, as (prefix, rest); the whole word first.

    `للرقه` (to Raqqa) gives `الرقه`: the article's alef comes back.
    """
    found = [("", form)]
    for clitic in CLITICS:
        if form.startswith(clitic) and len(form) - len(clitic) >= 2:
            rest = form[len(clitic) :]
            if clitic.endswith("ال") and len(clitic) > 2:
                found.append((clitic[:-2], "ال" + rest))
            elif clitic.endswith("لل"):
                found.append((clitic[:-1], "ال" + rest))
            elif len(rest) >= 3:
                found.append((clitic, rest))
    return found


def bare(form: str, vocabulary: frozenset[str] | dict[str, object]) -> tuple[str, str] | None:
    """Return (prefix, word) when the word, with or without prefix, is in a vocabulary."""
    if form in vocabulary:
        return "", form
    if form[0] in "وفبلك":
        for prefix, rest in strips(form)[1:]:
            if rest in vocabulary:
                return prefix, rest
    return None
