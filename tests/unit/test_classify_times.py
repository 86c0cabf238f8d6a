"""A date of the week before publication is the day of the event; a date of the background is not."""

from datetime import date

import pytest

from agents.classify import Classifier
from schemas.kinds import TimeBasis
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()
PUBLISHED = report("", "en").published_at.date()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Militants attacked a prison in Raqqa on December 30, killing four guards.", date(2025, 12, 30)),
        ("Six people died in an armed attack on 1 January on a prison in Raqqa.", date(2026, 1, 1)),
        ("A bomb killed four people in Kirkuk on Jan. 1st, police said.", date(2026, 1, 1)),
    ],
)
def test_a_date_of_the_last_week_is_when_it_happened(text: str, day: date) -> None:
    assert date(2026, 1, 2) == PUBLISHED
    time = CLASSIFIER.classify(report(text, "en")).time
    assert time.basis is TimeBasis.EXPLICIT
    assert time.event_start.date() == day
    assert time.evidence is not None


@pytest.mark.parametrize(
    "text",
    [
        "Militants attacked a prison in Raqqa, killing four guards. The city was freed on October 17, 2017.",
        "A bomb killed four people in Kirkuk, the worst attack since December 3.",
        "A bomb killed 31 people in Kirkuk, police said.",
        "Four guards died in an attack on a prison in Raqqa on February 31.",
    ],
)
def test_other_figures_are_no_date_of_the_event(text: str) -> None:
    time = CLASSIFIER.classify(report(text, "en")).time
    assert time.basis is TimeBasis.PUBLICATION
    assert time.event_start.date() == PUBLISHED


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("Gunmen attacked a checkpoint on Monday, killing three policemen.", "en", date(2025, 12, 29)),
        ("Two people were killed by a bomb on Friday night in Kirkuk.", "en", date(2026, 1, 2)),  # a Friday itself
        ("مقتل ثلاثة جنود بانفجار عبوة ناسفة صباح الثلاثاء", "ar", date(2025, 12, 30)),  # on Tuesday morning
    ],
)
def test_a_weekday_is_the_last_one(text: str, language: str, day: date) -> None:
    time = CLASSIFIER.classify(report(text, language)).time
    assert (time.basis, time.event_start.date()) == (TimeBasis.RELATIVE, day)


@pytest.mark.parametrize(
    "text",
    [
        "A bomb killed four people in Kirkuk; schools are closed until Monday.",
        "A bomb killed four people in Kirkuk, the third since Sunday.",
        "A bomb killed four people in Kirkuk. A funeral was held on Thursday.",
    ],
)
def test_other_weekdays_are_not_the_day_of_the_event(text: str) -> None:
    assert CLASSIFIER.classify(report(text, "en")).time.basis is TimeBasis.PUBLICATION
