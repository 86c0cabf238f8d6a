"""Hidden words come back, and what only looks hidden stays: cases written for this project, one trick each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.normalize.draft import Draft
from agents.normalize.hidden import DELIBERATE, edits_of, reveal
from agents.normalize.words import default_words

WORDS = default_words()

HIDDEN = [
    # torn with tatweel
    ("مـ ـداهـ ـمة في الريف", "مداهمة في الريف"),  # raid in the countryside
    ("غـ.ـارة على الموقع", "غارة على الموقع"),  # air raid on the position
    ("الاشـ..ـتباكات مستمرة", "الاشتباكات مستمرة"),  # the clashes go on
    ("حـ ـ.ـزب", "حزب"),  # party
    ("انفـ\U0001f525ـجار قوي", "انفجار قوي"),  # a strong explosion
    ("اعـ تقال شاب", "اعتقال شاب"),  # arrest of a young man
    ("طـ.ائرة مسيرة", "طائرة مسيرة"),  # a drone
    ("الصو اريـ ـخ", "الصواريخ"),  # the rockets: the letter before the gap carries no stroke
    ("مـ ـد فـ ـعية", "مدفعية"),  # artillery
    ("بـ ـجـ ـروح", "بجروح"),  # with wounds
    ("الح ـ  ـ كومة", "الحكومة"),  # the government: strokes standing alone inside a word
    ("قـــذيـــفـــة", "قذيفة"),  # shell
    # signs without tatweel
    ("قذ.يفة هاون", "قذيفة هاون"),  # mortar shell
    ("د.ا.ع.ش", "داعش"),  # ISIS
    ("اشتبا/كات", "اشتباكات"),  # clashes
    ("الإر*هابي", "الإرهابي"),  # the terrorist
    ("ص*و*ا*ر*ي*خ", "صواريخ"),  # rockets
    ("ا-غ-ت-ي-ا-ل", "اغتيال"),  # assassination
    ("م_ق_ت_ل عنصرين", "مقتل عنصرين"),  # killing of two members
    ("ك\U0001f480مين", "كمين"),  # ambush
    ("ق ص ف عنيف", "قصف عنيف"),  # heavy shelling
    ("د ا عـ ـش", "داعش"),
    ("م.ق.ت.ل م.د.ن.ي", "مقتل مدني"),  # killing of a civilian
    # letters replaced
    ("دا3ش", "داعش"),
    ("إرh1بي", "إرهابي"),
    ("اسر١ئيلي", "اسرائيلي"),
    ("القاعdة", "القاعدة"),  # al-Qaeda
    ("٥ـ.ـيئة", "هيئة"),  # authority
    ("د!عش", "داعش"),
    ("تف*ير", "تفجير"),  # bombing
    # dots
    ("ٮڡحىر", "تفجير"),
    ("ٯدٮڡه", "قذيفه"),
    ("الڨټل", "القتل"),
    ("هحوم داعس", "هجوم داعش"),  # dots swapped, two words side by side
    # characters
    ("ه\u200bج\u200bو\u200bم", "هجوم"),
    ("هجـ\u200dـوم", "هجوم"),
    ("ﺍﻧﻔﺠﺎﺭ", "انفجار"),
    ("اِنْفِجَار", "انفجار"),
    ("انفجار\u0336", "انفجار"),
    ("هجووووم", "هجوم"),
    ("ھجوم علی الحاجز", "هجوم على الحاجز"),  # Persian letters; attack on the checkpoint
    ("ا\u0655رهابي", "إرهابي"),
    # pictures
    ("سقوط \U0001f680 على الحي", "سقوط صاروخ على الحي"),  # a rocket fell on the quarter
    # hashtags
    ("#قوات_الأمن", "#قوات الأمن"),  # security forces
    # Latin
    ("\u0406\u0405\u0406\u0405 fighters", "ISIS fighters"),  # Cyrillic letters
    ("k1lled in an att@ck", "killed in an attack"),
    ("b.o.m.b found", "bomb found"),
    ("\U0001d5dc\U0001d5e6\U0001d5dc\U0001d5e6", "ISIS"),  # mathematical letters
]

LEGAL = [
    "عناصر ل قسد في البلدة",  # members of the SDF: the preposition apart
    "سنة 1445هـ",  # a Hijri year
    "1445هـ - 2024م",
    "بلغت النسبة 7ر9 بالمئة",  # 7.9 per cent as agencies write it
    "قالت (أ.ف.ب) إن",  # AFP
    "(د ب أ) - قال",  # dpa
    "ذاكرة يو.إس.بي",  # USB
    "و/أو",  # and/or
    "المدرس/ة والطالب/ة",  # teacher and pupil, m/f
    "د. سامر و م. هناء",  # Dr, Eng.
    "أ.د. فلان",  # Prof.
    "انتهى اللقاء.وقال الوزير",  # a missing space behind the full stop
    "بدأ الهجوم،ثم انسحبوا",
    "دمشق-حلب",  # Damascus–Aleppo
    "كوفيد-19",
    "الساعة5مساء",  # five in the evening, no spaces
    "قتل5أشخاص",  # killed 5 people, no spaces
    "طائرات إف-16 و F16",
    "س ص ع",  # x y z
    "- بند أول\n- بند ثان",
    "**عاجل** قال المصدر",  # markdown
    'قناة "العربية" و"الجزيرة"',
    "وصفته ب«الخطير»",
    "https://example.org/هجوم_الرقة",
    "@user_name كتب",
    "نحو 1,200 ل.س",  # Syrian pounds
    "ص.ب 1234",  # P.O. box
    "الله أكبر",
    "في قرية الجماس",  # a village whose name is one dot away from Hamas
    "ukقتيل",  # what is left of an address, without a space
    "تتتبع الأثر",  # she follows the trace: three letters alike are spelling
    "COVID-19, B2B, MP3 and 9mm",
    "Room 101 at 10:30!",
    "e-mail me@example.org",
    "\U0001f680 عاجل \U0001f4a5 الآن",  # decoration
]

OTHER_LANGUAGES = [
    ("fa", "نیروهای امنیتی می\u200cگویند که حملهٔ دیروز در کابل کار این گروه بوده است"),
    ("ckb", "هێزەکانی ئاسایش لە شاری هەولێر چوار کەسیان دەستگیر کرد"),
    ("ur", "فوج نے کہا ہے کہ اس کارروائی میں تین دہشت گرد ہلاک ہو گئے ہیں"),
]


def revealed(text: str, language: str = "ar") -> Draft:
    draft = Draft(text)
    reveal(draft, language=language, words=WORDS)
    return draft


@pytest.mark.parametrize(("written", "meant"), HIDDEN)
def test_a_hidden_word_comes_back(written: str, meant: str):
    assert revealed(written).text == meant


@pytest.mark.parametrize("text", LEGAL)
def test_what_only_looks_hidden_stays(text: str):
    draft = revealed(text)
    assert draft.text == text
    assert [edit for edit in edits_of(draft, WORDS) if edit.kind in DELIBERATE] == []


@pytest.mark.parametrize(("language", "text"), OTHER_LANGUAGES)
def test_other_languages_in_the_arabic_script_stay_as_they_are(language: str, text: str):
    assert revealed(text, language).text == text


def test_a_preposition_written_apart_loses_only_its_stroke():
    assert revealed("التابعة لـ قسد").text == "التابعة ل قسد"
    assert revealed("التابعة لـ “قسد”").text == "التابعة ل “قسد”"
    assert revealed("بـ 20%").text == "ب 20%"


def test_a_stroke_that_stands_alone_is_a_dash():
    assert revealed("المصرية ـ الليبية").text == "المصرية - الليبية"
    assert revealed("ـ أولا").text == "- أولا"


def test_loan_letters_are_written_as_elsewhere_and_are_no_disguise():
    draft = revealed("ڤيروس في الڨصرين")
    assert draft.text == "فيروس في القصرين"  # a virus in Kasserine
    assert {edit.kind for edit in edits_of(draft, WORDS)} == {"variant"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("في الرقةوقال", "في الرقة وقال"),  # behind ta marbuta: in Raqqa; and he said
        ("في كوبانيأصيب مدني", "في كوباني أصيب مدني"),  # before alef with hamza: in Kobani a civilian was hurt
        ("ستة عمالاستـ ـهدفت", "ستة عمال استهدفت"),  # a torn word behind another
    ],
)
def test_words_that_run_together_are_parted(written: str, meant: str):
    assert revealed(written).text == meant


@pytest.mark.parametrize("text", ["والأسواق", "استأنف", "المسؤولية", "بالإضافة", "وبالأحياء"])
def test_whole_words_are_not_parted(text: str):
    assert revealed(text).text == text


def test_an_edit_names_the_word_and_the_place_in_the_source():
    source = "في هـ ـجـ ـوم و قـ.ـصف"
    edits = edits_of(revealed(source), WORDS, shift=100)
    assert [(source[e.start - 100 : e.end - 100], e.after, e.kind) for e in edits] == [
        ("هـ ـجـ ـوم", "هجوم", "split"),
        ("قـ.ـصف", "قصف", "split"),
    ]


@pytest.mark.parametrize("text", [written for written, _ in HIDDEN] + LEGAL)
def test_repairing_the_repaired_text_changes_nothing(text: str):
    once = revealed(text).text
    assert revealed(once).text == once


_ALPHABET = st.sampled_from(
    [*"ابتجدرسشعقلمنهويةىأ", "\u0640", "\u064e", "\u200b", *" .*/_-!13", "\U0001f525", "\n", "پ", "ٮ", "ی"]
)


@given(st.text(alphabet=_ALPHABET, max_size=60))
def test_any_mixture_is_repaired_once_and_for_all(text: str):
    draft = revealed(text)
    again = revealed(draft.text)
    assert again.text == draft.text


@given(st.text(alphabet=_ALPHABET, max_size=60))
def test_every_character_is_its_source_or_stands_in_a_repair(text: str):
    draft = revealed(text)
    repaired = {place for fix in draft.fixes for place in range(fix.start, fix.end)}
    for index, char in enumerate(draft.text):
        place = draft.source_of(index)
        assert char in (text[place], " ") or place in repaired
