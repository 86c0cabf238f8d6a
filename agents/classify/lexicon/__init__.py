"""Rules as data: one TOML file a language, every rule with a name and an example that a test reads.

A `term` gives a tag to words and phrases (`verbs`: Arabic pairs of past and present, which are conjugated; `forms`:
words that take no endings, because their stem is another word's: an officer is no office); an `event` rule gives an
event type to a sentence that holds certain tags; a `flag` rule names a context (anniversary, sport, denial …). `noun`
and `number` tables serve the tolls.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from agents.classify.languages.ar import conjugate
from agents.classify.text import fold
from schemas.errors import Misconfigured
from schemas.ids import digest
from schemas.kinds import EventType

FOLDER: Final = Path(__file__).parent


class Term(NamedTuple):
    """Words and phrases that carry one tag."""

    tag: str
    words: tuple[str, ...]
    example: str
    exact: bool
    """Only clitics may be added to the words, no endings."""


class EventRule(NamedTuple):
    """An event type and the tags that speak for it within one sentence."""

    name: str
    type: EventType
    all: tuple[frozenset[str], ...]
    """Each set must be met by at least one tag."""
    none: frozenset[str]
    weight: float
    example: str


class Noun(NamedTuple):
    """What a counted noun says: whom it counts, how many it stands for by its form, what happened to them."""

    words: tuple[str, ...]
    party: str
    stands_for: int | None
    """1 for singulars, 2 for duals, None for plurals."""
    kind: str
    """A toll kind where the noun itself says it ("قتلى", the dead), else empty."""
    example: str


class Lexicon(NamedTuple):
    """One language's rules."""

    language: str
    version: str
    terms: tuple[Term, ...]
    rules: tuple[EventRule, ...]
    nouns: tuple[Noun, ...]
    numbers: Mapping[str, int]
    vague: Mapping[str, int]
    scales: Mapping[str, int]


def split(words: str) -> tuple[str, ...]:
    """Phrases out of a block of text: separated by bars or line ends, folded, blanks made single."""
    phrases = (" ".join(fold(part).split()) for line in words.splitlines() for part in line.split("|"))
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


@lru_cache(maxsize=16)
def load(language: str) -> Lexicon:
    """The lexicon that ships with marqab for a language.

    Raises:
        Misconfigured: the file is not valid; the message names the rule.
    """
    path = FOLDER / f"{language}.toml"
    return parse(path.read_bytes(), language, path.name)


def parse(raw: bytes, language: str, name: str) -> Lexicon:
    """A lexicon out of a file's bytes.

    Raises:
        Misconfigured: they are no lexicon; the message names the file, and the rule where one is wrong.
    """
    try:
        return _lexicon(raw, language, name, tomllib.loads(raw.decode("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Misconfigured(f"the lexicon {name} is not TOML: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"the lexicon {name} has a table of another shape than it should: {error!r}") from error


def _lexicon(raw: bytes, language: str, name: str, table: Mapping[str, Any]) -> Lexicon:
    return Lexicon(
        language=language,
        version=f"{language}-{digest(raw.decode('utf-8'))[:8]}",
        terms=tuple(term for tag, rule in table.get("term", {}).items() for term in _terms_of(tag, rule)),
        rules=tuple(_rule(name, rule_name, rule) for rule_name, rule in table.get("event", {}).items()),
        nouns=tuple(_noun(rule) for rule in table.get("noun", [])),
        numbers=_figures(table.get("number", {})),
        vague=_figures(table.get("vague", {})),
        scales=_figures(table.get("scale", {})),
    )


def _figures(table: Mapping[str, int]) -> dict[str, int]:
    return {word: value for words, value in table.items() for word in split(words)}


def _terms_of(tag: str, rule: Mapping[str, Any]) -> Iterator[Term]:
    verbs = (form for pair in split(rule.get("verbs", "")) for form in conjugate(*pair.split()))
    words = tuple(dict.fromkeys((*split(rule["words"]), *verbs)))
    yield Term(tag, words, rule["example"], bool(rule.get("exact", False)))
    if "forms" in rule:
        yield Term(tag, split(rule["forms"]), rule["example"], exact=True)


def _rule(file: str, name: str, rule: Mapping[str, Any]) -> EventRule:
    try:
        return EventRule(
            name=name,
            type=EventType(rule["type"]),
            all=tuple(frozenset(str(choice).split("|")) for choice in rule["all"]),
            none=frozenset(rule.get("none", ())),
            weight=float(rule.get("weight", 1.0)),
            example=rule["example"],
        )
    except (KeyError, ValueError) as error:
        raise Misconfigured(f"{file}: the event rule {name} is wrong: {error}") from error


def _noun(rule: Mapping[str, Any]) -> Noun:
    count = rule.get("count")
    return Noun(split(rule["words"]), rule.get("party", "unknown"), count, rule.get("kind", ""), rule["example"])
