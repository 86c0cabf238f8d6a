"""Languages are told apart before anything is repaired: nothing but Arabic is read as Arabic."""

import pytest

from agents.normalize.language import identify

TEXTS = [
    ("ar", "هجوم"),
    ("ar", "انفجار في الرقة"),
    ("ar", "شو صار بالشام اليوم فيه قصف كتير"),  # dialect: what happened in Damascus today
    ("ar", "گال الرجال شلون صار الانفجار بالموصل چان قريب"),  # Iraqi letters
    ("ar", "مقتل 3 عناصر من الپيشمرگة"),
    ("ar", "الٯصىه الڡلسطىٮىه"),  # without dots
    ("ar", "ھجوم علی سجن الرقة"),  # a Persian keyboard
    ("ar", "هـ ـجـ ـوم على سـ ـجـ ـن"),
    ("ar", "ﻫﺠﻮﻡ ﻋﻠﻰ ﺍﻟﺴﺠﻦ"),
    ("ar", "قتلى وجرحى في القصف https://t.me/example RT @sohr"),
    ("fa", "سه نفر در انفجار بمب در کابل کشته شدند"),
    ("fa", "حمله موشکی به پایگاه نظامی"),
    ("ckb", "هێزەکانی ئاسایش سێ کەسیان دەستگیر کرد"),
    ("ckb", "تەقینەوەیەک لە شاری کەرکووک ڕوویدا"),
    ("ur", "کابل میں دھماکے سے تین افراد ہلاک ہو گئے"),
    ("ps", "په کابل کې په چاودنه کې درې کسان ووژل شول"),
    ("tr", "Şırnak'ta askeri araca saldırı: 3 asker şehit oldu"),
    ("tr", "Polis Ankara'da 5 kişiyi gözaltına aldı"),
    ("en", "Six killed in attack on prison in Raqqa"),
    ("en", "Breaking: explosion in Kabul"),
    ("fr", "Une attaque contre une prison fait six morts à Raqqa"),
    ("de", "Bei einem Angriff auf ein Gefängnis sind sechs Menschen getötet worden"),
    ("he", "פיגוע ירי בירושלים, שלושה נפצעו"),
    ("ru", "В результате взрыва в Дамаске погибли три человека"),
    ("und", ""),
    ("und", "12:45"),
    ("und", "\U0001f6a8\U0001f6a8"),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_the_language_is_told(language: str, text: str):
    assert identify(text) == language


def test_the_source_s_word_counts_where_the_text_is_too_short():
    assert identify("12:45", "ar") == "ar"
    assert identify("OK", "tr-TR") == "tr"


def test_the_source_s_word_does_not_outweigh_the_text():
    assert identify("انفجار عنيف في مدينة الرقة", "fa") == "ar"
    assert identify("نیروهای امنیتی دو نفر را در تهران بازداشت کردند", "ar") == "fa"
