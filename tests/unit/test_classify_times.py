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
