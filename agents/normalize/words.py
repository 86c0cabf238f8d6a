"""Which words there are: those that people hide, with their clitics and endings, and those of ordinary Arabic.

Words are compared by their *key*: hamzas, alef maqsura and ta marbuta folded, nothing else. A word of interest is a
base of `lexicon/hidden.toml` between a prefix and a suffix; the some 300,000 forms are taken apart when asked for,
never stored. The frequency list tells whether pieces are words by themselves (then a dot between them is the end of a
sentence) and which of two readings is the likelier.
"""

import gzip
import tomllib
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

from agents.normalize.arabic import fold, strip_vowels
from agents.normalize.letters import WORD, skeleton

_FOLDER = files("agents.normalize.lexicon")
_AFFIXES = tomllib.loads((_FOLDER / "affixes.toml").read_text(encoding="utf-8"))
PREFIXES = frozenset(_AFFIXES["prefixes"].split())
"""Conjunctions, prepositions and the article in front of a word, and the letters that make a verb of it."""
SUFFIXES = frozenset(_AFFIXES["suffixes"].split())
"""Endings of number, case and person, as keys (ta marbuta stands as heh)."""

_LONGEST_PREFIX = max(map(len, PREFIXES))
_LONGEST_SUFFIX = max(map(len, SUFFIXES))
LONGEST = 20
"""No word of interest is longer; what is longer is not looked up."""


def key(text: str) -> str:
    """The text with letters that spellers mix up written alike; every character keeps its place."""
    return fold(text).replace("ؤ", "و").replace("ئ", "ي")


def clean_words(text: str) -> Iterator[str]:
    """The words of a text as they are counted: without vowels and tatweel."""
    return (match.group() for match in WORD.finditer(strip_vowels(text)))


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The word lists; ask with keys (`key`)."""

    bases: dict[str, str]
    """Words of interest: key -> as written."""
    counts: dict[str, int]
    """Ordinary words: key -> number of texts."""
    spelling: dict[str, str]
    """Ordinary words whose usual spelling is not their key: key -> as written."""
    abbreviations: frozenset[str]
    letter_names: frozenset[str]
    english: frozenset[str]
    heads: frozenset[str]
    """The first three letters of the bases: what has none of them behind a prefix is no word of interest."""
    shapes: dict[str, list[str]]
    """Skeleton -> ordinary words, the most used first."""
    base_shapes: dict[str, list[str]]
    """Skeleton -> words of interest."""

    def base_of(self, word: str) -> str | None:
        """The base that a word of interest was made from, or None for any other word."""
        return _base_of(self, word) if 2 <= len(word) <= LONGEST else None

    def interesting(self, word: str) -> bool:
        """Whether this is a form of a word that people hide."""
        return self.base_of(word) is not None

    def is_base(self, word: str) -> bool:
        """Whether this is such a word itself, with the article or without."""
        return word in self.bases or (word.startswith("ال") and word[2:] in self.bases)

    def common(self, word: str, least: int = 1) -> bool:
        """Whether at least `least` texts of the frequency list use this word."""
        return self.counts.get(word, 0) >= least

    def known(self, word: str) -> bool:
        """Whether this is a word at all, as far as the lists go."""
        return word in self.counts or self.interesting(word)

    def lookalikes(self, word: str) -> list[str]:
        """Ordinary words (keys) with the skeleton of this word, the most used first."""
        return self.shapes.get(skeleton(word), [])

    def spell(self, word: str, written: str) -> str:
        """The word (a key) as it is usually spelled, with the letters of the writer where they agree with the key."""
        usual = self.spelling.get(word) or self.bases.get(word) or word
        if len(usual) != len(word) or len(written) != len(word):
            return word
        pairs = zip(written, key(written), usual, word, strict=True)
        return "".join(
            own if own_key == read and own != "ى" else spelled  # alef maqsura is yeh without its dots
            for own, own_key, spelled, read in pairs
        )

    def interesting_shapes(self, word: str) -> list[str]:
        """Forms (keys) of words that people hide that have the skeleton of this word."""
        shape = skeleton(word)
        return [
            prefix + base + suffix
            for start, end in _cuts(shape, _PREFIX_SHAPES, _SUFFIX_SHAPES)
            for base in self.base_shapes.get(shape[start:end], ())
            if len(base) > 2 or end - start == len(shape)
            for prefix in _PREFIX_SHAPES[shape[:start]]
            for suffix in _SUFFIX_SHAPES[shape[end:]]
        ]

    def fill(self, pattern: str, hole: str) -> str | None:
        """The word of interest that fits a pattern in which `hole` stands for any letter; None where none does.

        A base fits before its forms, the more usual form before others.
        """
        return _fill(self, pattern, hole) if len(pattern) <= LONGEST else None


def _group(words: Iterable[str]) -> dict[str, list[str]]:
    """The words by their skeleton."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(skeleton(word), []).append(word)
    return groups


_PREFIX_OR_NONE = PREFIXES | {""}
_SUFFIX_OR_NONE = SUFFIXES | {""}
_PREFIX_SHAPES = _group(["", *sorted(PREFIXES)])
_SUFFIX_SHAPES = _group(["", *sorted(SUFFIXES)])


def _cuts(word: str, prefixes: Container[str], suffixes: Container[str]) -> Iterator[tuple[int, int]]:
    """Every start and end of a stem of two letters or more, the longest first."""
    for start in range(min(_LONGEST_PREFIX, len(word) - 2) + 1):
        if word[:start] in prefixes:
            for end in range(len(word), max(start + 2, len(word) - _LONGEST_SUFFIX) - 1, -1):
                if word[end:] in suffixes:
                    yield start, end


def _matches(pattern: str, text: str, hole: str) -> bool:
    """Whether the text fits the pattern, letter by letter."""
    return len(pattern) == len(text) and all(p in (hole, t) for p, t in zip(pattern, text, strict=True))


@lru_cache(maxsize=1024)
def _fill(words: Words, pattern: str, hole: str) -> str | None:
    if len(pattern) - pattern.count(hole) < 2:
        return None
    whole = [base for base in words.bases if _matches(pattern, base, hole)]
    if whole:
        return max(whole, key=lambda base: words.counts.get(base, 0))
    found = {
        prefix + base + suffix
        for prefix in ("", *PREFIXES)
        if _matches(pattern[: len(prefix)], prefix, hole)
        for suffix in ("", *SUFFIXES)
        if len(pattern) - len(prefix) - len(suffix) > 2
        and _matches(pattern[len(pattern) - len(suffix) :], suffix, hole)
        for base in words.bases
        if _matches(pattern[len(prefix) : len(pattern) - len(suffix)], base, hole)
    }
    return max(sorted(found), key=lambda form: words.counts.get(form, 0)) if found else None


@lru_cache(maxsize=16384)
def _base_of(words: Words, word: str) -> str | None:
    bases = words.bases
    if word in bases:
        return word
    if not any(word[at : at + 3] in words.heads for at in range(_LONGEST_PREFIX + 1) if word[:at] in _PREFIX_OR_NONE):
        return None
    for start, end in _cuts(word, _PREFIX_OR_NONE, _SUFFIX_OR_NONE):
        if end - start < 3:
            continue
        stem = word[start:end]
        if stem in bases:
            return stem
        # before an ending ta marbuta opens (غارة raid: غارته), which the key writes as heh, and -aat takes its place
        if (word[end : end + 1] == "ت" or word[end:] == "ات") and stem + "ه" in bases:
            return stem + "ه"
    return None


@cache
def default_words() -> Words:
    """The lists that ship with marqab; read once."""
    lists = tomllib.loads((_FOLDER / "hidden.toml").read_text(encoding="utf-8"))
    raw = gzip.decompress((_FOLDER / "ar_words.tsv.gz").read_bytes()).decode()
    bases = {key(word): word for word in chain.from_iterable(text.split() for text in lists["arabic"].values())}
    counts: dict[str, int] = {}
    spelling: dict[str, str] = {}
    shapes: dict[str, list[str]] = {}
    for written, folded in zip(raw.splitlines(), key(raw).splitlines(), strict=True):
        word, _, number = folded.partition("\t")
        if word not in counts:
            shapes.setdefault(skeleton(word), []).append(word)
            if not written.startswith(word):
                spelling[word] = written.partition("\t")[0]
        counts[word] = counts.get(word, 0) + int(number)
    return Words(
        bases=bases,
        counts=counts,
        spelling=spelling,
        abbreviations=frozenset(lists["abbreviations"]["arabic"].split()),
        letter_names=frozenset(lists["abbreviations"]["letter_names"].split()),
        english=frozenset(lists["english"]["words"].split()),
        heads=frozenset(base[:3] for base in bases) | {base[:2] + "ت" for base in bases if base[2:] == "ه"},
        shapes=shapes,
        base_shapes=_group(bases),
    )
