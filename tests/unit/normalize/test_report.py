"""normalize(): what a Report promises for any Post."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.normalize import normalize
from schemas.errors import Undecodable
from schemas.kinds import SourceKind
from schemas.records import Media, Post, Source

NOON = datetime(2022, 12, 26, 12, tzinfo=UTC)
SOURCE = Source(id="raqqa-post", kind=SourceKind.FEED)


def a_post(text: str = "", **fields: object) -> Post:
    given_fields = {"source": SOURCE, "native_id": "1", "published_at": NOON, "text": text} | fields
    return Post(**given_fields)  # type: ignore[arg-type]


def test_a_torn_title_is_repaired_and_every_edit_points_into_the_original():
    post = a_post("في المدينة", title="هـ ـجـ ـوم على سـ ـجـ ـن")  # attack on a prison; in the city
    report = normalize(post)
    assert report.text == "هجوم على سجن\nفي المدينة"
    assert report.title_length == len("هجوم على سجن")
    assert [(e.after, post.original[e.start : e.end]) for e in report.edits] == [
        ("هجوم", "هـ ـجـ ـوم"),
        ("سجن", "سـ ـجـ ـن"),
    ]
    assert report.hiding == pytest.approx(2 / 5)
    start = report.text.index("المدينة")
    assert post.original[slice(*report.to_original(start, start + 7))] == "المدينة"


def test_a_number_as_native_id_becomes_text():
    assert normalize(a_post("نص", native_id=7)).native_id == "7"


def test_text_is_read_from_html_where_there_is_no_other():
    report = normalize(a_post("", html="<p>قتل ثلاثة<br>في الرقة</p><script>x()</script><p>انتهى &amp; كفى</p>"))
    assert report.text == "قتل ثلاثة\nفي الرقة\nانتهى & كفى"
    assert report.original_length == len(report.text)
    assert any("HTML" in note for note in report.notes)


def test_markup_inside_text_goes_and_offsets_stay():
    post = a_post("<p>قتل <b>ثلاثة</b> &quot;مدنيين&quot;</p>")
    report = normalize(post)
    assert report.text.strip() == 'قتل ثلاثة "مدنيين"'
    start = report.text.index("ثلاثة")
    assert post.original[slice(*report.to_original(start, start + 5))] == "ثلاثة"


def test_a_date_ahead_gives_way_to_the_time_of_fetching():
    ahead = NOON + timedelta(days=3)
    report = normalize(a_post("نص", published_at=ahead, fetched_at=NOON))
    assert report.published_at == NOON
    assert report.published_at_estimated
    assert "future" in report.notes[0]


def test_a_date_ahead_without_time_of_fetching_is_set_aside():
    ahead = NOON + timedelta(days=3)
    with pytest.raises(Undecodable, match="more than a day after it arrived"):
        normalize(a_post("نص", published_at=ahead), arrived_at=NOON)
    assert normalize(a_post("نص", published_at=ahead)).published_at == ahead  # replay knows no arrival


@given(st.text(), st.text(), st.none() | st.sampled_from(["ar", "fa", "en", "x"]))
def test_no_text_is_refused_and_offsets_hold(title: str, text: str, language: str | None):
    post = a_post(text, title=title or None, language=language)
    report = normalize(post)
    assert report.offsets == sorted(report.offsets)
    for index, char in enumerate(report.text):
        start, end = report.to_original(index, index + 1)
        assert 0 <= start <= end <= len(post.original)
        if char.isalpha() and char.isascii() and report.language != "ar" and not report.edits:
            assert char in post.original[start:end] or not post.original[start:end].isascii()


_PARTS = [*"ابتجدرسشعقلمنهويةأ", "\u0640", "\u064e", "\u200b", *" .*/_-!13<>&;\n", "<b>", "&lt;", "&amp;", "پ", "ٮ"]
_MIXED = st.lists(st.sampled_from(_PARTS), max_size=40).map("".join)


@given(_MIXED, _MIXED)
def test_normalizing_what_was_normalized_changes_nothing(title: str, text: str):
    report = normalize(a_post(text, title=title or None, language="ar"))
    title_again = report.text[: report.title_length]
    text_again = report.text[report.title_length + 1 :] if title else report.text
    again = normalize(a_post(text_again, title=title_again or None, language="ar"))
    if title_again or not title:
        assert again.text == report.text


def test_media_and_the_rest_of_the_post_are_kept():
    media = [Media(kind="photo"), Media(kind="video"), Media(kind="photo")]
    report = normalize(a_post("", media=media, deleted=True, revision=3, grouped_id="7", backfill=True, test=True))
    assert report.media_kinds == ["photo", "video"]
    assert (report.deleted, report.revision, report.grouped_id, report.backfill, report.test) == (
        True,
        3,
        "7",
        True,
        True,
    )
    assert report.text == ""
    assert report.language == "und"
    assert report.hiding == 0
