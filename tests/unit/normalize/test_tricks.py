"""Laws of hiding: words of clean text, hidden by each trick of the catalogue, come back."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.normalize.language import identify
from agents.normalize.words import default_words, key

from .hiding import LISTED, STRUCTURAL, TRICKS
from .test_hidden import revealed

WORDS = default_words()
ORDINARY = [word for word, number in WORDS.counts.items() if number > 400 and len(word) > 4]
OF_INTEREST = [word for word in WORDS.bases.values() if len(word) > 4 and WORDS.common(key(word), 20)]
LEAST = {
    "one-sided space": 0.85,  # ب, ل, ك, و, ف, ه before a stroke may be prepositions
    "slash once": 0.85,  # -/ة is how forms for men and women are written
    "star for a letter": 0.7,  # several words may fit
    "dotless": 0.75,  # الحرب and الحزب ("the war", "the party") look alike
    "stretched": 0.9,
    "substitute": 0.9,
    "letter in brackets": 0.9,  # an ending in brackets is how forms for men and women are written
}
"""Share of words that must come back; .95 for tricks that are not here."""


@given(st.sampled_from(sorted(STRUCTURAL)), st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=4), st.randoms())
def test_structural_tricks_are_undone_for_any_word(trick: str, words: list[str], chance: Random):
    hidden = [STRUCTURAL[trick](word, chance) or word for word in words]
    sentence = "قال المصدر إن " + " ثم ".join(hidden) + " في المدينة"
    assert key(revealed(sentence).text) == key("قال المصدر إن " + " ثم ".join(words) + " في المدينة")


@pytest.mark.parametrize("trick", sorted(TRICKS))
def test_words_of_interest_come_back(trick: str):
    chance = Random(trick)  # the same words are hidden the same way in every run
    back: Counter[bool] = Counter()
    wrong = []
    for word in OF_INTEREST:
        hidden = TRICKS[trick](word, chance)
        if hidden is None or WORDS.known(key(hidden)):  # backwards it may be another word
            continue
        read = revealed(f"قال المصدر إن {hidden} في المدينة").text
        right = key(" ".join(read.replace("*", "").split())) == key(f"قال المصدر إن {word} في المدينة")
        back[right] += 1
        if not right:
            wrong.append((hidden, read))
    assert sum(back.values()) > 50
    assert back[True] / sum(back.values()) >= LEAST.get(trick, 0.95), wrong[:10]


def test_every_trick_of_the_catalogue_is_here():
    assert not set(STRUCTURAL) & set(LISTED)
    assert set(LEAST) <= set(LISTED)


@pytest.mark.parametrize("sign", list('"\u201d\u2019\u2212\u066b\u2020\u00d7@%\u066d'))
def test_odd_signs_inside_words_of_interest(sign: str):
    words = ("انفجار", "اشتباكات", "تفجير", "صاروخ")  # explosion, clashes, bombing, rocket
    hidden = " ثم ".join(word[:2] + sign + word[2:] for word in words)
    assert key(revealed(f"قال المصدر إن {hidden}").text) == key("قال المصدر إن " + " ثم ".join(words))


@pytest.mark.parametrize(
    "text",
    ['الفرع"الأول" للمصرف', 'بحسب وكالة"سانا" أمس', 'قال"لا نعلم"', 'و"داعش" أيضا', 'ال"داعشي"', "إس&بي", "5%من"],
)
def test_quotations_and_signs_between_words_stay(text: str):
    assert revealed(text).text == text


def test_letters_of_formulas_and_blanks_of_braille_are_read():
    assert revealed("\U0001ee12\U0001ee0e\U0001ee10 على القرية").text.endswith("على القرية")
    assert revealed("ق\u2800ص\u2800ف على القرية").text == "قصف على القرية"


@pytest.mark.parametrize(
    "text",
    [
        "على المعلم(ة) أن يحضر", "قال و(داعش) أيضا", "المقاتل(ون) هناك", "اتفاق (هجوم) آخر", "(أ) قتل (ب) جرح",
        "الفقرة (أ)(ب)(ج)", "حزب(الله)", "هذا *مهم* جدا", "أ\nب\nج\nد", "ال(حزب)", "(حاء) و(باء)", "بحسب (رويترز)",
    ],
)  # fmt: skip
def test_brackets_of_ordinary_writing_stay(text: str):
    assert revealed(text).text == text


def test_brackets_around_a_whole_word_stay_and_those_inside_go():
    assert revealed("وقع (ه(ج)وم) على القرية").text == "وقع (هجوم) على القرية"
    assert revealed("وقع (ه)(ج)(و)(م) على القرية").text == "وقع هجوم على القرية"


def test_several_words_backwards_are_no_names():
    words = ["انفجار", "واشتباكات", "وقتلى", "على", "حاجز", "في", "المدينة"]  # an explosion, clashes and dead
    read = revealed(" ".join(word[::-1] for word in words)).text.split()
    assert [word for word in read if word in words] == ["انفجار", "واشتباكات", "وقتلى", "على", "حاجز", "المدينة"]
    assert revealed("ةراغ على القرية").text == "غارة على القرية"  # a raid: no word begins with ta marbuta
    assert revealed("حان وقت راحتنا اليوم").text == "حان وقت راحتنا اليوم"  # "our rest" is "suicide" backwards


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sar 2asf 3ala el madine w 4 2atla", "sar قصف 3ala el madine w 4 قتلى"),  # shelling of the city and 4 dead
        ("da3esh hajamo el 7ajez", "داعش hajamo el حاجز"),  # ISIS attacked the checkpoint
        ("عاجل 2asf على المدينة", "عاجل قصف على المدينة"),
    ],
)
def test_attack_words_in_latin_letters_and_digits_are_read(text: str, read: str):
    assert revealed(text, identify(text)).text == read


@pytest.mark.parametrize(
    "text", ["He came 2nd at 3am with 4 goals", "mp3 h2o 7zip b2b covid19 g20", "see user/2asf and @da3esh 3ala"]
)
def test_digits_in_other_languages_make_no_arabic(text: str):
    assert identify(text) != "ar"
    assert revealed(text, identify(text)).text == text


@given(st.sampled_from(sorted(TRICKS)), st.lists(st.sampled_from(OF_INTEREST), min_size=1, max_size=3), st.randoms())
def test_what_was_read_is_not_read_again(trick: str, words: list[str], chance: Random):
    hidden = " ثم ".join(TRICKS[trick](word, chance) or word for word in words)
    once = revealed(f"قال المصدر إن {hidden} في المدينة").text
    assert revealed(once).text == once


BACKWARDS = [word for word in OF_INTEREST if not WORDS.known(key(word[::-1]))]


@given(st.lists(st.sampled_from(BACKWARDS), min_size=2, max_size=5, unique=True))
def test_several_words_spelled_backwards_come_back(words: list[str]):
    read = revealed("قال المصدر إن " + " ".join(word[::-1] for word in words)).text
    assert key(read) == key("قال المصدر إن " + " ".join(words))
