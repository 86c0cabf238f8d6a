"""A report as tokens: folded one character to one, so that a token's place is a place in `Report.text`.

Folding takes away what writers leave open (hamza, ta marbuta, alef maqsura, digit shapes, case) and never changes
the length; every pattern further on is matched on folded tokens and every span counts in the report's own text.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from schemas.records import Report

_LETTERS: Final = dict(zip("أإآٱىةؤئکیھە،؛؟٬٫“”«»„‘’İı", 'اااايهويكيهه,;?,."""""\'\'ii', strict=True))
_DIGITS: Final = {chr(zero + i): str(i) for zero in (0x660, 0x6F0) for i in range(10)}
_FOLD: Final = str.maketrans(_LETTERS | _DIGITS)
_MARKS: Final = dict.fromkeys((*range(0x64B, 0x660), 0x640, 0x670))
_MARK: Final = re.compile("[\u064b-\u065f\u0640\u0670]")
_TOKEN: Final = re.compile(r"\d{1,3}(?:[,.]\d{3})+(?!\d)|\d+|[^\W\d_]+(?:[\u064b-\u065f\u0640\u0670'][^\W\d_]*)*")
_SENTENCE_END: Final = re.compile(r"[!?\n]|\.(?!\d)|;")
_LONGEST_SENTENCE: Final = 120
"""Tokens; a text without full stops is cut there, so that no rule looks further."""


def fold(text: str) -> str:
    """The text with interchangeable letters, digits and case made one; the same length, character by character."""
    folded = text.translate(_FOLD)
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
    marked = _MARK.search(folded) is not None
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[str] = []
    sentences: list[tuple[int, int]] = []
    sentence_of: list[int] = []
    last = begin = 0
    for match in _TOKEN.finditer(folded):
        form = match.group()
        form = form if form.isascii() else form.translate(_MARKS)
        if not form:  # nothing but marks and joining strokes: no word
            continue
        start, end = match.span()
        form = match.group()
        if marked:
            form = form.translate(_MARKS)
            if not form:  # a lone stroke of tatweel is no word
                continue
        gap = folded[last:start] if start - last < 200 else "\n"
        if forms and (_SENTENCE_END.search(gap) or len(forms) - begin >= _LONGEST_SENTENCE):
            sentences.append((begin, len(forms)))
            begin = len(forms)
        forms.append(form)
        starts.append(start)
        ends.append(end)
        breaks.append(gap.strip())
        sentence_of.append(len(sentences))
        last = end
    if forms:
        sentences.append((begin, len(forms)))
    own = _own(starts, report.boilerplate)
    return Reading(report, folded, forms, starts, ends, breaks, sentences, sentence_of, own)


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
