"""What the two seed documents state is read off them, each value with its span (the texts stay outside)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import (
    Accuracy,
    ActorRole,
    ClaimMode,
    DocRole,
    EventType,
    FactKind,
    MeasureKind,
    Modality,
    PlaceRole,
    SourceKind,
    SourceRole,
    TimeBasis,
    TollKind,
)
from schemas.records import Evidence, Fact, Sighting, Source
from tests.acceptance.test_seeds import AT, document
from tests.paths import SHARED, needs_shared

pytestmark = needs_shared


@pytest.fixture(scope="module")
def read() -> Callable[[str], Sighting]:
    classifier = Classifier.default()
    stems = sorted(Path(p).stem for p in (SHARED / "seeds").glob("*.txt"))
    monitor = Source(id="monitor", kind=SourceKind.FEED, role=SourceRole.MONITOR, country="SY", speaks_for="sohr")
    media = Source(id="media", kind=SourceKind.FEED, country="SY")
    posts = {"A": document(stems[0], monitor, AT), "B": document(stems[1], media, AT)}
    sightings = {name: classifier.classify(normalize(post)) for name, post in posts.items()}
    return sightings.__getitem__


@pytest.fixture(scope="module")
def truth() -> dict:
    found: dict = json.loads((SHARED / "seeds" / "truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def words() -> Callable[[str, Evidence | None], str]:
    """The words of a document that a value points at."""
    stems = sorted(Path(p).stem for p in (SHARED / "seeds").glob("*.txt"))
    source = Source(id="monitor", kind=SourceKind.FEED)
    posts = {name: document(stem, source, AT) for name, stem in zip("AB", stems, strict=True)}
    texts = {name: f"{post.title}\n{post.text}" for name, post in posts.items()}

    def at(name: str, evidence: Evidence | None) -> str:
        assert evidence is not None
        return texts[name][evidence.start : evidence.end]

    return at


def facts(sighting: Sighting, kind: FactKind) -> list[Fact]:
    return [fact for fact in sighting.facts if fact.kind is kind]


def measure(sighting: Sighting, kind: MeasureKind):
    return next(m for m in sighting.measures if m.kind is kind)


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
        told = " ".join(p.name for p in sighting.places if p.role is not PlaceRole.CONTEXT)
        assert not [name for name in ("غويران", "الحسكة", "الباغوز", "الهول") if name in told]
    assert read("A").place is not None
    assert read("A").place.neighbourhood == "الانتفاضة"


class Statements:
    """One check for each statement of truth.json, named by its id."""

    def __init__(self, read: Callable[[str], Sighting], words: Callable[[str, Evidence | None], str]) -> None:
        self.a, self.b = read("A"), read("B")
        self.words = words

    def a1(self) -> None:
        closed = measure(self.a, MeasureKind.ROAD_CLOSURE)
        assert closed.where == "الرقة"  # Raqqa
        assert self.words("A", closed.evidence) in "إغلاق جميع الطرقات المؤدية إلى مدينة الرقة"

    def a2(self) -> None:
        assert measure(self.a, MeasureKind.SECURITY_MOBILISATION)

    def a3(self) -> None:
        emergency = measure(self.a, MeasureKind.STATE_OF_EMERGENCY)
        assert emergency.by == "raqqa_interior_committee"
        assert self.words("A", emergency.evidence) == "حالة الطوارئ"

    def a4(self) -> None:
        assert measure(self.a, MeasureKind.CURFEW).by == "raqqa_interior_committee"

    def a5(self) -> None:
        assert measure(self.a, MeasureKind.MARKETS_CLOSED).by == "security_forces"

    def a6(self) -> None:
        assert measure(self.a, MeasureKind.WORK_SUSPENDED).until == "further_notice"

    def a7(self) -> None:
        assert {"security_hq", "military_office", "prison"} <= {f.value for f in facts(self.a, FactKind.TARGET)}
        assert ActorRole.ATTACKER in {a.role for a in self.a.actors if a.actor_id == "isis"}
        self._prisoners()

    def _prisoners(self) -> None:
        (held,) = facts(self.a, FactKind.PRISONERS)
        assert self.words("A", held.evidence) == "يضم نحو 900 عنصر"
        assert (held.low, held.high, held.approximate, held.actor_id) == (900, 900, True, "isis")

    def a8(self) -> None:
        assert [f.value for f in facts(self.a, FactKind.WEAPON)] == ["grenade", "machine_gun"]
        (attackers,) = facts(self.a, FactKind.ATTACKERS)
        assert attackers.low == 2
        assert {EventType.GRENADE, EventType.PRISON_ATTACK} <= set(self.a.event_types)

    def a9(self) -> None:
        current = [t for t in self.a.tolls if t.kind is TollKind.KILLED and not t.superseded]
        assert [(t.actor_id, t.high, t.said_by) for t in current] == [
            ("sdf", 6, "sohr"), ("asayish", 3, "sohr"), ("isis", 2, "sohr"),
        ]  # fmt: skip
        whole, part, _ = current
        assert self.a.tolls[part.of_which or 0] is whole
        assert (whole.high or 0) - (part.high or 0) == 3

    def a10(self) -> None:
        old = [t for t in self.a.tolls if t.superseded]
        assert all(t.non_final and t.said_by == "sohr" for t in old)
        low = {side: sum(t.low or 0 for t in old if t.actor_id in side) for side in (("sdf", "asayish"), ("isis",))}
        assert low == {("sdf", "asayish"): 4, ("isis",): 1}, "the lowest figures stand in the ledger"
        assert [(t.actor_id, t.high) for t in self.a.tolls if t.kind is TollKind.ARRESTED] == [("isis", 1)]

    def a11(self) -> None:
        place = self.a.place
        assert place is not None
        assert (place.neighbourhood, place.admin1, place.country) == ("الانتفاضة", "Ar-Raqqa", "SY")

    def a12(self) -> None:
        assert "counter_terrorism_unit" in {f.value for f in facts(self.a, FactKind.TARGET)}
        self._prisoners()

    def a13(self) -> None:
        assert self.a.modality is Modality.FOILED
        assert [(f.value, f.said_by) for f in facts(self.a, FactKind.OUTCOME)] == [("foiled", "sohr")]

    def a14(self) -> None:
        assert measure(self.a, MeasureKind.COMBING)
        assert [f.value for f in facts(self.a, FactKind.RESPONSE)] == ["ambulances"]

    def a15(self) -> None:
        (motive,) = facts(self.a, FactKind.MOTIVE)
        assert (motive.value, motive.said_by, self.words("A", motive.evidence)) == (
            "free_prisoners", "sohr", "لتحرير أسراها",
        )  # fmt: skip

    def a16(self) -> None:
        assert {(f.actor_id, f.said_by) for f in facts(self.a, FactKind.ATTRIBUTION)} == {("isis", "sohr")}
        assert self.a.claims == []

    def a17(self) -> None:
        ghuwayran = [p for p in self.a.places if "غويران" in p.name]
        assert {p.role for p in ghuwayran} == {PlaceRole.CONTEXT}

    def b1(self) -> None:
        assert measure(self.b, MeasureKind.LOCKDOWN).where == "الرقة"

    def b2(self) -> None:
        assert self.b.modality is Modality.FOILED
        assert ("foiled", "sdf") in {(f.value, f.said_by) for f in facts(self.b, FactKind.OUTCOME)}
        assert {("security_hq", "sdf"), ("prison", "sdf")} <= {
            (f.value, f.said_by) for f in facts(self.b, FactKind.TARGET)
        }
        assert ("isis", "sdf") in {(f.actor_id, f.said_by) for f in facts(self.b, FactKind.ATTRIBUTION)}

    def b3(self) -> None:
        (six,) = [t for t in self.b.tolls if t.high is not None]
        assert (six.kind, six.actor_id, six.low, six.said_by) == (TollKind.KILLED, "asayish", 6, "sdf")
        assert "ستة" in self.words("B", six.evidence)

    def b4(self) -> None:
        (official,) = facts(self.b, FactKind.OFFICIAL)
        assert (official.value, official.name) == ("العميد في قيادة الأمن الداخلي", "علي الحسن")
        assert [f.value for f in facts(self.b, FactKind.OCCASION)] == ["christmas"]
        assert measure(self.b, MeasureKind.INVESTIGATION)
        assert measure(self.b, MeasureKind.COMBING)

    def b5(self) -> None:
        assert EventType.JAILBREAK not in self.b.event_types
        assert not [t for t in self.b.tolls if t.kind is TollKind.ESCAPED]

    def b6(self) -> None:
        assert [f.value for f in facts(self.b, FactKind.NEARBY)] == ["prison"]

    def b7(self) -> None:
        assert [f.value for f in facts(self.b, FactKind.WITNESS)] == ["resident"]
        assert not [f for f in self.b.facts if f.kind is FactKind.WITNESS and f.name], (
            "a private person has no name here"
        )
        (vague,) = [t for t in self.b.tolls if t.high is None]
        assert (vague.low, vague.vague_word) == (None, "عدد من")

    def b8(self) -> None:
        (claim,) = self.b.claims
        assert (claim.claimant, claim.claimmode, claim.first_hand) == ("isis", ClaimMode.TELEGRAM, False)
        assert (claim.reported_by, claim.reason) == ("media", "revenge")
        assert (claim.killed_claimed, claim.attackers_claimed) == (None, None)

    def b9(self) -> None:
        assert self.b.time.event_start.year == self.b.time.event_end.year == AT.year
        context = {p.name for p in self.b.places if p.role is PlaceRole.CONTEXT}
        assert {"الباغوز", "الحسكة"} <= context

    def b10(self) -> None:
        for cross_head in ("على غرار أحداث الحسكة", "صورة رجل أمن", "شاهد أيض"):
            assert cross_head not in self.b.text


def test_every_statement_of_truth_is_read(
    read: Callable[[str], Sighting], words: Callable[[str, Evidence | None], str], truth: dict
) -> None:
    statements = Statements(read, words)
    told = [s["id"] for document in truth["documents"].values() for s in document["statements"]]
    assert {name for name in dir(Statements) if name[0] in "ab" and name[1].isdigit()} == {i.lower() for i in told}
    for statement in told:
        getattr(statements, statement.lower())()


def test_every_must_not_holds(read: Callable[[str], Sighting], truth: dict) -> None:
    checks = {
        "jailbreak:succeeded": lambda s: EventType.JAILBREAK in s.event_types or "jailbreak:succeeded" in s.tags,
        "location=Ghuwayran/Hasakah": lambda s: s.place.admin1 != "Ar-Raqqa" or "غويران" in s.place.name,
        "date in 2014 or 2019": lambda s: {s.time.event_start.year, s.time.event_end.year} & {2014, 2019},
        "killed=47": lambda s: 47 in {t.high for t in s.tolls} | {t.low for t in s.tolls},
        "killed=900": lambda s: 900 in {t.high for t in s.tolls} | {t.low for t in s.tolls},
    }
    assert set(checks) == set(truth["incident"]["expected"]["must_not"])
    assert not [name for name, broken in checks.items() for post in "AB" if broken(read(post))]


def test_when_and_in_which_role_they_tell(read: Callable[[str], Sighting]) -> None:
    assert read("A").time.basis in (TimeBasis.RELATIVE, TimeBasis.PUBLICATION)
    assert read("A").time.event_start.date() == AT.date()
    assert {read(name).doc_role for name in "AB"} <= {DocRole.NEW_INCIDENT, DocRole.UPDATE}
    assert all(read(n).place is not None and read(n).place.accuracy is not Accuracy.COUNTRY for n in "AB")
