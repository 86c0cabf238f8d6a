"""Figures read off sentences written for this test; nobody in them is real."""

import pytest

from agents.classify import Classifier
from schemas.kinds import Party, TollKind
from schemas.records import Toll
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()


def tolls(text: str, language: str = "ar") -> list[Toll]:
    return list(CLASSIFIER.classify(report(text, language)).tolls)


def figures(text: str, language: str = "ar") -> list[tuple[str, int | None, int | None]]:
    return [(t.kind.value, t.low, t.high) for t in tolls(text, language) if t.of_which is None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مقتل 6 مدنيين في قصف", [("killed", 6, 6)]),  # 6 civilians killed by shelling
        ("مقتل ٦ مدنيين في قصف", [("killed", 6, 6)]),  # Arabic-Indic digit
        ("مقتل ستة مدنيين في قصف", [("killed", 6, 6)]),  # number word
        ("أسفر الهجوم عن مقتل خمسة وعشرين شخصا", [("killed", 25, 25)]),  # 25 people
        ("مقتل ثلاثة عشر شخصا في الهجوم", [("killed", 13, 13)]),  # 13 people
        ("مقتل مئة وخمسة أشخاص في الهجوم", [("killed", 105, 105)]),  # 105 people
        ("استشهد مدنيان في قصف", [("killed", 2, 2)]),  # nominative dual
        ("قصف أدى إلى مقتل طفلين", [("killed", 2, 2)]),  # oblique dual
        ("مقتل مسلحين اثنين في اشتباك", [("killed", 2, 2)]),  # a dual made plain by the numeral
        ("قتيلان وخمسة جرحى في انفجار", [("killed", 2, 2), ("wounded", 5, 5)]),  # two dead and five wounded
        ("7 شهداء و12 جريحا حصيلة القصف", [("killed", 7, 7), ("wounded", 12, 12)]),  # 7 dead, 12 wounded
        ("مقتل شخص وإصابة 3 آخرين بقصف", [("killed", 1, 1), ("wounded", 3, 3)]),  # one killed, 3 others wounded
        ("ستة مدنيين قتلوا في هجوم", [("killed", 6, 6)]),  # six civilians were killed
        ("اعتقلت القوات 4 أشخاص خلال مداهمة", [("arrested", 4, 4)]),  # 4 people arrested
        ("خطف مسلحون سبعة عمال على الطريق", [("abducted", 7, 7)]),  # seven workers abducted
        ("فقد 9 مدنيين حياتهم جراء غارة", [("killed", 9, 9)]),  # 9 civilians lost their lives
        ("استشهاد الطفلة التي أصيبت في القصف", [("killed", 1, None)]),  # one named victim is no total
        ("لقي 3 أشخاص مصرعهم في هجوم", [("killed", 3, 3)]),  # 3 people met their death
        (
            "الحصيلة الأولى شهيدان و12 جريحا جراء القصف",
            [("killed", 2, 2), ("wounded", 12, 12)],
        ),  # 2 dead and 12 wounded
        ("ارتفع عدد الشهداء إلى 5 والجرحى إلى 15 جراء القصف", [("killed", 5, 5), ("wounded", 15, 15)]),  # rose to
        ("ارتفاع حصيلة القصف إلى 10 شهداء وجريحة", [("killed", 10, 10), ("wounded", 1, 1)]),  # 10 dead, one wounded
        ("قتل 3 أشخاص وأصيب 5 في هجوم", [("killed", 3, 3), ("wounded", 5, 5)]),  # 3 killed and 5 wounded
        ("ارتفعت حصيلة القصف إلى 5 قتلى", [("killed", 5, 5)]),  # the toll rose to 5 dead
    ],
)
def test_arabic_figures(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gunmen killed six people and wounded ten others", [("killed", 6, 6), ("wounded", 10, 10)]),
        ("Six people were killed and 10 wounded in a blast", [("killed", 6, 6), ("wounded", 10, 10)]),
        ("A bomb exploded in a market, killing twenty-one civilians", [("killed", 21, 21)]),
        ("Two soldiers were shot dead by militants", [("killed", 2, 2)]),
        ("The death toll from the bombing rose to 14", [("killed", 14, 14)]),
        ("Police arrested three suspects after the attack", [("arrested", 3, 3)]),
        ("Militants abducted four workers", [("abducted", 4, 4)]),
        ("At least nine policemen were injured in the attack", [("wounded", 9, None)]),
    ],
)
def test_english_figures(text: str, expected: list[tuple[str, int, int | None]]) -> None:
    assert figures(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Karakola silahlı saldırıda iki asker öldü, beş kişi yaralandı", [("killed", 2, 2), ("wounded", 5, 5)]),
        ("Pazarda patlama: 3 ölü, 12 yaralı", [("killed", 3, 3), ("wounded", 12, 12)]),
        ("İstanbul'da operasyonda on beş kişi gözaltına alındı", [("arrested", 15, 15)]),
        ("Silahlı saldırıda en az yirmi bir sivil hayatını kaybetti", [("killed", 21, None)]),
    ],
)
def test_turkish_figures(text: str, expected: list[tuple[str, int, int | None]]) -> None:
    assert figures(text, "tr") == expected


def test_a_sub_count_points_to_its_whole_and_is_not_added() -> None:
    rows = tolls("مقتل 6 أشخاص بينهم 3 أطفال وامرأتان في قصف")  # 6 killed, of them 3 children and two women
    assert [(t.low, t.party, t.of_which) for t in rows] == [
        (6, Party.UNKNOWN, None),
        (3, Party.CHILDREN, 0),
        (2, Party.WOMEN, 0),
    ]


def test_killed_and_wounded_under_one_number_are_bounds() -> None:
    rows = tolls("سقط 20 قتيلا وجريحا في التفجير")  # 20 killed and wounded together
    assert {(t.kind, t.low, t.high) for t in rows} == {(TollKind.KILLED, 1, None), (TollKind.WOUNDED, 1, None)}
    assert rows[0].vague_word == "20 قتيلا"


def test_an_enumeration_is_a_total_with_parts() -> None:
    rows = tolls("استشهاد سيدة وطفليها بقصف على القرية")  # a woman and her two children
    assert [(t.low, t.of_which) for t in rows] == [(3, None), (1, 0), (2, 0)]


def test_vague_words_keep_the_word_and_a_floor() -> None:
    (row,) = tolls("مقتل العشرات في هجوم على السوق")  # tens killed
    assert (row.low, row.high, row.vague_word) == (10, None, "العشرات")


@pytest.mark.parametrize(
    "text",
    [
        "هجوم على سجن يضم نحو 900 عنصر",  # a prison that holds some 900: nobody died
        "انفجار في سوق وارتفاع سعر الخبز إلى 500 ليرة",  # prices
        "قصف القرية بـ 12 قذيفة مدفعية",  # 12 shells
        "هجوم شنه التنظيم في 20/11",  # a date
        "قصف على المدينة\n47",  # a stray counter
        "قصف على بلدة عدد سكانها 3000 نسمة",  # population
    ],
)
def test_what_is_not_a_toll(text: str) -> None:
    assert tolls(text) == []


def test_a_newer_total_leaves_the_older_figure_behind() -> None:
    rows = tolls(
        "ارتفع عدد القتلى إلى 6 في الهجوم.\nوكان قد أعلن مقتل 4 أشخاص في حصيلة غير نهائية."
    )  # rose to 6; 4 before
    assert [(t.low, t.cumulative, t.superseded) for t in rows] == [(6, True, False), (4, False, True)]


def test_the_cited_origin_says_the_figure() -> None:
    (row,) = tolls("أعلن المرصد السوري لحقوق الإنسان مقتل 4 أشخاص في قصف")  # SOHR announced 4 killed
    assert row.said_by == "sohr"


def test_spans_point_at_the_words() -> None:
    text = "قصف على القرية أدى إلى مقتل ستة مدنيين"
    (row,) = tolls(text)
    assert row.evidence is not None
    assert text[row.evidence.start : row.evidence.end] == "ستة مدنيين"
