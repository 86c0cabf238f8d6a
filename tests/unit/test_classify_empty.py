"""Posts without anything to read (media, stickers, links, polls, one word): never relevant, never an error, cheap."""

from datetime import UTC, datetime

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Media, Post, Sighting, Source

CLASSIFIER = Classifier.default()


def sight(text: str, media: list[Media] | None = None) -> Sighting:
    source = Source(id="s", kind=SourceKind.TELEGRAM)
    post = Post(source=source, native_id="1", text=text, media=media, published_at=datetime(2026, 1, 2, tzinfo=UTC))
    return CLASSIFIER.classify(normalize(post))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\n\n", "\u200f", "\ufeff", "\u0640", "\u0640 \u0640 \u0640", "\u064b\u064b", ".", "…", "---",
        "👍", "🔴🔴🔴", "💔", "https://t.me/channel/12", "t.me/channel", "@channel", "#سوريا", "#عاجل", "عاجل",
        "عاجل |", "صورة", "فيديو", "يتبع", "متابعة", "12", "١٢:٣٠", "1/3", "نعم", "لا", "!", "؟", "ok", "BREAKING",
        "🎥 شاهد", "للاشتراك بالقناة اضغط هنا\nhttps://t.me/channel", "استطلاع: هل تؤيد القرار؟\nنعم\nلا",
        "🔴 عاجل\n\nhttps://t.me/channel/5", "\u202b\u202c", "ﷺ", "😂😂😂", "صباح الخير ☀️", "GIF", "attack",
    ],
)  # fmt: skip
def test_nothing_to_read_is_no_incident(text: str) -> None:
    assert not sight(text).relevant


@pytest.mark.parametrize("kind", ["photo", "video", "sticker", "voice", "poll", "document", "unknown"])
def test_media_alone_is_no_incident(kind: str) -> None:
    assert not sight("", [Media(kind=kind)]).relevant


def test_nothing_further_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object) -> list[object]:
        raise AssertionError("places were looked for in a post without words")

    monkeypatch.setattr("agents.classify.classifier.find_places", never)
    assert sight("👍 https://t.me/channel/12").score == 0.0
