"""What joins and what stays apart; claims in both directions; edits, deletions, old news."""

from datetime import timedelta

import msgspec
import pytest

from agents.correlate.further import tells_of_another
from agents.correlate.words import words
from schemas.kinds import (
    Accuracy,
    CapMessage,
    Confirmation,
    DocRole,
    EventType,
    Grade,
    Modality,
    Party,
    SourceRole,
    TollKind,
)
from tests.unit.correlate.builders import (
    BROADCASTER,
    CLAIMS,
    MONITOR,
    T0,
    Desk,
    attacker,
    claim,
    place,
    sighting,
    source,
    story,
    toll,
)

BOMB = "انفجار عبوة ناسفة بسيارة على طريق بلدة الشحيل ومقتل عنصرين وإصابة ثلاثة"  # a bomb on the road of a town
SHUHAYL = place("Al-Shuhayl", 35.1, 40.45, accuracy=Accuracy.TOWN, admin1="Deir-ez-Zor")
DEIR = place("Deir-ez-Zor", None, None, accuracy=Accuracy.GOVERNORATE, admin1="Deir-ez-Zor")
IED = {"event_type": EventType.IED_MINE, "actors": [attacker("is")]}


def bomb(native: str = "1", minutes: float = 0, by: str = "local", **fields: object) -> object:
    return sighting(native, BOMB, minutes, by, place=SHUHAYL, tolls=[toll(2)], **{**IED, **fields})


def test_a_second_bomb_at_the_same_place_next_day_stays_apart() -> None:
    desk = Desk()
    first = desk.hear(bomb())
    second = "انفجرت عبوة ناسفة ثانية على طريق بلدة الشحيل دون وقوع خسائر بشرية"  # a second bomb, no victims
    again = desk.hear(sighting("2", second, 24 * 60, "local", place=SHUHAYL, event_type=EventType.IED_MINE))
    assert again.incident_id != first.incident_id
    assert desk.kinds == ["new", "new"]


@pytest.mark.parametrize(
    ("text", "further"),
    [("انفجرت عبوة ناسفة ثانية على الطريق", True), ("قصف جديد على البلدة", True), ("مقتل شخص وإصابة آخرين بقصف", False),
     ("A second bomb went off", True), ("New mayor visits the town", False)],
)  # fmt: skip
def test_a_text_that_tells_of_a_further_attack_is_known_by_its_words(text: str, further: bool) -> None:
    assert tells_of_another(words(text)) is further


def test_a_town_that_is_shelled_every_hour_is_not_one_incident_without_end() -> None:
    desk = Desk()
    homes = {
        desk.hear(sighting(f"{h}", f"قصف على البلدة {h}", h * 60, "x", place=SHUHAYL)).incident_id for h in range(72)
    }
    assert len(homes) >= 3


def test_an_english_report_joins_by_toll_actor_type_day_and_governorate() -> None:
    desk = Desk()
    first = desk.hear(bomb())
    wire = "Roadside bomb kills two fighters in eastern Syria"
    second = sighting("w", wire, 110, "wire", language="en", place=DEIR, tolls=[toll(2)], **IED)
    assert desk.hear(second).incident_id == first.incident_id
    assert desk.kinds == ["new", "corroborated"]


def test_an_english_report_of_another_kind_does_not_join_by_its_governorate() -> None:
    desk = Desk()
    first = desk.hear(bomb())
    other = sighting(
        "w", "Protest in the east", 110, "wire", language="en", place=DEIR, event_type=EventType.PROTEST_PEACEFUL
    )
    assert desk.hear(other).incident_id != first.incident_id


def test_a_roundup_opens_no_alert_glues_nothing_and_is_no_voice() -> None:
    desk = Desk()
    one = desk.hear(bomb())
    far = place("Idlib", 35.93, 36.63)
    two = desk.hear(sighting("2", "قصف مدفعي على أطراف مدينة إدلب وإصابة طفلين", 30, "b", place=far, tolls=[toll(1)]))
    summary = f"حصاد اليوم {BOMB} وقصف مدفعي على أطراف مدينة إدلب وإصابة طفلين"
    desk.hear(sighting("3", summary, 300, "daily", place=SHUHAYL, places=[SHUHAYL, far], tags=["roundup"], **IED))
    assert one.incident_id != two.incident_id
    assert desk.kinds == ["new", "new"]
    assert all(incident.origins in (["local"], ["b"]) for incident in desk.incidents.values())
    alone = Desk()
    alone.hear(sighting("3", summary, 300, "daily", tags=["roundup"]))
    assert alone.alerts == []


def test_a_claim_waits_and_joins_an_incident_that_is_told_later() -> None:
    desk = Desk()
    waiting = desk.hear(story()[3])
    assert (waiting.incident_id, waiting.incidents) == (None, ())
    assert desk.correlator.claims_waiting == 1
    told = desk.hear(sighting("1", story()[0].text, 40, MONITOR, tolls=[toll(4)], actors=[attacker("is")]))
    assert desk.correlator.claims_waiting == 0
    assert desk.incidents[told.incident_id or ""].claims[0].claimant == "is"


def test_a_claim_neither_confirms_nor_corroborates() -> None:
    desk = Desk()
    for heard in (story()[0], story()[3]):
        desk.hear(heard)
    (incident,) = desk.incidents.values()
    assert incident.grade is Grade.WEAK
    assert incident.origins == ["sohr"]
    assert incident.claims[0].confirmed is Confirmation.CONSISTENT
    assert incident.attributed_to == ["is"]


def test_competing_claims_are_marked_and_a_denial_is_a_claim_of_its_own() -> None:
    desk = Desk()
    desk.hear(sighting("1", story()[0].text, 0, MONITOR, tolls=[toll(4)]))
    desk.hear(story()[3])
    rival = source("rival-channel", SourceRole.CLAIMS)
    desk.hear(
        sighting("r", "بيان آخر", 30, rival, doc_role=DocRole.CLAIM, claims=[claim("rival", 30, first_hand=True)])
    )
    denial = sighting("d", "نفي", 35, rival, doc_role=DocRole.CLAIM, claims=[claim("third", 35, claimed=False)])
    desk.hear(denial)
    (incident,) = desk.incidents.values()
    assert [(c.claimant, c.claimed, c.compclaim) for c in incident.claims] == [
        ("is", True, True), ("rival", True, True), ("third", False, False)
    ]  # fmt: skip


def test_claim_of_one_who_is_not_held_responsible_waits() -> None:
    desk = Desk()
    desk.hear(story()[0])
    other = sighting("o", "بيان", 20, CLAIMS, doc_role=DocRole.CLAIM, claims=[claim("somebody_else", 20)])
    assert desk.hear(other).incident_id is None


def test_an_edit_corrects_the_toll_and_the_older_figure_stays_out_of_the_summary() -> None:
    desk = Desk()
    first = bomb()
    desk.hear(first)
    edited = msgspec.structs.replace(first, revision=1, tolls=[toll(5, said_by="local")], edited_at=T0)
    desk.hear(edited)
    assert desk.kinds == ["new", "toll_changed"]
    (incident,) = desk.incidents.values()
    assert incident.toll_summary[0].best == 5
    assert [s.revision for s in incident.statements] == [1]


def test_a_deleted_post_is_withdrawn_and_the_alert_is_cancelled() -> None:
    desk = Desk()
    first = bomb()
    desk.hear(first)
    desk.hear(msgspec.structs.replace(first, revision=1, deleted=True))
    assert desk.kinds == ["new", "corrected"]
    assert desk.alerts[-1].msg_type is CapMessage.CANCEL
    assert desk.alerts[-1].references == [desk.alerts[0].alert_id]
    (incident,) = desk.incidents.values()
    assert incident.grade is Grade.DISCOUNTED
    assert incident.toll_summary == []


def test_an_edit_that_takes_the_incident_back_withdraws_the_post() -> None:
    desk = Desk()
    first = bomb()
    desk.hear(first)
    desk.hear(msgspec.structs.replace(first, revision=1, relevant=False, modality=Modality.NEGATED))
    assert desk.kinds == ["new", "corrected"]


def test_old_news_and_backfills_update_and_alert_nobody_until_a_fresh_post_comes() -> None:
    desk = Desk()
    old = bomb("1", 0, fetched_at=T0 + timedelta(hours=60))
    desk.hear(old)
    desk.hear(bomb("2", 10, "archive", backfill=True))
    assert desk.alerts == []
    (incident,) = desk.incidents.values()
    assert not incident.alertable
    fresh = sighting("3", "عبوة ناسفة تقتل عنصرين قرب الشحيل", 60, "c", place=SHUHAYL, tolls=[toll(2)], **IED)
    desk.hear(msgspec.structs.replace(fresh, fetched_at=fresh.published_at))
    assert desk.kinds == ["new"]


def test_a_sub_count_is_never_added_and_perpetrators_are_no_victims() -> None:
    desk = Desk()
    told = [toll(6), toll(3, of_which=0, actor_id="asayish"), toll(2, party=Party.PERPETRATORS, actor_id="is")]
    desk.hear(sighting("1", BOMB, 0, "local", tolls=told, **IED))
    (incident,) = desk.incidents.values()
    total = next(t for t in incident.toll_summary if t.party is None)
    assert (total.low, total.best, total.high) == (6, 6, 6)
    assert not any(t.kind is TollKind.WOUNDED for t in incident.toll_summary)


def test_two_outlets_that_quote_one_observatory_are_one_voice() -> None:
    desk = Desk()
    desk.hear(bomb("1", 0, "one", origins=["sohr"]))
    other = "عبوة ناسفة تستهدف سيارة قرب الشحيل وتقتل عنصرين بحسب المرصد"
    desk.hear(sighting("2", other, 20, BROADCASTER, place=SHUHAYL, origins=["sohr"], tolls=[toll(2)], **IED))
    (incident,) = desk.incidents.values()
    assert incident.origins == ["sohr"]
    assert incident.grade is Grade.WEAK
    assert desk.kinds == ["new"]


def test_canaries_and_real_posts_never_meet() -> None:
    desk = Desk()
    real = desk.hear(bomb())
    canary = desk.hear(bomb("c", 1, "canary", test=True))
    assert canary.incident_id != real.incident_id
    assert [alert.test for alert in desk.alerts] == [False, True]
