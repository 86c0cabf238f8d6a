"""Evidence carries the words it stands on, unless they are a claim's."""

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.codec import encode
from schemas.kinds import SourceKind, SourceRole
from schemas.records import Post, Source
from schemas.records.report import QUOTE_LENGTH
from tests.unit.subscribers.builders import AT


def sighting(role: SourceRole):
    source = Source(id="s", kind=SourceKind.FEED, role=role, speaks_for="isis" if role is SourceRole.CLAIMS else None)
    # "the organization's soldiers claim an attack on a checkpoint in Raqqa; 4 soldiers were killed"; two words hidden
    text = "تبنى تنظيم الدولة هـ ـجـ ـوما على حاجز في مدينة الرقة أسفر عن مقتل 4 عناصر من قوات سوريا الديمقراطية"
    post = Post(source=source, native_id="1", text=text, published_at=AT)
    return Classifier.default().classify(normalize(post))


def test_the_words_are_the_repaired_ones() -> None:
    told = sighting(SourceRole.MEDIA)
    [killed] = [toll for toll in told.tolls if toll.kind == "killed"]
    assert killed.evidence is not None
    assert "4" in killed.evidence.quote
    quotes = [reason.evidence.quote for reason in told.reasons if reason.evidence]
    assert any("هجوما" in quote for quote in quotes), quotes
    assert all(len(quote) <= QUOTE_LENGTH for quote in quotes)


def test_a_claims_channels_words_stay_where_they_are() -> None:
    told = sighting(SourceRole.CLAIMS)
    assert told.tolls
    assert b'"quote"' not in encode(told)


@pytest.mark.parametrize("role", SourceRole)
def test_only_claims_are_withheld(role: SourceRole) -> None:
    assert (b'"quote"' in encode(sighting(role))) is (role is not SourceRole.CLAIMS)
