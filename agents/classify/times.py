"""When it happened: "this evening" or "on Monday" resolved against publication, or a date of the week before.

Years in a text belong to background far more often than to the event, so no year of a text becomes an event date, and a
date only where it lies within the week before publication. Where nothing is told, it is the publication day.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from agents.classify.matching import Hit
from agents.classify.text import Reading
from schemas.kinds import TimeBasis
from schemas.records import EventTime


class _When(NamedTuple):
    days_ago: int
    from_hour: int
    to_hour: int


_WORDS: Final = {
    "time_now": _When(0, 0, 24),
    "time_today": _When(0, 0, 24),
    "time_dawn": _When(0, 2, 7),
    "time_morning": _When(0, 5, 12),
    "time_noon": _When(0, 11, 15),
    "time_evening": _When(0, 15, 24),
    "time_tonight": _When(0, 17, 24),
    "time_last_night": _When(1, 17, 30),
    "time_yesterday": _When(1, 0, 24),
    "time_day_before": _When(2, 0, 24),
}
"""Local hours; the difference between local time and UTC in the region (2 to 4 hours) is inside the day's precision."""


def event_time(reading: Reading, hits: Sequence[Hit], event_sentences: frozenset[int]) -> EventTime:
    """The event's interval, from the first relative word in a sentence that tells of the event."""
    report = reading.report
    published = report.published_at
    for hit in hits:
        when = _WORDS.get(hit.tag)
        if when is not None and (not event_sentences or reading.sentence_of[hit.first] in event_sentences):
            start, end = _resolve(published, when)
            evidence = report.evidence(*reading.span(hit.first, hit.last), rule=hit.tag)
            return EventTime(event_start=start, event_end=end, basis=TimeBasis.RELATIVE, evidence=evidence)
    told = _date(reading, event_sentences) or _weekday(reading, hits, event_sentences)
    if told is not None:
        return told
    day = published.replace(hour=0, minute=0, second=0, microsecond=0)
    return EventTime(event_start=day, event_end=max(published, day), basis=TimeBasis.PUBLICATION)


def _date(reading: Reading, event_sentences: frozenset[int]) -> EventTime | None:
    """A date like "December 26" or "26 Dec." in a sentence that tells of the event, of the week before publication."""
    report, forms = reading.report, reading.forms
    if _MONTHS.keys().isdisjoint(forms):
        return None
    published = report.published_at.astimezone(UTC)
    for at, form in enumerate(forms):
        month = _MONTHS.get(form)
        if month is None or (event_sentences and reading.sentence_of[at] not in event_sentences):
            continue
        for beside in (at - 1, at + 1):
            if not 0 <= beside < len(forms) or (figure := _DAY.fullmatch(forms[beside])) is None:
                continue
            day = _within_a_week(published, month, int(figure[1]))
            if day is not None:
                end = min(day + timedelta(days=1), published)
                span = reading.span(min(at, beside), max(at, beside))
                evidence = report.evidence(*span, rule="time_date")
                return EventTime(event_start=day, event_end=end, basis=TimeBasis.EXPLICIT, evidence=evidence)
    return None


_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?", re.IGNORECASE)
_WEEK: Final = timedelta(days=7)
_NAMES: Final = (
    ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"),
    ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
    ("dec", "december"),
)  # fmt: skip
_MONTHS: Final = {name: number for number, names in enumerate(_NAMES, start=1) for name in names}
"""English ones: Arabic outlets write of the day, `اليوم` and `أمس`, and dates of the background."""


WEEKDAY: Final = "weekday."
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NO_EVENT_DAY: Final = frozenset({
    "next", "until", "till", "by", "since", "every", "from", "before", "after", "coming", "following",
    "كل", "حتى", "حتي", "منذ", "قبل", "بعد", "لغايه",
})  # fmt: skip
"""Before a weekday: it bounds a time, returns each week, or is still to come."""


def _weekday(reading: Reading, hits: Sequence[Hit], event_sentences: frozenset[int]) -> EventTime | None:
    """The day that the first sentence of the event names: "on Monday" is the last one, today where it is Monday."""
    report = reading.report
    for hit in hits:
        if not hit.tag.startswith(WEEKDAY) or (
            event_sentences and reading.sentence_of[hit.first] > min(event_sentences)
        ):
            continue
        before = reading.forms[hit.first - 1].lower() if hit.first else ""
        if before in _NO_EVENT_DAY:
            continue
        published = report.published_at.astimezone(UTC)
        ago = (published.weekday() - _DAYS.index(hit.tag.removeprefix(WEEKDAY))) % 7
        start, end = _resolve(published, _When(ago, 0, 24))
        evidence = report.evidence(*reading.span(hit.first, hit.last), rule=hit.tag)
        return EventTime(event_start=start, event_end=end, basis=TimeBasis.RELATIVE, evidence=evidence)
    return None


def _within_a_week(published: datetime, month: int, day: int) -> datetime | None:
    for year in (published.year, published.year - 1):
        try:
            found = datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            continue
        if timedelta(0) <= published - found <= _WEEK:
            return found
    return None


def _resolve(published: datetime, when: _When) -> tuple[datetime, datetime]:
    day = published.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        day -= timedelta(days=when.days_ago)
        start, end = day + timedelta(hours=when.from_hour), day + timedelta(hours=when.to_hour)
    except OverflowError:
        return published, published
    end = min(end, published) if end > published else end
    return min(start, end), end
