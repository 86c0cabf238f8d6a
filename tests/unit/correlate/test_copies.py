"""What is a copy and what is not, through all stages: it adds no voice and no alert, whatever it is dressed up in."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.correlate import TextCopies
from agents.replay import Replay
from schemas.kinds import SourceKind
from schemas.records import Alert, Forward, Incident, Post, Source

AT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
# Four of the security forces were killed and others wounded when gunmen attacked a checkpoint of the internal security
# at the eastern entrance of Raqqa; clashes followed, then forces combed the area and closed the roads to the city.
TEXT = (
    "قتل أربعة عناصر من قوى الأمن الداخلي وأصيب آخرون في هجوم مسلح استهدف حاجزا عند المدخل الشرقي لمدينة الرقة مساء "
    "اليوم واندلعت اشتباكات عنيفة بين المهاجمين وعناصر الحاجز استمرت قرابة ساعة قبل أن تصل تعزيزات عسكرية إلى المكان "
    "وتبدأ حملة تمشيط واسعة في المزارع المجاورة مع إغلاق جميع الطرق المؤدية إلى المدينة"
)
MORE = (
    "وقال أحد سكان المنطقة إن أصوات الرصاص سمعت في الأحياء القريبة وإن سيارات الإسعاف نقلت الجرحى إلى المشفى الوطني "
    "فيما لم تعلن أي جهة وقوفها خلف ما جرى حتى ساعة كتابة هذا الخبر ولم تصدر الجهات الأمنية أي بيان رسمي حول التفاصيل"
)


def post(outlet: str, minutes: float, text: str, **fields: object) -> Post:
    source = Source(id=outlet, kind=SourceKind.TELEGRAM, name=f"The {outlet}", country="SY")
    at = AT + timedelta(minutes=minutes)
    named = {"native_id": "1", "language": "ar", "published_at": at, "fetched_at": at, **fields}
    return Post(source=source, text=text, **named)


def run(*posts: Post) -> tuple[Incident, list[Alert]]:
    replay = Replay()
    alerts = [alert for one in posts for alert in replay.step(one).alerts]
    (incident,) = replay.incidents()
    return incident, [*alerts, *replay.finish()]


def hidden(text: str, by: str) -> str:
    """Every tenth word of the text hidden from filters."""
    words = text.split(" ")
    return " ".join(by.join(word) if n % 10 == 3 else word for n, word in enumerate(words))


COPIES = {
    "exact": TEXT,
    "near: two words changed": TEXT.replace("عنيفة", "قوية").replace("واسعة", "كبيرة"),
    "an excerpt, after a longer article": TEXT,
    "another headline": TEXT,
    "hidden with tatweel": hidden(TEXT, "\u0640"),
    "hidden with zero-width joiners": hidden(TEXT, "\u200d"),
    "hidden with dots": hidden(TEXT, "."),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_adds_no_voice_and_no_alert(how: str) -> None:
    first = f"{TEXT} {MORE}" if "excerpt" in how else hidden(TEXT, "*") if "hidden" in how else TEXT
    title = "عاجل من الرقة" if "headline" in how else None  # urgent, from Raqqa
    incident, alerts = run(post("first", 0, first), post("second", 30, COPIES[how], title=title))
    one, two = incident.statements
    assert (one.copy_of, two.copy_of) == (None, one.post_id)
    assert incident.origins == ["first"]
    assert [alert.kind for alert in alerts] == ["new"]


def test_an_excerpt_that_came_first_is_the_original_of_the_article_around_it() -> None:
    incident, alerts = run(post("first", 0, TEXT), post("second", 30, f"{TEXT} {MORE}"))
    assert incident.statements[1].copy_of == incident.statements[0].post_id
    assert [alert.kind for alert in alerts] == ["new"]


def test_a_forward_speaks_with_the_voice_of_the_channel_that_it_came_from() -> None:
    forward = post("second", 30, TEXT, forwarded_from=Forward(name="The first"))
    incident, alerts = run(post("first", 0, TEXT), forward)
    assert incident.origins == ["first"]
    assert [alert.kind for alert in alerts] == ["new"]


def test_a_forward_in_other_words_is_no_second_voice_either() -> None:
    words = "مقتل أربعة من الأمن الداخلي بهجوم لمسلحين على حاجز في الرقة"  # the same in a few words of its own
    forward = post("second", 30, words, forwarded_from=Forward(name="The first"))
    incident, _ = run(post("first", 0, TEXT), forward)
    assert incident.origins == ["first"]
    assert incident.grade == "weak"


def test_an_edited_post_is_a_revision_and_no_copy() -> None:
    edited = post("first", 40, TEXT.replace("أربعة", "خمسة"), revision=1, edited_at=AT + timedelta(minutes=40))
    incident, alerts = run(post("first", 0, TEXT), edited)
    (statement,) = incident.statements
    assert (statement.revision, statement.copy_of) == (1, None)
    assert [alert.kind for alert in alerts] == ["new", "toll_changed"]
    assert [(c.before, c.after) for c in alerts[-1].changes] == [(4, 5)]


def test_the_same_attack_in_other_words_is_a_second_voice_and_no_copy() -> None:
    words = "هجوم لمسلحين مجهولين على حاجز للأمن الداخلي شرقي الرقة يوقع 4 قتلى ويعقبه استنفار أمني"
    incident, alerts = run(post("first", 0, TEXT), post("second", 30, words))
    assert {statement.copy_of for statement in incident.statements} == {None}
    assert incident.origins == ["first", "second"]
    assert "corroborated" in [alert.kind for alert in alerts]


def test_a_name_that_two_outlets_share_in_a_short_text_makes_no_copy() -> None:
    incident, _ = run(post("first", 0, TEXT), post("second", 30, "اشتباكات في الرقة"))  # clashes in Raqqa
    assert incident.statements[-1].copy_of is None


def test_what_nobody_spoke_of_for_a_week_is_forgotten_with_its_text() -> None:
    replay, hours = Replay(), 400
    replay.step(post("first", 0, TEXT))
    for hour in range(1, hours):
        replay.step(post("clock", hour * 60.0, f"قصف مدفعي على قرية رقم {hour} في ريف حلب", native_id=f"c{hour}"))
    ((_, correlator),) = replay._correlator._of.items()
    memory = correlator._memory
    assert 100 < len(memory.posts) <= 9 * 24, "a week of one post an hour, and incidents of two days forgotten whole"
    assert len(memory.near) == len(memory.copies) == len(memory.posts)
    late = replay.step(post("second", hours * 60.0, TEXT)).incidents
    assert [len(incident.statements) for incident in late][:1] == [1], "the text is known no more"


def test_the_index_of_all_texts_is_bounded_by_their_number() -> None:
    texts = TextCopies(most=50)
    for number in range(200):
        texts.add(f"p{number}", " ".join(f"{word}{number}" for word in TEXT.split()))
    assert len(texts._index) == 50
    assert texts.add("again", " ".join(f"{word}199" for word in TEXT.split())) == "p199"
    assert texts.add("gone", " ".join(f"{word}3" for word in TEXT.split())) is None
