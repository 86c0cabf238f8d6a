"""The development data: hidden words of real posts, clean newspapers, the prototype's cases, the seed documents."""

import json
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from agents.normalize import normalize
from agents.normalize.boilerplate import find_boilerplate
from agents.normalize.draft import Draft
from agents.normalize.hidden import DELIBERATE, edits_of
from agents.normalize.language import identify
from agents.normalize.words import default_words, key
from schemas.records import Post
from tests.paths import SHARED, needs_shared

from .test_hidden import revealed

pytestmark = needs_shared
WORDS = default_words()


def _lines(path: Path, limit: int | None = None) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, islice(file, limit))


def _revealed(text: str) -> Draft:
    return revealed(text, identify(text))


def test_the_prototype_s_cases(capsys: pytest.CaptureFixture[str]):
    cases = runpy.run_path(str(SHARED / "tools/arabic/test_deobf.py"))
    capsys.readouterr()
    wrong = [
        (written, _revealed(written).text)
        for written, meant in cases["CASES"]
        if key(_revealed(written).text) != key(meant)
    ]
    wrong += [(text, _revealed(text).text) for text, meant in cases["CLEAN"] if _revealed(text).text != (meant or text)]
    assert len(cases["CASES"]) + len(cases["CLEAN"]) == 105
    assert wrong == []


def test_hidden_words_of_real_posts_become_words():
    posts = list(_lines(SHARED / "eval/sets/ar_incidents.jsonl"))
    rebuilt: Counter[bool] = Counter()
    untouched = 0
    for post in posts:
        draft = _revealed(post["text"])
        edits = [edit for edit in edits_of(draft, WORDS) if edit.kind in DELIBERATE]
        untouched += bool(post["gold"]["obfuscated_words"]) and not edits  # type: ignore[index]
        for edit in edits:
            rebuilt.update(WORDS.known(key(word)) for word in re.findall("[\u0621-\u064a]+", edit.after))
        assert not re.search("[\u0621-\u064a]\u0640+[ .]+\u0640+[\u0621-\u064a]", draft.text)
    hidden = sum(post["gold"]["obfuscated_words"] for post in posts)  # type: ignore[index]
    assert sum(rebuilt.values()) >= 0.98 * hidden
    assert rebuilt[True] / sum(rebuilt.values()) >= 0.92  # most others are correct words that the scrape glued together
    assert untouched <= 2


@pytest.mark.parametrize("name", ["ar_jawhara_sections", "ar_hespress_jazeera_sections", "ar_saudi_july_2015"])
def test_clean_newspapers_stay_as_they_are(name: str):
    edited = []
    for article in _lines(SHARED / f"train/{name}.jsonl", 800):
        text = f"{article['title']}\n{article['text']}"
        draft = _revealed(text)
        edited += [text[e.start : e.end] for e in edits_of(draft, WORDS) if e.kind in DELIBERATE]
    assert len(edited) <= 1, edited


def test_the_seed_documents():
    truth = json.loads((SHARED / "seeds/truth.json").read_text(encoding="utf-8"))
    for name, document in truth["documents"].items():
        text = (SHARED / f"seeds/{name}.txt").read_text(encoding="utf-8")
        title, _, body = text.partition("\n")
        post = msgspec.convert(
            {
                "source": {"id": "seed", "kind": "web"},
                "native_id": name,
                "title": title,
                "text": body,
                "published_at": "2022-12-26T20:00:00Z",
            },
            Post,
        )
        report = normalize(post)
        assert report.language == "ar"
        assert report.text[: report.title_length] == document.get("title_clean", title)
        marked = {report.text[start:end] for start, end, _ in find_boilerplate(report.text, report.title_length)}
        told = {line["text"] for line in document.get("boilerplate_lines", ())}
        assert {revealed(line).text for line in told if line in body} <= marked
        for edit in report.edits:
            assert "\u0640" in post.original[edit.start : edit.end]
