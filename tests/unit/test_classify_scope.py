"""Posts that tell of several incidents, written for this test: whose figures are a sighting's."""

import pytest

from agents.classify import Classifier
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        # 4 civilians killed by a car bomb in al-Bab; in Deir ez-Zor 12 members killed in an attack on a bus
        ("انفجار سيارة مفخخة في مدينة الباب أدى إلى مقتل 4 مدنيين. وفي دير الزور قتل 12 عنصرا بهجوم على حافلة", [4]),
        # in one sentence: 3 civilians in Idlib by shelling, two soldiers in Raqqa by a bomb
        ("مقتل 3 مدنيين بقصف على مدينة إدلب، ومقتل جنديين بانفجار عبوة ناسفة في مدينة الرقة", [3]),
        # 5 killed in Ariha; the wounded were taken to a hospital in Idlib, which is no other incident
        ("مقتل 5 مدنيين بقصف على مدينة أريحا، وتم نقل 8 مصابين إلى مشفى إدلب", [5, 8]),
        # the quarter lies in the city: one incident
        ("قصف على مدينة حمص. وأدى القصف على حي الوعر إلى مقتل 3 مدنيين وإصابة 2", [3, 2]),
        # nobody says where the second figure belongs: it stays
        ("مقتل 3 مدنيين بقصف على مدينة إدلب. وأصيب 5 آخرون", [3, 5]),
    ],
)
def test_figures_of_other_places_are_left_out(text: str, figures: list[int]) -> None:
    assert [toll.low for toll in CLASSIFIER.classify(report(text)).tolls] == figures


def test_a_sub_count_still_points_to_its_whole() -> None:
    text = "مقتل جنديين بهجوم في مدينة الرقة. مقتل 6 مدنيين بينهم 3 أطفال بقصف على مدينة إدلب ومقتل 3 في مدينة إدلب"
    # two soldiers in Raqqa; 6 civilians, 3 of them children, in Idlib
    rows = CLASSIFIER.classify(report(text)).tolls
    assert all(row.of_which is None or row.of_which < len(rows) for row in rows)
    assert {row.low for row in rows} in ({2}, {6, 3})
