"""No text takes more than linear time, and none raises: work is counted in function calls, not in seconds."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.classify import Classifier
from schemas.records import Sighting
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()


def calls(text: str) -> int:
    """Python function calls that classifying a text takes."""
    count = 0

    def tally(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    ready = report(text)
    sys.setprofile(tally)
    try:
        CLASSIFIER.classify(ready)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "مقتل 3 وإصابة 5 و",  # one endless sentence of figures
        "هجوم على حاجز. ",  # ten thousand short sentences
        "12 34 ",
        "ـ",
        "بينهم 3 أطفال و",
        "مقتل عنصرين من قوات سوريا الديمقراطية، ",
        "خمسة وعشرون و",
        "aaaa",
        "انفجار\n",
    ],
)
def test_work_grows_with_the_length(piece: str) -> None:
    CLASSIFIER.classify(report(piece * 100))  # fills the caches of tokens
    once, fourfold = calls(piece * 400), calls(piece * 1600)
    assert fourfold <= 5 * once + 2000


def test_a_text_of_five_megabytes_is_read() -> None:
    sighting = CLASSIFIER.classify(report("لا شيء هنا يقال اليوم " * 120_000))  # nothing is said here today
    assert not sighting.relevant


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from('اهجومقتلصفبنيرعد أةىئؤء123٣٤.,،؛\n"“”()/-:%#_ abcdefikmsuty\u0640\u064b\u200f'),
        max_size=200,
    ),
    st.sampled_from(["ar", "en", "tr", "fa", "und"]),
)
def test_no_text_raises_and_the_same_text_gives_the_same_sighting(text: str, language: str) -> None:
    first = CLASSIFIER.classify(report(text, language))
    assert isinstance(first, Sighting)
    assert CLASSIFIER.classify(report(text, language)) == first


@given(
    st.lists(
        st.sampled_from(
            ["مقتل", "إصابة", "6", "ثلاثة", "مدنيين", "عنصرين", "بينهم", "و", "أطفال", "قتلى", "جرحى", "إلى", "ارتفع",
             "عدد", "،", ".", "قسد", "داعش", "من", "في", "قصف", "اعتقال", "آخر", "عشرات", "بين", "قتيل", "وجريح"]
        ),
        max_size=25,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_ledger_rows_are_always_valid(words: list[str]) -> None:
    text = " ".join(words)
    for toll in CLASSIFIER.classify(report("هجوم مسلح على حاجز. " + text)).tolls:
        assert toll.low is None or toll.high is None or toll.low <= toll.high
        assert toll.evidence is not None
        assert toll.evidence.start < toll.evidence.end
