"""What the two seed documents state is read off them, each value with its span (the texts stay outside)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import ActorRole, ClaimMode, MeasureKind, Modality, PlaceRole, SourceKind, SourceRole
from schemas.records import Sighting, Source
from tests.acceptance.test_seeds import AT, document
from tests.paths import SHARED, needs_shared

pytestmark = needs_shared


@pytest.fixture(scope="module")
def read() -> Callable[[str], Sighting]:
    classifier = Classifier.default()
    stems = sorted(Path(p).stem for p in (SHARED / "seeds").glob("*.txt"))
    monitor = Source(id="monitor", kind=SourceKind.FEED, role=SourceRole.MONITOR, country="SY")
    media = Source(id="media", kind=SourceKind.FEED, country="SY")
    posts = {"A": document(stems[0], monitor, AT), "B": document(stems[1], media, AT)}
    sightings = {name: classifier.classify(normalize(post)) for name, post in posts.items()}
    return sightings.__getitem__


@pytest.fixture(scope="module")
def truth() -> dict:
    found: dict = json.loads((SHARED / "seeds" / "truth.json").read_text("utf-8"))
    return found


def rows(sighting: Sighting, *, superseded: bool) -> set[tuple[str, str | None, int | None]]:
    return {(t.kind.value, t.actor_id, t.high) for t in sighting.tolls if t.superseded is superseded}


def test_both_are_a_foiled_attack_on_a_prison_in_acled_s_words(read: Callable[[str], Sighting], truth: dict) -> None:
    for name in "AB":
        sighting = read(name)
        assert sighting.relevant
        assert sighting.modality == Modality.FOILED
        assert sighting.acled_event_type == truth["incident"]["expected"]["event_type"]
        assert sighting.acled_sub_event_type == truth["incident"]["expected"]["sub_event_type"]
        assert {"prison_attack", "jailbreak_attempt:foiled"} <= set(sighting.tags)
    assert "complex_attack" in read("A").tags


def test_the_newer_toll_stands_before_the_older_one(read: Callable[[str], Sighting]) -> None:
    sighting = read("A")
    assert rows(sighting, superseded=False) == {
        ("killed", "sdf", 6), ("killed", "asayish", 3), ("killed", "isis", 2), ("arrested", "isis", 1),
    }  # fmt: skip
    assert rows(sighting, superseded=True) == {("killed", "isis", 1), ("killed", "sdf", 2), ("killed", "asayish", 2)}
    part = next(t for t in sighting.tolls if (t.actor_id, t.high) == ("asayish", 3))
    assert part.of_which is not None
    assert sighting.tolls[part.of_which].high == 6
    assert all(t.non_final for t in sighting.tolls if t.superseded)
    assert {t.said_by for t in sighting.tolls} == {"sohr"}


def test_the_other_outlet_s_word_for_six_is_the_sdf_s_figure(read: Callable[[str], Sighting]) -> None:
    exact = [t for t in read("B").tolls if t.high is not None]
    assert [(t.kind.value, t.actor_id, t.low, t.said_by) for t in exact] == [("killed", "asayish", 6, "sdf")]
    assert [(t.low, t.vague_word) for t in read("B").tolls if t.high is None] == [(None, "عدد من")]


def test_nobody_was_counted_as_wounded_and_no_inmate_or_counter_is_a_toll(read: Callable[[str], Sighting]) -> None:
    for name in "AB":
        assert {t.kind.value for t in read(name).tolls} <= {"killed", "arrested"}
        assert not {t.high for t in read(name).tolls} & {47, 900, 9}


def test_measures(read: Callable[[str], Sighting]) -> None:
    assert {m.kind for m in read("A").measures} >= {
        MeasureKind.ROAD_CLOSURE, MeasureKind.SECURITY_MOBILISATION, MeasureKind.STATE_OF_EMERGENCY,
        MeasureKind.CURFEW, MeasureKind.MARKETS_CLOSED, MeasureKind.WORK_SUSPENDED, MeasureKind.COMBING,
    }  # fmt: skip
    assert {m.kind for m in read("B").measures} >= {MeasureKind.LOCKDOWN, MeasureKind.INVESTIGATION}
    by = {m.kind: m.by for m in read("A").measures}
    assert by[MeasureKind.CURFEW] == by[MeasureKind.STATE_OF_EMERGENCY] == "raqqa_interior_committee"


def test_who_did_what(read: Callable[[str], Sighting]) -> None:
    roles = {a.actor_id: a.role for a in read("A").actors}
    assert roles["isis"] == ActorRole.ATTACKER
    assert roles["sdf"] == roles["asayish"] == ActorRole.VICTIM
    assert roles["raqqa_interior_committee"] == ActorRole.AUTHORITY
    assert {a.actor_id for a in read("B").actors if a.role == ActorRole.ATTACKER} == {"isis"}


def test_the_claim_is_reported_and_its_text_is_not_kept(read: Callable[[str], Sighting]) -> None:
    assert read("A").claims == []
    (claim,) = read("B").claims
    assert (claim.claimant, claim.claimmode, claim.first_hand, claim.claimed) == (
        "isis",
        ClaimMode.TELEGRAM,
        False,
        True,
    )
    assert claim.reported_by == "media"
    assert claim.reason == "revenge"
    assert claim.attributed_by == ["sdf"]


def test_background_is_neither_place_nor_date(read: Callable[[str], Sighting]) -> None:
    for name in "AB":
        sighting = read(name)
        assert sighting.time.event_start.year == AT.year
        assert sighting.place is not None
        assert sighting.place.admin1 == "Ar-Raqqa"
        told = {p.name for p in sighting.places if p.role is not PlaceRole.CONTEXT}
        assert not told & {"غويران", "الحسكة", "الباغوز"}
    assert read("A").place is not None
    assert read("A").place.neighbourhood == "الانتفاضة"
