"""Figures told without the usual words: lost first words, names in a clause, idioms for dying, families."""

import pytest

from agents.classify import Classifier
from schemas.kinds import Party
from schemas.records import Toll
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()


def killed(text: str) -> list[tuple[int | None, int | None]]:
    return [(t.low, t.high) for t in rows(text) if t.kind.value == "killed" and t.of_which is None]


def rows(text: str) -> list[Toll]:
    return CLASSIFIER.classify(report(text, "en" if text.isascii() else "ar")).tolls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("طفلة وإصابة 3 أشخاص بقصف مدفعي على بنش", [(1, 1)]),  # a child, and three wounded: the first word is lost
        ("3 مدنيين وأصيب 19 آخرون بقصف على درعا", [(3, 3)]),  # 3 civilians, and 19 wounded: likewise
        ("أسفر القصف عن فقدان 5 مدنيين وإصابة 40 آخرين", [(5, 5)]),  # shelling: five lost, 40 wounded
        ("انتقل إلى رحمة الله الشاب محمود علي جراء انفجار قنبلة", [(1, None)]),  # passed into God's mercy
        ("اعتقال عائلة هاني حمود الذي ارتقى بغارة للتحالف", [(1, None)]),  # Hani, who fell in a strike
        ("غارة أسفرت عن مقتل رحيمي بوي، وهو مسؤول في داعش", [(1, None)]),  # …, and he is an official of ISIS
        ("اعتقال هاني حمود الذي قتل زوجته بمسدس", [(1, 1)]),  # Hani, who killed his wife: she is the dead one
        ("استشهاد البطل: الملازم أحمد سليمان في كمين", [(1, None)]),  # the hero: Lieutenant …
        ("3 شهداء وإصابة طفل بغارة على سيارة", [(3, 3)]),  # 3 dead and a child wounded: no joint figure
        ("قتلا شابان برصاص مجهولين في الطبقة", [(2, 2)]),  # two young men, the verb in the dual
        ("The toll from Friday's car bombing rose to six.", [(6, 6)]),
        ("مصرع ضابط وجنديين في تفجير عبوة ناسفة", [(3, 3)]),  # an officer and two soldiers
        ("هوية المدني الذي قتل أمس: كشفت مصادر عن هوية المدني الذي قتل أمس في قصف", [(1, None)]),  # told twice
        ("A man was killed along with his wife and two children when a shell hit their home.", [(4, 4)]),
        ("A shell killed a mother of three and her neighbour.", [(2, 2)]),
        ("Two children and their father were killed by a mine; their mother was wounded.", [(3, 3)]),
        ("Five SDF fighters and one attacker were killed in the raid.", [(5, 5), (1, 1)]),
        ("The attack killed four civilians, including a child, and three soldiers.", [(4, 4), (3, 3)]),
    ],
)
def test_who_died(text: str, expected: list[tuple[int | None, int | None]]) -> None:
    assert killed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "فقدان الاتصال مع 5 صيادين قبالة الساحل وإصابة آخر في العاصفة",  # contact lost with five fishermen in a storm
        "عائلة من بنش تناشد بعد إصابة ثلاثة من أبنائها بقصف",  # a family appeals: nobody died
    ],
)
def test_who_did_not(text: str) -> None:
    assert all(low is None for low, _ in killed(text))


def test_an_apposition_is_no_second_person() -> None:
    found = rows("غارة أدت إلى مقتل وسيم خالد، القيادي العسكري في تنظيم داعش")  # the killing of W., the commander
    assert max(t.low or 0 for t in found) == 1


def test_a_name_of_theirs_between_number_and_noun() -> None:
    (fighters,) = rows("Five SDF fighters were killed in the raid.")
    assert (fighters.low, fighters.party, fighters.actor_id) == (5, Party.SECURITY_FORCES, "sdf")


def test_no_figure_is_a_part_of_itself() -> None:
    found = rows("هجوم مسلح على حاجز. وجريح إلى ارتفع وجريح وجريح")  # broken words: one wounded, to, rose, one, one
    assert all(row.of_which != number for number, row in enumerate(found))


def test_any_number_of_possessives_is_read() -> None:
    assert rows("Gunmen killed a teacher and " + "his " * 5_000 + "brother near the checkpoint.")
