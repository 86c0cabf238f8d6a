"""People correct incidents: applied once, kept over later posts and restarts, told in the alerts."""

from datetime import timedelta

import msgspec
import pytest

from agents.correlate import Correlator, Fold
from schemas.errors import Undecodable
from schemas.kinds import AlertKind, CapMessage, DocRole, EventType, FeedbackKind, Grade, IncidentState
from schemas.records import Feedback, Sighting
from tests.unit.correlate.builders import CLAIMS, T0, Desk, at, attacker, claim, place, sighting, story, toll

MARKET = "قصف مدفعي عنيف يستهدف السوق الشعبي وسط مدينة سرمين وسقوط جرحى بين المدنيين"  # shelling of a market
AGAIN = "قصف مدفعي يستهدف السوق الشعبي وسط مدينة سرمين وسقوط ثلاثة جرحى"  # the same in other words
BRIDGE = "انفجار لغم أرضي على طريق الجسر الغربي أثناء مرور سيارة مدنية"  # a mine on the road of a bridge
MINE = "لغم أرضي ينفجر بسيارة مدنية على طريق الجسر الغربي"  # the same in other words
SARMIN, TABQA = place("Sarmin", 35.90, 36.72), place("Tabqa", 35.83, 38.54)


def feedback(kind: FeedbackKind, incident_id: str, number: int = 0, **fields: object) -> Feedback:
    told = {"feedback_id": f"f-{kind}-{number}", "given_at": at(600 + number), "by": "Amal", "note": "seen on film"}
    return Feedback(**{**told, "kind": kind, "incident_id": incident_id, **fields})


def shelling(native: str, text: str, minutes: float, by: str, **fields: object) -> Sighting:
    told = {"place": SARMIN, "event_type": EventType.SHELLING_ROCKET, "actors": [attacker("army")], **fields}
    return sighting(native, text, minutes, by, **told)


def mine(native: str, text: str, minutes: float, by: str, **fields: object) -> Sighting:
    return sighting(native, text, minutes, by, **{"place": TABQA, "event_type": EventType.IED_MINE, **fields})


def two_incidents() -> list[Sighting]:
    """A shelling told by two outlets, and a mine elsewhere told by two others."""
    return [
        shelling("1", MARKET, 0, "a", tolls=[toll(2)]),
        shelling("2", AGAIN, 10, "b", tolls=[toll(3)]),
        mine("3", BRIDGE, 20, "c", tolls=[toll(1)]),
        mine("4", MINE, 30, "d", tolls=[toll(1)]),
    ]


def desk_of(heard: list[Sighting]) -> tuple[Desk, list[str]]:
    """A desk that has heard these, and the incident of each."""
    desk = Desk()
    found = [desk.hear(one).incident_id or "" for one in heard]
    return desk, found


def give(desk: Desk, given: Feedback) -> Fold:
    fold = desk.correlator.correct(given)
    desk.send(fold)
    desk.store(fold)
    return fold


def posts_of(desk: Desk, incident_id: str) -> list[str]:
    return [statement.post_id for statement in desk.incidents[incident_id].statements]


def corrected(kind: FeedbackKind, **fields: object) -> tuple[Desk, str]:
    desk, (incident_id,) = desk_of(story()[:1])
    give(desk, feedback(kind, incident_id, **fields))
    return desk, incident_id


def test_what_is_no_incident_is_cancelled_and_stays_so_when_others_repeat_it() -> None:
    desk, incident_id = corrected(FeedbackKind.NOT_AN_INCIDENT)
    assert desk.kinds == ["new", "corrected"]
    assert desk.alerts[-1].msg_type is CapMessage.CANCEL
    assert desk.alerts[-1].incident.corrections == ["f-not_an_incident-0"]
    desk.hear(story()[1])
    assert desk.incidents[incident_id].grade is Grade.DISCOUNTED


def test_the_alert_says_who_corrected_it_when_and_why() -> None:
    desk, _ = corrected(FeedbackKind.NOT_AN_INCIDENT)
    told = {change.field: change for change in desk.alerts[-1].changes}
    assert told["corrections"].after == "f-not_an_incident-0"
    assert told["corrections"].reason == "Amal, 2026-03-02 04:00 UTC: not an incident. seen on film"
    (history,) = desk.alerts[-1].incident.corrected_by
    assert (history.kind, history.by, history.note) == (FeedbackKind.NOT_AN_INCIDENT, "Amal", "seen on film")
    assert desk.alerts[-1].issued_at == at(600)


def test_a_muted_incident_goes_on_and_alerts_nobody() -> None:
    desk, incident_id = corrected(FeedbackKind.MUTE)
    for heard in story()[1:]:
        desk.hear(heard)
    assert desk.kinds == ["new"]
    assert len(desk.incidents[incident_id].statements) == len(story())


def test_a_mute_ends_with_the_posts_of_its_time_and_what_happened_meanwhile_is_told_then() -> None:
    desk, _ = corrected(FeedbackKind.MUTE, until=at(50))
    for heard in story()[1:5]:
        desk.hear(heard)
    assert desk.kinds == ["new"]
    desk.hear(story()[5])
    assert desk.kinds[0] == "new"
    told = {change.field for change in desk.alerts[1].changes}
    assert {"toll_summary.killed.best", "claims", "measures"} <= told


def test_a_later_mute_replaces_an_earlier_one() -> None:
    desk, incident_id = corrected(FeedbackKind.MUTE)
    give(desk, feedback(FeedbackKind.MUTE, incident_id, 1, until=at(0)))
    desk.hear(story()[4])
    assert "toll_changed" in {change.kind.value for alert in desk.alerts for change in alert.changes}


def test_a_wrong_place_is_put_right_and_told() -> None:
    desk, incident_id = corrected(FeedbackKind.WRONG_PLACE, place=TABQA)
    assert desk.kinds == ["new", "corrected"]
    assert "place.name" in {change.field for change in desk.alerts[-1].changes}
    desk.hear(story()[1])
    told = desk.incidents[incident_id].place
    assert told is not None
    assert told.name == "Tabqa"


@pytest.mark.parametrize("kind", [FeedbackKind.MUTE, FeedbackKind.NOT_AN_INCIDENT])
def test_the_same_correction_twice_or_after_a_restart_changes_nothing(kind: FeedbackKind) -> None:
    desk, incident_id = corrected(kind)
    again = Correlator()
    again.load(desk.rows.items())
    fold = again.correct(feedback(kind, incident_id))
    assert fold.puts == ()
    assert fold.incidents == (desk.incidents[incident_id],)


def test_two_incidents_become_one_and_the_alerts_say_so() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    assert one != two
    give(desk, feedback(FeedbackKind.MERGE, two, into=one))
    gone, stands = desk.incidents[two], desk.incidents[one]
    assert (gone.state, gone.merged_into, stands.state) == (IncidentState.MERGED, one, IncidentState.OPEN)
    assert posts_of(desk, one) == [s.post_id for s in two_incidents()]
    assert stands.origins == ["a", "b", "c", "d"]
    assert next(t for t in stands.toll_summary if t.party is None).high == 3
    last = {alert.incident_id: alert for alert in desk.alerts[-2:]}
    assert (last[two].kind, last[one].kind) == (AlertKind.MERGED, AlertKind.CORRECTED)
    reason = "Amal, 2026-03-02 04:00 UTC: the same incident as"
    assert any(change.reason.startswith(f"{reason} {one}") for change in last[two].changes)
    assert stands.corrected_by[0].other == two


def test_what_comes_later_for_either_goes_to_the_one_that_stands() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    give(desk, feedback(FeedbackKind.MERGE, two, into=one))
    assert desk.hear(mine("5", BRIDGE, 50, "e")).incident_id == one
    assert desk.hear(shelling("6", MARKET, 60, "f")).incident_id == one
    late = desk.hear(mine("7", MINE, 20 * 60 + 10, "g"))  # 20 h after the shelling, less after the mine
    assert late.incident_id == one


def test_a_split_takes_posts_out_and_nothing_glues_them_again() -> None:
    desk, (one, other, *_) = desk_of(two_incidents())
    assert one == other
    leaving = two_incidents()[1].post_id
    fold = give(desk, feedback(FeedbackKind.SPLIT, one, posts=[leaving]))
    (own,) = {incident.incident_id for incident in fold.incidents} - {one}
    assert (posts_of(desk, one), posts_of(desk, own)) == ([two_incidents()[0].post_id], [leaving])
    assert [alert.kind.value for alert in desk.alerts[-2:]] in (["corrected", "new"], ["new", "corrected"])
    glue = desk.hear(shelling("9", f"{MARKET} {AGAIN}", 40, "z"))
    assert glue.incident_id in (one, own)
    assert desk.incidents[one].state is desk.incidents[own].state is IncidentState.OPEN
    assert leaving not in posts_of(desk, one)


def test_the_post_that_opened_an_incident_can_leave_it_and_the_rest_keeps_the_id() -> None:
    desk, (one, *_) = desk_of(two_incidents())
    first, second = (s.post_id for s in two_incidents()[:2])
    fold = give(desk, feedback(FeedbackKind.SPLIT, one, posts=[first]))
    (own,) = {incident.incident_id for incident in fold.incidents} - {one}
    assert (posts_of(desk, one), posts_of(desk, own)) == ([second], [first])


def test_posts_can_go_to_a_named_incident() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    leaving = two_incidents()[1].post_id
    give(desk, feedback(FeedbackKind.SPLIT, one, posts=[leaving], into=two))
    assert leaving in posts_of(desk, two)
    assert posts_of(desk, one) == [two_incidents()[0].post_id]
    assert {desk.incidents[i].corrected_by[0].other for i in (one, two)} == {one, two}


def without_history(desk: Desk, *incidents: str) -> list[object]:
    blank = {"revision": 1, "corrections": [], "corrected_by": []}
    return [msgspec.structs.replace(desk.incidents[i], **blank) for i in incidents]


@pytest.mark.parametrize("into_later", [False, True])
def test_a_merge_that_is_split_again_gives_back_the_same_incidents_under_the_same_ids(into_later: bool) -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    before = without_history(desk, one, two)
    goes, stays = (one, two) if into_later else (two, one)
    leaving = posts_of(desk, goes)
    give(desk, feedback(FeedbackKind.MERGE, goes, into=stays))
    give(desk, feedback(FeedbackKind.SPLIT, stays, 1, posts=leaving))
    assert without_history(desk, one, two) == before
    back = next(alert for alert in desk.alerts if alert.incident_id == goes and alert.incident.merged_into is None
                and alert.references and alert.kind is AlertKind.CORRECTED)  # fmt: skip
    assert ("merged_into", stays, None) in {(c.field, c.before, c.after) for c in back.changes}
    assert desk.hear(mine("5", BRIDGE, 50, "e")).incident_id == two
    assert desk.hear(shelling("6", MARKET, 60, "f")).incident_id == one


def test_the_latest_word_counts_whenever_it_comes() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    merge, split = (
        feedback(FeedbackKind.MERGE, two, 0, into=one),
        feedback(FeedbackKind.SPLIT, one, 1, posts=[two_incidents()[1].post_id]),
    )
    other, _ = desk_of(two_incidents())
    for given in (merge, split):
        give(desk, given)
    for given in (split, merge):
        give(other, given)
    groups = [
        sorted(tuple(posts_of(d, i)) for i, told in d.incidents.items() if told.state is IncidentState.OPEN)
        for d in (desk, other)
    ]
    assert groups[0] == groups[1]


@pytest.mark.parametrize("kind", [FeedbackKind.MERGE, FeedbackKind.SPLIT])
def test_merges_and_splits_survive_a_restart_and_come_twice_for_nothing(kind: FeedbackKind) -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    leaving = [two_incidents()[1].post_id]
    given = (
        feedback(kind, two, into=one) if kind is FeedbackKind.MERGE else feedback(kind, one, posts=leaving)
    )  # fmt: skip
    give(desk, given)
    again = Correlator()
    again.load(desk.rows.items())
    fold = again.correct(given)
    assert fold.puts == ()
    assert {i.incident_id: i for i in fold.incidents}.items() <= desk.incidents.items()
    for heard in (shelling("9", f"{MARKET} {AGAIN}", 40, "z"), mine("5", BRIDGE, 50, "e")):
        assert again.fold(heard) == desk.correlator.fold(heard)
        again.apply(desk.hear(heard).puts)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda one, two: feedback(FeedbackKind.MUTE, "i-x"), "i-x is not known here"),
        (lambda one, two: feedback(FeedbackKind.MERGE, one, into="i-x"), "i-x is not known here"),
        (lambda one, two: feedback(FeedbackKind.SPLIT, one, posts=["p-x"]), "p-x is no post of"),
        (
            lambda one, two: feedback(FeedbackKind.SPLIT, one, posts=[s.post_id for s in two_incidents()[:2]]),
            "these are all posts",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_in_a_sentence(given: object, says: str) -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    with pytest.raises(Undecodable, match=says):
        desk.correlator.correct(given(one, two))  # type: ignore[operator]


def test_an_incident_that_was_merged_is_not_muted_in_the_name_of_the_other() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    give(desk, feedback(FeedbackKind.MERGE, two, into=one))
    with pytest.raises(Undecodable, match=f"was merged into {one}"):
        desk.correlator.correct(feedback(FeedbackKind.MUTE, two))


def test_a_test_and_a_real_incident_are_not_merged() -> None:
    desk, (one, two) = desk_of([two_incidents()[0], mine("t", BRIDGE, 5, "canary", test=True)])
    with pytest.raises(Undecodable, match="is a test"):
        desk.correlator.correct(feedback(FeedbackKind.MERGE, two, into=one))


def test_a_claim_alone_is_no_incident_and_goes_to_a_named_one_or_stays() -> None:
    words = sighting("4", "بيان", 25, CLAIMS, doc_role=DocRole.CLAIM, place=SARMIN, claims=[claim("army", 25)])
    desk, found = desk_of([*two_incidents(), words])
    assert found[-1] == found[0]
    with pytest.raises(Undecodable, match="claim alone is no incident"):
        desk.correlator.correct(feedback(FeedbackKind.SPLIT, found[0], posts=[words.post_id]))
    give(desk, feedback(FeedbackKind.SPLIT, found[0], posts=[words.post_id], into=found[2]))
    assert [c.claimant for c in desk.incidents[found[2]].claims] == ["army"]
    assert desk.incidents[found[0]].claims == []


def test_what_people_said_is_forgotten_with_the_incidents() -> None:
    desk, (one, _, two, _) = desk_of(two_incidents())
    give(desk, feedback(FeedbackKind.MERGE, two, into=one))
    assert [key for key in desk.rows if key.startswith("f:")] == ["f:f-merge-0"]
    for hour in range(9 * 24):
        desk.hear(sighting(f"h{hour}", f"خبر {hour}", hour * 60 + 30, "x", place=place("Idlib", 35.93, 36.63)))
    assert not [key for key in desk.rows if key.startswith("f:")]
    with pytest.raises(Undecodable, match="not known here"):
        desk.correlator.correct(feedback(FeedbackKind.MUTE, one))


def test_a_wrong_place_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a place"):
        Feedback(feedback_id="f", kind=FeedbackKind.WRONG_PLACE, incident_id="i-1", given_at=T0 + timedelta(hours=1))
