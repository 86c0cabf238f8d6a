"""The demo's story: one incident, and alerts that say what changed."""

from schemas.kinds import Grade, TollKind
from tests.unit.correlate.builders import Desk, story


def test_story_is_one_incident_with_one_alert_for_each_change() -> None:
    desk = Desk()
    folds = [desk.hear(s) for s in story()]
    assert len({fold.incident_id for fold in folds}) == 1
    assert desk.kinds == ["new", "corroborated", "claimed", "toll_changed", "measure_added"]
    assert folds[2].duplicate_of == story()[0].post_id
    assert folds[6].duplicate_of == story()[5].post_id


def test_toll_rises_from_four_to_six_on_the_monitors_word() -> None:
    desk = Desk()
    for heard in story():
        desk.hear(heard)
    change = next(c for alert in desk.alerts for c in alert.changes if c.kind == "toll_changed")
    assert (change.before, change.after) == (4, 6)
    assert change.because[0].post_id == story()[4].post_id
    (incident,) = desk.incidents.values()
    killed = next(t for t in incident.toll_summary if t.kind is TollKind.KILLED and t.party is None)
    assert (killed.low, killed.best, killed.high) == (4, 6, 6)
    assert incident.grade is Grade.FAIR
    assert incident.origins == ["broadcaster", "sdf", "sohr"]


def test_claim_raises_severity_and_never_shows_its_words() -> None:
    desk = Desk()
    heard = story()
    for each in heard[:3]:
        desk.hear(each)
    before = next(iter(desk.incidents.values())).severity.points
    desk.hear(heard[3])
    alert = desk.alerts[-1]
    assert alert.incident.severity.points == before + 1
    assert alert.incident.claims[0].incident_id == alert.incident_id
    assert "بيان منسوب" not in str(alert)
