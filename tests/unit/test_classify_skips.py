"""What is passed over for speed has nothing in it: the same is found where nothing is passed over."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.classify import Classifier
from agents.classify.tolls import Ledger
from agents.normalize import gaps, normalize
from agents.normalize.letters import TATWEEL
from schemas.kinds import SourceKind
from schemas.records import Post, Source

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = ROOT / "agents" / "classify" / "model" / "written.tsv"
SOURCE = Source(id="test", kind=SourceKind.FEED, country="SY")


def texts(language: str, every: int) -> list[str]:
    rows = (line.split("\t") for line in WRITTEN.read_text("utf-8").splitlines())
    return [row[2] for row in rows if row[1].startswith(language)][::every]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_sentences_without_a_word_for_harm_have_no_toll(language, monkeypatch):
    told = texts(language, 9)
    articles = [*told, *(". ".join(told[at : at + 8]) for at in range(0, len(told), 8))]
    posts = [
        Post(source=SOURCE, native_id=str(at), text=text, published_at=datetime(2026, 1, 2, tzinfo=UTC))
        for at, text in enumerate(articles)
    ]
    classifier = Classifier.default()
    found = [classifier.classify(normalize(post)).tolls for post in posts]
    monkeypatch.setattr(Ledger, "_counts", lambda _ledger, _scene: True)
    assert [classifier.classify(normalize(post)).tolls for post in posts] == found
    assert sum(map(len, found)) > len(told) / 4, "there are tolls to find"


def test_clauses_that_are_passed_over_hold_no_torn_word(monkeypatch):
    corpus = [json.loads(line)["text"] for line in (ROOT / "tests/corpus/posts.jsonl").read_text("utf-8").splitlines()]
    stroke = TATWEEL
    torn = [text.replace("قت", f"ق{stroke} {stroke}ت").replace(" ف", ", ف").replace("سي", "س.ي") for text in corpus]
    posts = [
        Post(source=SOURCE, native_id=str(at), text=text, published_at=datetime(2026, 1, 2, tzinfo=UTC))
        for at, text in enumerate([*corpus, *torn, *(". ".join(torn[at : at + 6]) for at in range(0, len(torn), 6))])
    ]
    found = [normalize(post) for post in posts]
    monkeypatch.setattr(gaps, "_clauses", lambda text: [(0, len(text))] if "\n" not in text else _lines(text))
    assert [normalize(post) for post in posts] == found
    assert any(report.edits for report in found)


def _lines(text: str) -> list[tuple[int, int]]:
    ends = [at + 1 for at, char in enumerate(text) if char == "\n"] + [len(text)]
    return list(zip([0, *ends], ends, strict=False))
