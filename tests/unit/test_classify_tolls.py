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
        ("ارتفاع حصيلة قصف القرية إلى 6 مدنيين بينهم 3 أطفال", [("killed", 6, 6)]),  # toll of the shelling rose to 6
        ("مقتل 5 إلى 7 أشخاص في قصف", [("killed", 5, 7)]),  # 5 to 7 people killed
        ("انتشال جثث 4 مدنيين من تحت الأنقاض بعد الغارات", [("killed", 4, 4)]),  # the bodies of 4 civilians recovered
        ("مقتل عائلة من 7 أفراد بقصف على القرية", [("killed", 7, 7)]),  # a family of 7 killed
        ("تحرير 12 مختطفا من قبضة الخاطفين", [("freed", 12, 12)]),  # 12 abducted people freed
        (
            "استشهاد 3 من عناصر الشرطة وإصابة 2 بهجوم مسلح",
            [("killed", 3, 3), ("wounded", 2, 2)],
        ),  # 2 wounded by an attack
        (
            "مات اثنين وتصاوب خمسة بالقصف على السوق",
            [("killed", 2, 2), ("wounded", 5, 5)],
        ),  # dialect: two died, five hurt
        ("انكتل زلمة وانجرح شب بالرصاص", [("killed", 1, 1), ("wounded", 1, 1)]),  # dialect: a man killed, a youth hurt
        ("مقتل ما بين 5 و7 أشخاص في قصف", [("killed", 5, 7)]),  # between 5 and 7
        ("مقتل خمسة أو ستة أشخاص في قصف", [("killed", 5, 6)]),  # five or six
        ("مقتل أكثر من 15 شخصا في غارة", [("killed", 15, None)]),  # more than 15
        ("ارتفع عدد القتلى من 5 إلى 7 في القصف", [("killed", 7, 7)]),  # rose from 5 to 7: no range
        ("مقتل شخص وابنيه في غارة على سيارة", [("killed", 3, 3)]),  # a man and his two sons
        ("مقتل أحد عناصر الشرطة بهجوم", [("killed", 1, 1)]),  # one of the policemen
        ("مقتل أحد وجهاء القرية بهجوم مسلح", [("killed", 1, 1)]),  # one of the village's notables
        ("قصف على القرية ومواطن استشهد جراء القصف", [("killed", 1, 1)]),  # a citizen who was killed by the shelling
        ("7 مدنيين بينهم 6 أطفال بجروح إثر قصف", [("wounded", 7, 7)]),  # 7 civilians, 6 of them children, hurt
        ("استهداف سيارة بطائرة مسيرة ما أدى إلى مقتله على الفور", [("killed", 1, None)]),  # which led to his death
        ("إصابة أطفالهما السبعة في القصف", [("wounded", 7, 7)]),  # their seven children were wounded
        ("مقتل رجلين وطفل من عائلة واحدة وإصابة أربع نساء بقصف", [("killed", 3, 3), ("wounded", 4, 4)]),
        # two men and a child of one family killed and four women wounded
        (
            "سقوط قتلى وجرحى بقصف على السوق",
            [("killed", None, None), ("wounded", None, None)],
        ),  # some dead, some wounded
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
        (
            "12 people, including three children, were killed and 30 others injured in the blast",
            [("killed", 12, 12), ("wounded", 30, 30)],
        ),
        ("Two policemen and a civilian were killed in an explosion", [("killed", 2, 2), ("killed", 1, 1)]),
        ("Six Taliban militants and two soldiers were killed in the clash", [("killed", 6, 6), ("killed", 2, 2)]),
        ("Between 5 and 7 soldiers were killed in the ambush", [("killed", 5, 7)]),
        ("An eight-year-old boy was killed by a landmine", [("killed", 1, 1)]),
        ("Since the beginning of the year, 300 people have been killed in bombings", []),
        (
            "Police killed five militants and two soldiers were injured in the clash",
            [("killed", 5, 5), ("wounded", 2, 2)],
        ),
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


UNITS = ["واحد", "اثنين", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة"]
TENS = ["عشرين", "ثلاثين", "أربعين", "خمسين", "ستين", "سبعين", "ثمانين", "تسعين"]
TEENS = {
    11: "أحد عشر", 12: "اثني عشر", 13: "ثلاثة عشر", 14: "أربعة عشر", 15: "خمسة عشر", 16: "ستة عشر",
    17: "سبعة عشر", 18: "ثمانية عشر", 19: "تسعة عشر",
}  # fmt: skip
FEMININE = {11: "إحدى عشرة", 12: "اثنتا عشرة", 13: "ثلاث عشرة", 18: "ثماني عشرة", 21: "إحدى وعشرين", 33: "ثلاث وثلاثين"}


def test_every_number_word_from_eleven_to_ninety_nine() -> None:
    words = [*TEENS.items(), *FEMININE.items(), (31, "أحد وثلاثون")]
    for tens, word in enumerate(TENS, 2):
        words += [(10 * tens, word), (10 * tens, word[:-2] + "ون")]
        words += [(10 * tens + unit, f"{said} و{word}") for unit, said in enumerate(UNITS, 1)]
    for value, word in words:
        (row,) = tolls(f"مقتل {word} شخصا في الهجوم")  # so many people killed in the attack
        assert (row.low, row.high) == (value, value), word


def test_people_in_brackets_are_those_who_were_counted() -> None:
    rows = tolls("مقتل 6 مدنيين (طفلان وسيدتان ورجلان) في قصف")  # 6 civilians (two children, two women, two men)
    assert [(t.low, t.of_which) for t in rows] == [(6, None), (2, 0), (2, 0), (2, 0)]


def test_a_period_s_total_is_no_toll_of_the_incident() -> None:
    # 3 civilians killed by shelling. Since the beginning of the year 300 were killed in the region.
    assert figures("مقتل 3 مدنيين بقصف على القرية. منذ بداية العام قتل 300 مدني في المنطقة.") == [("killed", 3, 3)]
    assert figures("ومنذ 8 كانون الثاني أدى القصف على المنطقة إلى مقتل 23 مدنيا") == []  # since 8 January 23 killed


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("مقتل محمد وإصابة آخر في إطلاق نار", 1),  # Muhammad killed and another man wounded
        ("استشهاد أبو أحمد بقصف على القرية", 1),  # the father of Ahmad
        ("مقتل محمد وأحمد وعلي بقصف على القرية", 3),  # three given names
        ("قصف على القرية\nالشهداء:\n1- محمد\n2- أحمد\n3- علي", 3),  # the dead: a numbered list
        ("قصف على القرية\nالشهداء:\nمحمد\nأحمد\nخالد\nحسبنا الله", 3),  # a name a line
        ("قصف على القرية. أسماء الشهداء: محمد، أحمد، خالد، علي", 4),  # names between commas
        ("قصف على القرية\nالشهداء:\nمحمد\nأحمد\nنسأل الله أن يتقبلهم\nالمكتب الإعلامي", 2),  # a prayer, a signature
        ("قصف على القرية الشهداء 1. محمد 14 شهيد. 2. أحمد 14 شهيد. 3. خالد", 3),  # with their ages
        ("قصف على القرية\nالشهيد محمد\nالشهيدة فاطمة", 2),  # two who are called martyrs
    ],
)
def test_people_who_are_named_are_at_least_so_many(text: str, least: int) -> None:
    rows = [t for t in tolls(text) if t.kind == TollKind.KILLED and t.of_which is None]
    assert [(t.low, t.high) for t in rows] == [(least, None)]


def test_a_list_that_breaks_off_says_nothing_and_one_under_a_number_adds_nothing() -> None:
    assert tolls("قصف على القرية\nالشهداء:\n1- محمد\n2- أحمد...") == []
    rows = tolls("مقتل 4 أشخاص بقصف على القرية\nالشهداء:\nمحمد\nأحمد")  # 4 killed, two of them named
    assert [(t.low, t.of_which) for t in rows] in ([(4, None), (2, 0)], [(2, 1), (4, None)])


def test_a_sub_count_points_to_its_whole_and_is_not_added() -> None:
    rows = tolls("مقتل 6 أشخاص بينهم 3 أطفال وامرأتان في قصف")  # 6 killed, of them 3 children and two women
    assert [(t.low, t.party, t.of_which) for t in rows] == [
        (6, Party.UNKNOWN, None),
        (3, Party.CHILDREN, 0),
        (2, Party.WOMEN, 0),
    ]


def test_killed_and_wounded_under_one_number_are_bounds() -> None:
    rows = tolls("سقط 20 قتيلا وجريحا في التفجير")  # 20 killed and wounded together
    assert {(t.kind, t.low, t.high) for t in rows} == {
        (TollKind.KILLED, None, None),
        (TollKind.WOUNDED, None, None),
    }
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


def told(text: str, language: str = "ar") -> list[tuple[str, int | None, int | None, int | None]]:
    return [(t.kind.value, t.low, t.high, t.of_which) for t in tolls(text, language)]


def test_who_dies_of_wounds_is_part_of_the_total_that_rises() -> None:
    """A young man died of his wounds, which brings the number to 5 (dead; documented)."""
    for total in ("5 شهداء", "5 تم توثيقهم"):
        rows = told(f"وفاة شاب متأثرا بجراحه جراء القصف وبهذا يرتفع العدد إلى {total}")
        assert [row[:3] for row in rows] == [("killed", 1, 1), ("killed", 5, 5)]
        assert not any(row[1] == 6 for row in rows)
    assert told("ارتفع عدد القتلى إلى 4 أطفال وامرأتين بقصف على البلدة")[0] == ("killed", 6, 6, None)  # four and two


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("أن شخصا قتل وأصيب ثلاثة آخرون في هجوم على سيارة", [("killed", 1, 1), ("wounded", 3, 3)]),  # one; three others
        ("شخصان قتلا وأصيب أربعة بانفجار عبوة", [("killed", 2, 2), ("wounded", 4, 4)]),  # two and four
        ("الشاب الذي استشهد جراء القصف نازح", [("killed", 1, None)]),  # the young man who was killed
        ("المسلح الذي قتل ثلاثة جنود فر", [("killed", 3, 3)]),  # the gunman who killed three soldiers fled
        ("استشهاد المرأة بصاروخ استهدف السيارة", [("killed", 1, None)]),  # the woman was killed
    ],
)
def test_whom_a_verb_behind_or_before_tells_of(text: str, expected: list[tuple[str, int, int | None]]) -> None:
    assert [row[:3] for row in told(text)] == expected


def test_of_them_counts_a_part_in_english() -> None:
    rows = tolls("Six people were killed, two of them attackers, in an attack on a police station", "en")
    assert [(t.low, t.party.value, t.of_which) for t in rows] == [(6, "unknown", None), (2, "perpetrators", 0)]


def test_a_list_s_numbers_may_go_on_behind_another_heading() -> None:
    """The dead: 1, 2; the wounded: 3, 4."""
    rows = told("قصف على البلدة. الشهداء 1. أحمد محمد 2. خالد علي المصابين 3. محمد عمر 4. علي يوسف")
    assert rows[0] == ("killed", 2, None, None)
