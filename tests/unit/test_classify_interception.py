"""What falls is no interception: `سقط` (fall) and `أسقط` (shoot down, drop, leave dead) share their written forms."""

from datetime import UTC, datetime

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import EventType, SourceKind
from schemas.records import Post, Source


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.default()


def kind_of(classifier: Classifier, text: str) -> EventType | None:
    post = Post(
        source=Source(id="a-source", kind=SourceKind.FEED),
        native_id="1",
        text=text,
        published_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return classifier.classify(normalize(post)).event_type


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        # shells, rockets, a rocket, mortar shells fall on or at a place
        ("قذائف تسقط على حي الحميدية في حمص وتوقع قتيلين", EventType.SHELLING_ROCKET),
        ("صواريخ تسقط على مدينة حيفا وتوقع جرحى", EventType.SHELLING_ROCKET),
        ("صاروخ يسقط على منزل في إدلب ويقتل عائلة", EventType.SHELLING_ROCKET),
        ("قذائف هاون تسقط في محيط السفارة بدمشق", EventType.SHELLING_ROCKET),
        ("سقوط صواريخ على مدينة سرمين ومقتل طفل", EventType.SHELLING_ROCKET),
        # a drone falls on a house
        ("طائرة مسيرة تسقط على منزل في أربيل وتصيب طفلين", EventType.AIR_DRONE_STRIKE),
        # aircraft drop barrel bombs; a drone drops a bomb
        ("أسقطت طائرة حربية براميل متفجرة على مدينة داريا", EventType.AIR_DRONE_STRIKE),
        ("الطيران المروحي أسقط أربعة براميل متفجرة على البلدة", EventType.AIR_DRONE_STRIKE),
        ("مسيرة تسقط قنبلة على بلدة الخيام", EventType.AIR_DRONE_STRIKE),
        # shelling, air strikes leave people dead
        ("القصف المدفعي أسقط ثلاثة قتلى في كفرنبل", EventType.SHELLING_ROCKET),
        ("غارات جوية تسقط قتلى وجرحى في معرة النعمان", EventType.AIR_DRONE_STRIKE),
        # forces resist an assault (not a missile) while there is shelling
        ("الفصائل تتصدى لمحاولة تقدم وسط قصف مدفعي على كبانة", EventType.SHELLING_ROCKET),
        # air defence is what was struck
        ("غارة جوية استهدفت كتيبة الدفاع الجوي في درعا", EventType.AIR_DRONE_STRIKE),
        ("Air strikes hit an air defence base near Homs", EventType.AIR_DRONE_STRIKE),
    ],
)
def test_what_falls_or_is_struck_is_told_by_its_own_kind(classifier: Classifier, text: str, kind: EventType) -> None:
    assert kind_of(classifier, text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "الدفاعات الجوية تسقط طائرة مسيرة فوق دمشق",  # air defences shoot down a drone
        "القوات تسقط ثلاث مسيرات فوق مأرب",  # forces shoot down three drones
        "الحوثيون يسقطون طائرة مسيرة فوق صعدة",  # the Houthis shoot down a drone
        "قوات الدفاع الجوي تسقط صاروخا باليستيا فوق مأرب",  # a ballistic missile shot down
        "المضادات تتصدى لطائرات مسيرة في سماء حميميم",  # anti-aircraft fire against drones
        "إسقاط طائرة مسيرة في ريف إدلب",  # a drone shot down
        "Air defences brought down two drones over Latakia",
    ],
)
def test_what_is_shot_down_is_an_interception(classifier: Classifier, text: str) -> None:
    assert kind_of(classifier, text) is EventType.INTERCEPTION
