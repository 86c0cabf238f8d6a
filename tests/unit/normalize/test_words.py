"""The word lists: what a word of interest is, how words are counted, what the lists promise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.normalize.letters import LOANS, NEAREST, RASM, STANDARD, VARIANTS, skeleton
from agents.normalize.lexicon.count import MINIMUM, count, main
from agents.normalize.words import LONGEST, PREFIXES, SUFFIXES, default_words, key

WORDS = default_words()


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("هجوم", "هجوم"),
        ("والهجوم", "هجوم"),
        ("بهجومهم", "هجوم"),  # by their attack
        ("غارتها", "غارة"),  # its raid: ta marbuta opens before an ending
        ("المسلحون", "مسلح"),
        ("لداعش", "داعش"),
    ],
)
def test_a_word_of_interest_is_known_with_what_is_written_onto_it(form: str, base: str):
    assert WORDS.base_of(key(form)) == key(base)


@pytest.mark.parametrize("word", ["كتاب", "مدرسة", "في", "", "ا" * 100])
def test_other_words_are_not_of_interest(word: str):
    assert not WORDS.interesting(key(word))


@given(
    st.sampled_from(sorted(PREFIXES | {""})),
    st.sampled_from(sorted(base for base in WORDS.bases if len(base) > 2)),
    st.sampled_from(sorted(SUFFIXES | {""})),
)
def test_every_form_of_every_base_is_known(prefix: str, base: str, suffix: str):
    form = prefix + base + suffix
    assert len(form) > LONGEST or WORDS.interesting(form)


def test_a_hole_is_filled_with_the_word_that_fits():
    assert WORDS.fill("ق*ل", "*") == "قتل"  # killing
    assert WORDS.fill("ال*جير", "*") is None
    assert WORDS.fill("***", "*") is None


def test_a_key_keeps_places_and_is_a_fixed_point():
    assert key("أإآؤئىة") == "اااوييه"
    assert all(len(key(char)) == 1 and key(key(char)) == key(char) for char in STANDARD)


def test_a_word_is_spelled_as_usual_but_for_the_letters_of_its_writer():
    assert WORDS.spell("اسراييل", "اسرا1يل") == "اسرائيل"
    assert WORDS.spell("ارهابي", "إره1بي") == "إرهابي"


def test_letters_have_one_place_in_the_tables():
    assert not set(VARIANTS) & set(STANDARD)
    assert not set(NEAREST) & set(STANDARD)
    assert set(LOANS) <= set(NEAREST) | set(VARIANTS)
    assert all(letter in RASM for letter in NEAREST)
    assert all(set(letters) <= set(STANDARD) for letters in NEAREST.values())
    assert skeleton("قتل") == skeleton("قبل") == skeleton("فيل")


def test_words_are_counted_once_a_text_and_without_vowels():
    counts = count(["كَتَبَ كتب كتـب", "كتب پاكستان"])
    assert counts == {"كتب": 2}


def test_the_command_prints_what_enough_texts_use(tmp_path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "texts.jsonl"
    lines = [{"title": None, "text": "قال", "source": "x"}] * MINIMUM + [{"text": "نادر"}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    main([str(path)])
    assert capsys.readouterr().out == f"قال\t{MINIMUM}\n"
