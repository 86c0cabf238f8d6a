"""Folding: spellings that are one name have one form, and a token knows where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.classify.places.fold import fold, key, strips, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إدلب", "ادلب"),
        ("الرقة", "الرقه"),
        ("حماة", "حماه"),
        ("مُحافظة", "محافظة"),
        ("الرقـــة", "الرقة"),
        ("A‘zāz", "A'zaz"),
        ("Dar'a", "Dara"),
        ("Şanlıurfa", "Sanliurfa"),
        ("Türkiye", "Turkiye"),
        ("Raqqa's", "Raqqa"),
    ],
)
def test_spellings_of_one_name_are_one(one, other):
    assert fold(one) == fold(other)


def test_different_names_stay_different():
    assert fold("حلب") != fold("حلبا")
    assert fold("Homs") != fold("Hama")


@given(st.text(alphabet="ابتةىأإ رمل\u064b\u0640#_Az'1٣.\n", max_size=60))
def test_a_token_points_at_its_own_letters(text):
    last = 0
    for token in tokens(text):
        assert last <= token.start < token.end <= len(text)
        assert fold(text[token.start : token.end]) == token.form
        last = token.end


def test_words_end_where_the_script_changes_and_behind_a_taa_marbuta():
    assert [token.form for token in tokens("أعزازTranslate آشمةفقدت اعزاز0:0 دير_الزور")] == [
        "اعزاز", "translate", "اشمه", "فقدت", "اعزاز", "0", "0", "دير", "الزور",
    ]  # fmt: skip


def test_a_key_joins_the_words_of_a_name():
    assert key("Deir-ez-Zor") == "deir ez zor"
    assert key("دير الزور") == "دير الزور"


@pytest.mark.parametrize(
    ("word", "rest"), [("بالرقه", "الرقه"), ("للرقه", "الرقه"), ("وبحلب", "حلب"), ("ولحلب", "حلب"), ("فدرعا", "درعا")]
)
def test_prefixes_come_off(word, rest):
    assert rest in [found for _, found in strips(word)]


def test_a_word_without_prefix_letters_has_one_reading():
    assert strips("حلب") == (("", "حلب"),)
