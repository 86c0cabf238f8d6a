"""A report as tokens: folded one character to one, so that a token's place is a place in `Report.text`.

Folding takes away what writers leave open (hamza, ta marbuta, alef maqsura, digit shapes, case) and never changes
the length; every pattern further on is matched on folded tokens and every span counts in the report's own text.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from agents.remembered import remembering
from schemas.records import Report

_LETTERS: Final = dict(zip("أإآٱىةؤئکیھە،؛؟٬٫“”«»„‘’İı", 'اااايهويكيهه,;?,."""""\'\'ii', strict=True))
_DIGITS: Final = {chr(zero + i): str(i) for zero in (0x660, 0x6F0) for i in range(10)}
_FOLD: Final = tuple((_LETTERS | _DIGITS).items())
"""Replaced one after the other: that is many times faster than `str.translate`, and none makes another's character."""
_MARKS: Final = dict.fromkeys((*range(0x64B, 0x660), 0x640, 0x670))
_MARK: Final = re.compile("[\u064b-\u065f\u0640\u0670]")
_TOKEN: Final = re.compile(
    "([\u0621-\u063a\u0641-\u064a]++(?=[ ,.\n])"  # an ordinary Arabic word, found faster than by the general case
    r"|[^\W\d_]+(?:[\u064b-\u065f\u0640\u0670'][^\W\d_]*)*|\d{1,3}(?:[,.]\d{3})+(?!\d)|\d+)"
)
_SENTENCE_END: Final = re.compile(r"[!?\n]|\.(?!\d)|;")
_LONGEST_SENTENCE: Final = 120
"""Tokens; a text without full stops is cut there, so that no rule looks further."""
_LONGEST_GAP: Final = 200
"""Characters between two tokens from which on they stand in different sentences whatever they are."""


def fold(text: str) -> str:
    """The text with interchangeable letters, digits and case made one; the same length, character by character."""
    folded = text
    for written, read_as in _FOLD:
        folded = folded.replace(written, read_as)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def tokens(phrase: str) -> list[str]:
    """The tokens of a folded phrase, cut as those of a report: "eid al-fitr" has three."""
    bare = (match.group().translate(_MARKS) for match in _TOKEN.finditer(phrase))
    return [form for form in bare if form]


class Reading(NamedTuple):
    """A report's text cut into tokens and sentences; everything that extraction looks at."""

    report: Report
    folded: str
    forms: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    breaks: Sequence[str]
    """What stands before each token besides blanks: a comma, quotes, a bracket."""
    sentences: Sequence[tuple[int, int]]
    """First token and the one behind the last, for each sentence."""
    sentence_of: Sequence[int]
    own: Sequence[bool]
    """False for tokens in boilerplate: captions, counters, "see also" lines."""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Characters of `Report.text` from the first token to the last one."""
        return self.starts[first], self.ends[last]

    @property
    def title_tokens(self) -> int:
        """How many tokens the title has."""
        return bisect_right(self.starts, max(self.report.title_length - 1, -1)) if self.report.title_length else 0


def read(report: Report) -> Reading:
    """Cut a report into folded tokens and sentences; time is linear in its length whatever it holds."""
    folded = fold(report.text)
    pieces = _TOKEN.split(folded)  # a gap, a token, a gap …
    edges = list(accumulate(map(len, pieces)))
    forms, gaps, starts, ends = pieces[1::2], pieces[:-1:2], edges[:-1:2], edges[1::2]
    if _MARK.search(folded):
        forms, gaps, starts, ends = _without_marks(folded, forms, starts, ends)
    breaks = [""] * len(forms)
    borders: list[int] = []
    for at, gap in enumerate(gaps):
        if gap != " ":
            breaks[at], ends_sentence = _gap(gap if len(gap) < _LONGEST_GAP else "\n")
            if ends_sentence and at:
                borders.append(at)
    sentences, sentence_of = _sentences(borders, len(forms))
    own = _own(starts, report.boilerplate)
    return Reading(report, folded, forms, starts, ends, breaks, sentences, sentence_of, own)


def _without_marks(
    folded: str, forms: list[str], starts: list[int], ends: list[int]
) -> tuple[list[str], list[str], list[int], list[int]]:
    """The tokens without marks and joining strokes, and the gaps before them; a lone stroke is no word."""
    kept = [at for at, form in enumerate(forms) if form.translate(_MARKS)]
    forms = [forms[at].translate(_MARKS) for at in kept]
    starts, ends = [starts[at] for at in kept], [ends[at] for at in kept]
    gaps = [folded[last:start] for last, start in zip([0, *ends], starts, strict=False)]
    return forms, gaps, starts, ends


@remembering(1024)
def _gap(gap: str) -> tuple[str, bool]:
    """What stands between two tokens besides blanks, and whether it ends a sentence."""
    return gap.strip(), _SENTENCE_END.search(gap) is not None


def _sentences(borders: Sequence[int], tokens: int) -> tuple[list[tuple[int, int]], list[int]]:
    """First and last token of each sentence, and each token's sentence, where these tokens begin new ones."""
    sentences: list[tuple[int, int]] = []
    sentence_of: list[int] = []
    for begin, border in zip([0, *borders], [*borders, tokens], strict=True):
        for first in range(begin, border, _LONGEST_SENTENCE):
            end = min(first + _LONGEST_SENTENCE, border)
            sentence_of += [len(sentences)] * (end - first)
            sentences.append((first, end))
    return sentences, sentence_of


def _own(starts: list[int], boilerplate: Sequence[tuple[int, int]]) -> list[bool]:
    if not boilerplate:
        return [True] * len(starts)
    spans = sorted(boilerplate)
    begins = [begin for begin, _ in spans]
    own = []
    for start in starts:
        at = bisect_right(begins, start) - 1
        own.append(at < 0 or start >= spans[at][1])
    return own
