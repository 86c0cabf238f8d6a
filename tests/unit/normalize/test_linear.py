"""No text of any shape takes more than linear time: work is counted, not timed."""

import sys
from datetime import UTC, datetime

import pytest

from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Source

SHAPES = {
    "words": "قتل ثلاثة عناصر في هجوم على المدينة. ",
    "one long word": "ا",
    "tatweels": "\u0640",
    "torn word": "هـ ـ",
    "torn by dots": "قـ.ـ",
    "stars": "*",
    "starred words": "ق*ل ",
    "stars between letters": "ق*",
    "dots between letters": "د.",
    "spaced letters": "د ا ع ش ",
    "numbers": "12345 ",
    "digits between letters": "د1",
    "exclamation marks": "!ا",
    "underscores": "ا_",
    "empty lines": "قتل\n\n",
    "repeated lines": "سطر من النص يعود هنا مرة أخرى\n\n",
    "vowel signs": "بِ",
    "marks alone": "\u064e",
    "zero width": "ب\u200b",
    "pictures": "ق\U0001f4a5",
    "dotless": "ٯٮل ",
    "positional shapes": "ﻫ",
    "hashtags": "#قتل_",
    "open tags": "<a ",
    "tags": "<p>قتل</p>",
    "entities": "&quot;",
    "comments": "<!--",
    "Latin letters": "a.",
    "leet": "k1lled ",
    "Cyrillic": "\u0406",
    "stretched": "داعششش ",
    "addresses": "https://t.co/a ",
    "user names": "@abcd ",
    "colons": "ا:",
    "ta marbuta": "ةا",
    "eras": "1444هـ ـ",
    "captions": "صورة (",
    "see also": "شاهد أيضا: ",
    "share": "share on ",
    "prepositions": 'لـ "',
    "hamzas": "ا\u0654",
    "letters in brackets": "ق(ت)",
    "bracketed letters apart": "(ق) ",
    "open brackets": "ق(",
    "quotes between letters": 'ق"ت',
    "starred letters": "*ق",
    "one letter a line": "ق\n",
    "backwards": "راجفنا ",
    "Latin letters and digits": "2asf 3ala ",
    "broken": "\ud800",
}


def _post(text: str) -> Post:
    return Post(
        source=Source(id="shapes", kind=SourceKind.FEED),
        native_id="1",
        published_at=datetime(2022, 12, 26, tzinfo=UTC),
        text=text,
    )


def _calls(text: str) -> int:
    """How many calls of Python and C functions it takes to normalize this text."""
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    post = _post(text)
    sys.setprofile(count)
    try:
        normalize(post)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_twice_the_text_is_at_most_twice_the_work(shape: str):
    unit = SHAPES[shape]
    text = unit * (3000 // len(unit))
    normalize(_post(text))  # fill the caches
    once, twice = _calls(text), _calls(text + text)
    assert twice <= 2.3 * once + 2000


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_very_long_text_of_this_shape_is_read(shape: str):
    """A dozen passes of quadratic time over 60,000 characters would not end before the time limit of the tests."""
    unit = SHAPES[shape]
    report = normalize(_post(unit * (60_000 // len(unit))))
    assert report.offsets == sorted(report.offsets)


def test_five_million_characters_of_news_are_read():
    unit = SHAPES["words"]
    report = normalize(_post(unit * (5_000_000 // len(unit))))
    assert report.language == "ar"
    assert report.offsets == [(0, 0)]
