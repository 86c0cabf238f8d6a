"""Every rule of every lexicon finds its own example, and says so."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from agents.classify import actors
from agents.classify.events import Rulebook, scenes, weigh
from agents.classify.features import genre
from agents.classify.languages import LANGUAGES
from agents.classify.lexicon import load
from agents.classify.matching import GAP, Matcher
from agents.classify.quantities import Counter
from agents.classify.text import read
from schemas.kinds import SourceKind
from schemas.records import Report, Source

CODES = ("ar", "en", "tr")


def report(text: str, language: str = "ar", title: str = "") -> Report:
    return Report(
        post_id="p-1",
        source=Source(id="s", kind="feed"),
        native_id="1",
        language=language,
        text=f"{title}\n{text}" if title else text,
        title_length=len(title),
        original_length=len(text) + (len(title) + 1 if title else 0),
        published_at=datetime(2026, 1, 2, 18, tzinfo=UTC),
    )


def matcher(code: str) -> Matcher:
    words = [(w, term.tag, term.exact) for term in load(code).terms for w in term.words]
    return Matcher(LANGUAGES[code], words + list(actors.phrases(code)))


@pytest.mark.parametrize("code", CODES)
def test_every_term_finds_its_example(code: str) -> None:
    find = matcher(code).find
    missed = [t.tag for t in load(code).terms if t.tag not in {h.tag for h in find(read(report(t.example, code)))}]
    assert missed == []


@pytest.mark.parametrize("code", CODES)
def test_every_event_rule_is_met_by_its_example(code: str) -> None:
    lexicon, find = load(code), matcher(code).find
    rulebook = Rulebook(lexicon.rules)
    missed = []
    for rule in lexicon.rules:
        reading = read(report(rule.example, code))
        met = weigh(reading, scenes(reading, find(reading)), rulebook)
        if rule.name not in {e.rule for e in met}:
            missed.append(rule.name)
    assert missed == []


def test_every_actor_is_found_in_its_example() -> None:
    found = {code: matcher(code).find for code in CODES}
    missed = []
    for actor_id, entry in actors.actor_list().items():
        tags = {h.tag for code in CODES for h in found[code](read(report(entry.example, code)))}
        if f"actor:{actor_id}" not in tags:
            missed.append(actor_id)
    assert missed == []


def surface(phrase: str) -> str:
    """The phrase as a text would hold it: a gap closed, as a gap may be."""
    return " ".join(word for word in phrase.split() if word != GAP)


@pytest.mark.parametrize("code", CODES)
def test_every_phrase_is_found_where_it_stands_as_written(code: str) -> None:
    """Hyphens, apostrophes and figures in a phrase are cut as they are in a text."""
    lexicon = load(code)
    terms = [(words, term.tag, term.exact) for term in lexicon.terms for words in term.words]
    phrases = [*terms, *Counter(lexicon, LANGUAGES[code]).phrases(), *actors.phrases(code)]
    find = Matcher(LANGUAGES[code], phrases).find
    missed = [(w, tag) for w, tag, _ in phrases if tag not in {h.tag for h in find(read(report(surface(w), code)))}]
    assert missed == []


@pytest.mark.parametrize("code", CODES)
def test_every_number_word_is_read_alone(code: str) -> None:
    lexicon = load(code)
    counter = Counter(lexicon, LANGUAGES[code])
    figures = lexicon.numbers | lexicon.scales
    read_as = {
        word: [(counter.number_of(f), counter.scale_of(f)) for f in read(report(word, code)).forms] for word in figures
    }
    assert [
        (word, read_as[word]) for word, value in figures.items() if not any(value in pair for pair in read_as[word])
    ] == []


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("انفجرت عبوة قرب السوق.", "web", "sentence"),  # a device went off near the market.
        ("انفجرت عبوة قرب السوق.", "telegram", "line"),
        ("انفجرت عبوة قرب السوق.", "telegram_web", "line"),
        ("انفجرت عبوة قدام السوق هلق.", "web", "line"),  # the same, spoken: "in front of", "just now"
        ("عاجل: انفجرت عبوة قرب السوق.", "web", "line"),  # urgent: the same
        ("وعد الوزير بعلاج عاجل للجرحى بعد انفجار العبوة.", "web", "sentence"),  # urgent treatment is promised
    ],
)
def test_what_people_post_is_no_sentence_out_of_an_article(text: str, kind: str, expected: str) -> None:
    said = structs.replace(report(text), source=Source(id="s", kind=SourceKind(kind)))
    reading = read(said)
    assert genre(reading, scenes(reading, matcher("ar").find(reading))) == expected
