"""A canary comes out as a marked test of its own, and touches nothing real."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import msgspec
import pytest

from agents.normalize import normalize
from agents.replay import Replay
from agents.theatres import Theatres, theatre_of
from connectors.sources import load_sources
from marqab.canary import TEXT, TITLE, canary_post, faults
from schemas.canary import CANARY
from schemas.errors import Misconfigured
from schemas.headers import cloud_event
from schemas.kinds import AlertKind, SourceKind
from schemas.records import Post, Source
from subscribers.cap import NAMESPACE, Profile, cap
from subscribers.desk.board import Board
from subscribers.desk.wanted import Wanted
from subscribers.heard import Heard

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def run() -> Replay:
    return Replay()


def real(native_id: str, at: datetime) -> Post:
    source = Source(id="monitor", kind=SourceKind.FEED, country="SY")
    return Post(source=source, native_id=native_id, title=TITLE, text=TEXT, published_at=at, fetched_at=at)


def test_every_canary_is_an_incident_of_its_own_and_marked(run):
    outcomes = [run.step(canary_post(NOON + timedelta(minutes=5 * n))) for n in range(4)]
    alerts = [alert for outcome in outcomes for alert in outcome.alerts]
    assert [alert.kind for alert in alerts] == [AlertKind.NEW] * 4
    assert len({alert.incident_id for alert in alerts}) == 4
    for alert in alerts:
        assert faults(alert) == []
        assert alert.test
        assert alert.incident.country is None
        assert alert.incident.statements[0].copy_of is None


def test_a_canary_and_a_real_post_of_the_same_words_do_not_meet():
    mixed = Replay()
    posts = [real("1", NOON), canary_post(NOON + timedelta(minutes=1)), real("2", NOON + timedelta(minutes=2))]
    alone = Replay()
    with_canary = [mixed.step(post) for post in posts]
    without = [alone.step(posts[0]), alone.step(posts[2])]
    assert [with_canary[0].alerts, with_canary[2].alerts] == [outcome.alerts for outcome in without]
    assert with_canary[1].line["duplicate_of"] in (None, with_canary[0].line["post_id"])
    (alert,) = with_canary[1].alerts
    assert [s.source_id for s in alert.incident.statements] == [CANARY]


def test_nothing_is_remembered_but_one_row():
    theatres = Theatres()
    run = Replay()
    seen = []
    run._correlator.apply = seen.extend
    for minutes in (0, 5):
        run.step(canary_post(NOON + timedelta(minutes=minutes)))
    assert {key for key, _ in seen} == {"canary/last"}
    theatres.apply(seen)
    theatres.load([(key, row) for key, row in seen if row is not None])
    assert theatres.open_incidents == 0
    assert theatres._of == {}


def test_the_same_canary_again_is_the_same_alert(run):
    post = canary_post(NOON + timedelta(hours=3))
    first, again = (Replay().step(post).alerts for _ in range(2))
    assert first == again


def test_a_source_on_trial_is_no_canary(run):
    post = msgspec.structs.replace(real("trial", NOON), test=True)
    (alert,) = Replay().step(post).alerts
    assert alert.test
    assert alert.incident.theatre == "middle-east"


def test_subscribers_can_tell_and_the_desk_leaves_it_out(run):
    (alert,) = Replay().step(canary_post(NOON)).alerts
    assert ("ce_test", b"true") in cloud_event(alert)
    assert not [name for name, _ in cloud_event(msgspec.structs.replace(alert, test=False)) if name == "ce_test"]
    status = ElementTree.fromstring(cap(alert, profile=Profile(status="Actual"), sent_before={})).findtext(
        f"{{{NAMESPACE}}}status"
    )
    assert status == "Test"
    assert not Wanted().fits(alert)
    board = Board()
    assert board.take(Heard(alert, 0, 7)) is None
    assert board.position == "0-8"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"test": False}, "not marked"),
        ({"headline_en": "Explosion"}, "does not say"),
        ({"theatre": "middle-east"}, "among real"),
        ({"event_type": "clash"}, "its type is clash"),
        ({"tolls": []}, "counts []"),
        ({"statements": []}, "hidden words"),
    ],
)
def test_a_wrong_alert_is_told_in_words(change, words):
    (alert,) = Replay().step(canary_post(NOON)).alerts
    incident = msgspec.structs.replace(alert.incident, **change)
    (fault,) = [one for one in faults(msgspec.structs.replace(alert, incident=incident)) if words in one]
    assert fault


def test_no_source_may_take_its_name(tmp_path):
    file = tmp_path / "sources.toml"
    file.write_text('[[source]]\nid = "canary"\nkind = "feed"\nurl = "https://example.org/feed"\n', "utf-8")
    with pytest.raises(Misconfigured, match="choose another"):
        load_sources(file)


def test_the_theatre_of_a_canary(run):
    sighting = run._classifier.classify(normalize(canary_post(NOON)))
    assert theatre_of(sighting) == CANARY
