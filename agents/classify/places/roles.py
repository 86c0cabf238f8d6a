"""Did it happen there? How much speaks for a mention being the place of what the text tells.

A place may be named because somebody comes from it, speaks there, fired from it, or because today is like what once
happened there. Such mentions are context and never become the place of the incident.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, compress, pairwise

from agents.classify.places.cues import cues
from agents.classify.places.gazetteer import Kind
from agents.classify.places.mention import Mention, Scan
from agents.classify.places.resolve import Resolved, contains, follows
from schemas.records import Report
from schemas.records.base import Span

CONTEXT = 0.0
"""Weights at or below this make a mention context."""

_DATELINE = re.compile(r"\s{0,9}[^\n.!?؟]{1,40}?(?:\([^)\n]{1,30}\)|[/،,]\s?[^\n\-–—:]{1,25})?\s?(?:[-–—:]|\()")
_OPENING = 14
"""How many words before a place its sentence may open with "after"."""
_REACH = 3
"""How many words before a place a context phrase may end."""


def weigh(scan: Scan, places: Sequence[Resolved], report: Report, near: Sequence[Span]) -> list[float]:
    """Return for each place how much speaks for its being where it happened; `CONTEXT` or less: nothing does."""
    past = _past(scan, report)
    if all(past.get(place.mention.sentence, 1 << 30) <= place.mention.first for place in places):
        past = {}  # a text that tells of nothing else has no background
    told = _Told(near)
    weights = [_weight(scan, place, report, told, past) for place in places]
    for number, (one, around) in enumerate(pairwise(places), 1):
        if follows(one, around) and one.mention.sentence == around.mention.sentence and _wider(one, around):
            weights[number] -= 0.8
        if one.mention.between and around.mention.joined and around.entry is None:
            weights[number] -= 0.8  # the end of the stretch that is known says more
    return weights


def _wider(one: Resolved, around: Resolved) -> bool:
    """Tell whether the second place is named only to say where the first one lies."""
    if around.entry is None or not contains(around.mention):
        return False
    return one.entry is None or one.entry.kind > around.entry.kind or around.mention.countryside


class _Told:
    """The spans that tell of the incident, and how far from them something stands."""

    def __init__(self, spans: Sequence[Span]) -> None:
        """Sort the spans by where they begin, and keep how far the earlier ones reach."""
        ordered = sorted(spans)
        self.starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))

    def gap(self, first: int, end: int) -> int:
        """Characters between the span from `first` to `end` and the nearest one; 0 where they overlap."""
        behind = bisect_left(self.starts, end)
        gaps = [max(first - self._reach[behind - 1], 0)] if behind else []
        return min([*gaps, *(start - end for start in self.starts[behind : behind + 1])])


def _weight(scan: Scan, place: Resolved, report: Report, told: _Told, past: dict[int, int]) -> float:
    mention = place.mention
    if any(start <= mention.start < end for start, end in report.boilerplate):
        return -2.0
    weight = (
        1.0
        + 0.5 * (mention.locative or mention.lead)
        - 0.9 * mention.origin
        + 0.4 * (mention.cue is not None)
        + 0.3 * mention.hashtag
    )
    weight += 0.4 * (mention.near or mention.countryside or bool(mention.direction))
    weight += 0.5 * (mention.end <= report.title_length) + 0.3 * (mention.sentence == 0)
    if told.starts:
        gap = told.gap(mention.start, mention.end)
        weight += 1.5 if gap <= 60 else 0.7 if gap <= 150 else -0.3
    if not mention.locative and mention.cue is None and _names_an_actor(scan, mention.first):
        weight -= 3.0
    if _follows_context(scan, mention):
        weight -= 4.0
    if _speaks(scan, place, report.text):
        weight -= 3.0
    weight -= _opening_after(scan, mention.first)
    if _is_signature(report.text, mention.start):
        weight -= 4.0
    if past.get(mention.sentence, 1 << 30) <= mention.first:
        weight -= 2.5
    if (
        not mention.lead
        and _is_dateline(report.text, mention.start, mention.end)
        and mention.cue is not Kind.GOVERNORATE
        and not mention.hashtag
    ):
        weight -= 1.2
    return weight


def _follows_context(scan: Scan, mention: Mention) -> bool:
    """Tell whether a phrase like "native of" ends within a few words before a place, and belongs to no other place."""
    phrases = cues().before
    first = begin = mention.first
    while begin > 0 and scan.starts[begin - 1] >= mention.start:
        begin -= 1
    sentence = scan.sentence_of[first]
    before = 0 if mention.joined else bisect_left(scan.mentions, begin, key=lambda m: m.last)
    nearer = scan.mentions[before - 1].first if before else 0
    for at in range(max(nearer, begin - _REACH - 3, 0), first):
        opened = phrases.get(scan.forms[at])
        if opened is None or scan.sentence_of[at] != sentence:
            continue
        for phrase in opened:
            end = at + len(phrase)
            rest = tuple(scan.forms[at + 1 : end])
            if rest == phrase[1:] and end <= first and begin - end <= (1 if len(phrase) == 1 else 2):
                return True
    return False


def _names_an_actor(scan: Scan, first: int) -> bool:
    if first == 0 or scan.sentence_of[first - 1] != scan.sentence_of[first]:
        return False
    return scan.forms[first - 1] in cues().actor


def _opening_after(scan: Scan, first: int) -> float:
    """Return what a place loses by standing in a sentence's opening "after …": what follows it is the news.

    "After the deadliest attack in …" compares with something known: such a place loses all.
    """
    at = max(bisect_left(scan.sentence_of, scan.sentence_of[first]), first - _OPENING, 0)
    if scan.forms[at] not in cues().after:
        return 0.0
    compares = any(form in cues().superlatives for form in scan.forms[at:first])
    return 6.0 if compares else 1.0


def _past(scan: Scan, report: Report) -> dict[int, int]:
    """Return the sentences that tell of the past, each with the word from which on it does.

    An earlier year puts the whole sentence into the past ("took Mosul in 2014"), a phrase like "it is recalled that"
    what comes after it.
    """
    found: dict[int, int] = {}
    phrases = cues().sentence
    this_year = report.published_at.year
    forms = scan.forms
    telling = {form for form in set(forms) if form in phrases or (len(form) == 4 and form.isdecimal())}
    for at in compress(range(len(forms)), map(telling.__contains__, forms)) if telling else ():
        form = forms[at]
        if len(form) == 4 and form.isdecimal() and 1900 < int(form) < this_year:
            found[scan.sentence_of[at]] = 0
        for phrase in phrases.get(form, ()):
            if tuple(forms[at + 1 : at + len(phrase)]) == phrase[1:]:
                found.setdefault(scan.sentence_of[at], at)
    return found


def _speaks(scan: Scan, place: Resolved, text: str) -> bool:
    """Tell whether somebody speaks or writes there: `مراسلنا في إدلب: …` (our correspondent in Idlib: …)."""
    mention = place.mention
    if text[mention.end : mention.end + 2].lstrip()[:1] != ":":
        return False
    start, before = scan.starts[mention.first], range(max(0, mention.first - 8), mention.first)
    return any(scan.forms[at] in cues().speakers for at in before if start - scan.starts[at] < 80)


def _is_signature(text: str, start: int) -> bool:
    """Tell whether a place stands in a publisher's name behind the last bar: `… | كوباني قلب الحدث`."""
    bar = text.rfind("|", max(0, start - 40), start)
    return bar > 40 and len(text) - bar <= 50 and "\n" not in text[bar:].strip()


def _is_dateline(text: str, start: int, end: int) -> bool:
    """Tell whether a name at the very beginning is an agency's dateline: `بغداد / وكالة –`, `DAMASCUS (Reuters) –`."""
    if start > 3 or "\n" in text[:start]:
        return False
    match = _DATELINE.match(text)
    return match is not None and end < match.end() <= end + 40
