"""The demo's six tellings and short texts written for this test: relevance, document roles, who did what."""

from datetime import UTC, datetime

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from marqab.demo.story import STORY
from schemas.kinds import ActorRole, DocRole, Modality, SourceKind, SourceRole
from schemas.records import Post, Sighting, Source
from tests.unit.test_classify_lexicon import report

CLASSIFIER = Classifier.default()
ROLES = {"demo-monitor": SourceRole.MONITOR, "demo-claims": SourceRole.CLAIMS}


def telling(number: int) -> Sighting:
    told = STORY[number]
    source = Source(
        id=told.source,
        kind=SourceKind.TELEGRAM_WEB if told.source == "demo-claims" else SourceKind.FEED,
        role=ROLES.get(told.source, SourceRole.MEDIA),
        country="SY",
    )
    at = datetime(2022, 12, 26, 20, number, tzinfo=UTC)
    post = Post(source=source, native_id=str(number), title=told.title or None, text=told.text, published_at=at)
    return CLASSIFIER.classify(normalize(post))


@pytest.mark.parametrize("number", range(len(STORY)))
def test_every_telling_of_the_story_is_relevant(number: int) -> None:
    assert telling(number).relevant


def test_the_story_has_an_update_and_a_claim_in_the_group_s_own_words() -> None:
    assert telling(0).doc_role == DocRole.NEW_INCIDENT
    assert telling(3).doc_role == DocRole.UPDATE
    claim = telling(4)
    assert claim.doc_role == DocRole.CLAIM
    assert [(c.claimant, c.first_hand, c.claimed) for c in claim.claims] == [("isis", True, True)]
    assert claim.title is None


def test_a_force_whose_people_died_is_never_its_attacker() -> None:
    for number in (0, 1, 3):
        attackers = {a.actor_id for a in telling(number).actors if a.role == ActorRole.ATTACKER}
        assert attackers <= {"isis"}


@pytest.mark.parametrize(
    ("text", "language", "actor", "role"),
    [
        ("انفجار عبوة ناسفة بسيارة تتبع لقسد", "ar", "sdf", ActorRole.VICTIM),  # a bomb in a vehicle of the SDF
        ("قصفت القوات التركية قرية", "ar", "turkish_forces", ActorRole.ATTACKER),  # Turkish forces shelled a village
        ("هجوم لداعش على حاجز", "ar", "isis", ActorRole.ATTACKER),  # an attack by ISIS on a checkpoint
        ("هجوم على الجيش السوري", "ar", "syrian_forces", ActorRole.VICTIM),  # an attack on the Syrian army
        ("اعتقلت قسد شابين", "ar", "sdf", ActorRole.AUTHORITY),  # the SDF arrested two young men
        ("الأسايش تفرض حظر تجوال", "ar", "asayish", ActorRole.AUTHORITY),  # the Asayish impose a curfew
        ("أعلن المرصد السوري مقتل شخص", "ar", "sohr", ActorRole.SPEAKER),  # SOHR announced one killed
        ("مقتل عنصرين من قسد بهجوم مسلح", "ar", "sdf", ActorRole.VICTIM),  # two of the SDF killed by an attack
        ("قصف للتحالف الدولي على موقع", "ar", "coalition", ActorRole.ATTACKER),  # a strike of the coalition's on a post
        ("مسيرة تستهدف قياديا في حراس الدين", "ar", "huras_al_din", ActorRole.VICTIM),  # a drone targets a leader of …
        ("Turkish drones struck a vehicle of the SDF", "en", "sdf", ActorRole.VICTIM),
        ("Israeli warplanes bombed Hezbollah positions", "en", "hezbollah", ActorRole.VICTIM),
        ("Israeli warplanes bombed Hezbollah positions", "en", "israeli_forces", ActorRole.ATTACKER),
        ("An Iraqi army patrol was ambushed by ISIS", "en", "iraqi_forces", ActorRole.VICTIM),
        ("The interior ministry said police foiled an attack", "en", "security_forces", ActorRole.AUTHORITY),
        ("Two SDF fighters were killed by a roadside bomb", "en", "sdf", ActorRole.VICTIM),
        ("Israeli forces shelled a village", "en", "israeli_forces", ActorRole.ATTACKER),
        ("Islamic State militants attacked an Iraqi army post", "en", "isis", ActorRole.ATTACKER),
    ],
)
def test_roles(text: str, language: str, actor: str, role: ActorRole) -> None:
    roles = {a.actor_id: a.role for a in CLASSIFIER.classify(report(text, language)).actors}
    assert roles[actor] == role


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("هجوم كاسح للفريق في الشوط الثاني من المباراة وهدفان", "ar"),  # a sweeping attack in the second half
        ("انفجار أسعار القمح وسط حرب أسعار", "ar"),  # an explosion of wheat prices
        ("نفت قيادة العمليات وقوع أي هجوم في المدينة", "ar"),  # denied that any attack took place
        ("نفت الوزارة وقوع انفجار في المطار", "ar"),  # the ministry denied an explosion at the airport
        ("Officials denied reports of an explosion", "en"),
        ("حكمت المحكمة بالسجن على متهم في تفجير وقع عام 2003", "ar"),  # a court on a bombing of 2003
        ("The ambassador said talks on a ceasefire would resume next week", "en"),
        ("The striker's attack on goal won the match", "en"),
        ("", "ar"),
        ("47", "und"),
    ],
)
def test_what_is_no_incident(text: str, language: str) -> None:
    assert not CLASSIFIER.classify(report(text, language)).relevant


def test_modalities() -> None:
    foiled = CLASSIFIER.classify(report("أحبطت القوات هجوما بسيارة مفخخة على المقر"))  # foiled a car bomb attack
    assert (foiled.modality, foiled.relevant) == (Modality.FOILED, True)
    past = CLASSIFIER.classify(report("في الذكرى العاشرة للمجزرة أحيا الأهالي المناسبة"))  # tenth anniversary
    assert (past.modality, past.relevant) == (Modality.HISTORICAL, False)


def test_every_value_points_at_its_words() -> None:
    for number in range(len(STORY)):
        sighting, text = telling(number), STORY[number]
        original = f"{text.title}\n{text.text}" if text.title else text.text
        spans = [v.evidence for v in (*sighting.tolls, *sighting.actors, *sighting.measures, *sighting.claims)]
        assert all(e is not None and original[e.start : e.end].strip() for e in spans)
