"""Words that run together without a space, as scraped pages have them where a line ended: `الرقةقصف` (Raqqa: shelling).

Three signs of a seam: ta marbuta, which only ends a word; alef with hamza behind four letters, which mostly begins one;
a word that had been torn, if one of the parts is a word that people hide. The whole must be no known word, the parts
must be words.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from math import log

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import LETTERS, WORD
from agents.normalize.words import LONGEST, Words, key

_SEAM = re.compile(
    f"[ةإأآ](?:(?<=[{LETTERS}]ة)|(?<=[{LETTERS}]{{4}}[إأآ])(?<!ال[إأآ]))(?=[{LETTERS}]{{2}})"
)  # begins with the letters that make a seam, so that the search leaps from one to the next
_COMMON, _RARE = 20, 2
"""A part must be used by this many texts of the frequency list, by fewer if it is a word that people hide."""
_SHORTEST = 3
_LONGEST = 2 * LONGEST


def separate_words(draft: Draft, words: Words) -> None:
    """Put a space between words that run together."""
    torn = sorted(draft.place_of(fix.start) for fix in draft.fixes if fix.kind == "split")
    draft.apply(_seams(draft.text, words, torn))


def _seams(text: str, words: Words, torn: list[int]) -> Iterator[Repair]:
    seams = [match.start() + (match.group() == "ة") for match in _SEAM.finditer(text)]
    if not seams and not torn:
        return
    for match in WORD.finditer(text):
        start, end = match.span()
        inside = seams[bisect_left(seams, start) : bisect_left(seams, end)]
        was_torn = bisect_left(torn, start) < bisect_left(torn, end)
        if not (inside or was_torn) or end - start > _LONGEST:
            continue
        folded = key(match.group())
        if words.known(folded):
            continue
        places = [at - start for at in inside] or range(_SHORTEST, len(folded) - _SHORTEST + 1)
        at = _best_seam(folded, match.group(), places, words, torn=not inside)
        if at:
            yield Repair(start + at, start + at, " ", "space", [start + at - 1])


def _best_seam(folded: str, written: str, places: range | list[int], words: Words, *, torn: bool) -> int:
    """The place between the two likeliest words, 0 where there is none."""
    best, best_at = float("-inf"), 0
    for at in places:
        left, right = folded[:at], folded[at:]
        behind_final = written[at - 1] == "ة"
        if torn and not (words.interesting(left) or words.interesting(right)):
            continue
        fits = words.known(right) if behind_final else _is_word(left, words) and _is_word(right, words)
        if not fits:
            continue
        value = log(words.counts.get(left, 0) + 1) + log(words.counts.get(right, 0) + 1)
        if value > best:
            best, best_at = value, at
    return best_at


def _is_word(part: str, words: Words) -> bool:
    return len(part) >= _SHORTEST and words.common(part, _RARE if words.interesting(part) else _COMMON)
