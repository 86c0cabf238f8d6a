"""Words written too long, by habit rather than to hide: stretched letters."""

import re
from collections.abc import Iterator
from itertools import groupby

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import LETTERS
from agents.normalize.words import LONGEST, Words, key

_HAS_STRETCH = re.compile(rf"([{LETTERS}])\1\1")
_CONJUGATED = re.compile("[وفس]?تتت(?!ت)")
"""تتتبع ("she follows"): two prefixes before a verb that begins with the same letter."""
_DOUBLED = 5
"""Doubling a letter is rare in stretched words, but tripling one of two (لللجنة for للجنة, "to a panel") is not."""
_WORD_AT = re.compile(f"[{LETTERS}]+")


def shorten_repeats(draft: Draft, words: Words) -> None:
    """Write a letter that stands three times or more (`انفجاااار`, "explooosion") as often as the word has it."""
    if _HAS_STRETCH.search(draft.text):
        draft.apply(_shortened(draft.text, words))


def _shortened(text: str, words: Words) -> Iterator[Repair]:
    for match in _WORD_AT.finditer(text):
        token = match.group()
        if not _HAS_STRETCH.search(token) or _CONJUGATED.match(token) or words.known(key(token)):
            continue
        runs = [(letter, len(list(run))) for letter, run in groupby(token)]
        counts = _fitting(runs, words)
        places: list[int] = []
        place = match.start()
        for (_, length), count in zip(runs, counts, strict=True):
            places.extend(range(place, place + count))
            place += length
        yield Repair(*match.span(), "".join(text[place] for place in places), "repeat", places)


def _fitting(runs: list[tuple[str, int]], words: Words) -> list[int]:
    """How often to write the letter of each run: once or twice, as the more usual word has it; three may be right."""
    single, double = ([length if length < 3 else most for _, length in runs] for most in (1, 2))
    once, twice = (_usage(runs, counts, words) for counts in (single, double))
    if once == twice == 0:
        return [length if length <= 3 else 1 for _, length in runs]
    tripled = all(length <= 3 for _, length in runs)
    return double if twice * (_DOUBLED**2 if tripled else _DOUBLED) > once else single


def _usage(runs: list[tuple[str, int]], counts: list[int], words: Words) -> float:
    """How usual the word is that these letters make, 0 for no word."""
    word = key("".join(letter * count for (letter, _), count in zip(runs, counts, strict=True)))
    if len(word) > LONGEST or not words.known(word):
        return 0
    return words.counts.get(word, 0) + 0.5
