"""The full text of a post's page is read instead of the feed's own, and spans count in it."""

from datetime import UTC, datetime

from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Source


def post(**fields):
    return Post(
        source=Source(id="s", kind=SourceKind.FEED),
        native_id="1",
        title="هجوم قرب الرقة",  # an attack near Raqqa
        text="مقتل ستة",  # six killed
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        **fields,
    )


def test_the_page_is_read_and_spans_count_in_it():
    page = "مقتل ستة عناصر من قوى الأمن في هجوم استهدف السجن"  # six members of the security forces killed …
    report = normalize(post(full_text=page))
    assert report.text == f"هجوم قرب الرقة\n{page}"
    assert report.original_length == len(post(full_text=page).original) == len(f"هجوم قرب الرقة\n{page}")


def test_without_a_page_the_text_is_read():
    assert normalize(post()).text == "هجوم قرب الرقة\nمقتل ستة" == post().original
