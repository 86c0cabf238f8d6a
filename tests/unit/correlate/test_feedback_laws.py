"""The laws with people in them: a crash changes nothing, nor does the order of sources; a split undoes a merge."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.correlate import Fold, rows
from schemas.errors import Inapplicable
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Feedback, Incident, Sighting
from tests.unit.correlate.builders import Desk, at, place, story, toll
from tests.unit.correlate.test_feedback import (
    AGAIN,
    BRIDGE,
    MARKET,
    MINE,
    feedback,
    give,
    mine,
    shelling,
    two_incidents,
)
from tests.unit.correlate.test_laws import Crash, Fragile, streams

Step = Sighting | Feedback


class Corrected(Fragile):
    """A fragile desk that hears posts and people."""

    def __init__(self, dies_at: int) -> None:
        super().__init__(dies_at)
        self.refused: list[str] = []
        self.topic: list[Incident] = []
        self.announced_up_to = 0

    def send(self, fold: Fold) -> None:
        for incident in fold.incidents:
            self.topic.append(incident)
            self.announce()

    def announce(self) -> None:
        """Read the topic of incidents from where it was last acknowledged, as the announcer does."""
        for incident in self.topic[self.announced_up_to :]:
            super().send(Fold((incident,)))
            self.announced_up_to += 1

    def hear(self, heard: Any) -> Any:
        if not isinstance(heard, Feedback):
            return super().hear(heard)
        try:
            fold = self.correlator.correct(heard)
        except Inapplicable:
            self.refused.append(heard.feedback_id)
            return None
        self.send(fold)
        self.store(fold)
        return fold


def crashing(steps: list[Step]) -> Corrected:
    """The same alerts, incidents and rows wherever the process dies."""
    calm = Corrected(0)
    calm.run(steps)  # type: ignore[arg-type]
    for point in range(1, calm.effects + 1):
        shaken = Corrected(point)
        shaken.run(steps)  # type: ignore[arg-type]
        assert shaken.sent == calm.sent, point
        assert shaken.incidents == calm.incidents, point
        assert shaken.rows == calm.rows, point
        assert set(shaken.refused) == set(calm.refused), point
    return calm


def scripted() -> list[Step]:
    """Every kind of feedback between posts: a merge, a split of it, one into another incident, all marks."""
    desk = Desk()
    one, _, two, _ = [desk.hear(heard).incident_id or "" for heard in two_incidents()]
    first, _, third, fourth = two_incidents()
    return [
        *two_incidents(),
        feedback(FeedbackKind.MERGE, two, 0, into=one),
        shelling("5", MARKET, 40, "e"),
        feedback(FeedbackKind.SPLIT, one, 1, posts=[third.post_id, fourth.post_id]),
        mine("6", BRIDGE, 50, "f"),
        feedback(FeedbackKind.SPLIT, one, 2, posts=[first.post_id]),
        feedback(FeedbackKind.SPLIT, two, 3, posts=[fourth.post_id], into=one),
        shelling("7", f"{MARKET} {AGAIN}", 60, "g"),
        feedback(FeedbackKind.WRONG_PLACE, one, 4, place=place("Idlib", 35.93, 36.63)),
        feedback(FeedbackKind.NOT_AN_INCIDENT, two, 5),
        feedback(FeedbackKind.MUTE, one, 6, until=at(90)),
        feedback(FeedbackKind.MUTE, "i-nobody-knows", 7),
        feedback(FeedbackKind.MERGE, two, 8, into=one),
        mine("8", MINE, 70, "h"),
        shelling("9", AGAIN, 100, "i"),
    ]


def test_a_crash_at_any_effect_of_posts_and_feedback_loses_no_alert_and_sends_none_twice() -> None:
    calm = crashing(scripted())
    assert calm.refused == ["f-mute-7"]
    kinds = [alert.kind.value for alert in calm.sent.values()]
    assert kinds.count("merged") >= 2
    assert kinds.count("corrected") >= 4


@st.composite
def corrected_streams(draw: st.DrawFn) -> list[Step]:
    """A stream, and in it merges, splits and marks of incidents that are there by then."""
    desk, steps = Corrected(0), []
    for number, heard in enumerate(draw(streams())):
        steps.append(heard)
        desk.hear(heard)
        standing = [i for i in desk.incidents.values() if i.state is IncidentState.OPEN]
        if not standing or draw(st.integers(0, 2)):
            continue
        steps.append(drawn(draw, number, sorted(standing, key=lambda i: i.incident_id)))
        desk.hear(steps[-1])
    return steps


def drawn(draw: st.DrawFn, number: int, standing: list[Incident]) -> Feedback:
    one, other = draw(st.sampled_from(standing)), draw(st.sampled_from(standing))
    posts = [statement.post_id for statement in one.statements]
    later = draw(st.integers(0, 9))  # the order in which things are said is not that in which they come
    moment = at(3000 + number + 3 * later)
    into = other.incident_id if other is not one else None
    if len(posts) > 1 and draw(st.booleans()):
        leaving = draw(st.lists(st.sampled_from(posts), min_size=1, max_size=len(posts) - 1, unique=True))
        return feedback(FeedbackKind.SPLIT, one.incident_id, number, posts=leaving, into=into, given_at=moment)
    if into is not None:
        return feedback(FeedbackKind.MERGE, one.incident_id, number, into=into, given_at=moment)
    return feedback(FeedbackKind.MUTE, one.incident_id, number, given_at=moment)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corrected_streams())
def test_a_crash_at_any_effect_of_any_stream_with_feedback_changes_nothing(steps: list[Step]) -> None:
    crashing(steps)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corrected_streams())
def test_the_rows_are_all_there_is_and_what_is_said_twice_is_said_once(steps: list[Step]) -> None:
    once, twice = Corrected(0), Corrected(0)
    once.run(steps)  # type: ignore[arg-type]
    for step in steps:
        twice.hear(step)
        twice.correlator = type(twice.correlator)()
        twice.correlator.load(twice.rows.items())
        twice.hear(step)
    assert twice.rows == once.rows
    assert twice.sent == once.sent


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corrected_streams())
def test_nothing_that_people_took_apart_is_one_incident_again(steps: list[Step]) -> None:
    desk = Corrected(0)
    apart: dict[frozenset[str], bool] = {}
    said = []
    for step in steps:
        home = {s.post_id: i for i in standing(desk) for s in i.statements}
        before = len(desk.refused)
        fold = desk.hear(step)
        if isinstance(step, Feedback) and len(desk.refused) == before and fold is not None:
            said.append((step.given_at, step, home))
    for _, step, home in sorted(said, key=lambda one: (one[0], one[1].feedback_id)):
        if step.kind is FeedbackKind.MERGE:
            posts = [p for p, i in home.items() if i.incident_id in (step.incident_id, step.into)]
            apart.update(dict.fromkeys(pairs(posts, posts), False))
        if step.kind is FeedbackKind.SPLIT:
            stayed = [p for p, i in home.items() if i.incident_id == step.incident_id and p not in step.posts]
            into = [p for p, i in home.items() if i.incident_id == step.into]
            apart.update(dict.fromkeys(pairs([*step.posts, *into], [*step.posts, *into]), False))
            apart.update(dict.fromkeys(pairs(step.posts, stayed), True))
    for incident in standing(desk):
        posts = [s.post_id for s in incident.statements]
        assert not [pair for pair in pairs(posts, posts) if apart.get(pair)]


def pairs(some: list[str], others: list[str]) -> list[frozenset[str]]:
    return [frozenset((one, other)) for one in some for other in others if one != other]


def standing(desk: Desk) -> list[Incident]:
    return [i for i in desk.incidents.values() if i.state is IncidentState.OPEN]


def groups(desk: Desk) -> list[list[str]]:
    """The posts of every incident that stands, in order."""
    live = {i for held in desk.correlator._memory.incidents_of.values() for i in held}
    return sorted(
        [s.post_id for s in incident.statements] for i, incident in desk.incidents.items() if i in live
    )  # fmt: skip


def say(desk: Desk, meant: tuple[str, str, str], number: int) -> None:
    """A merge of the incidents of two posts, or a split of one of them, in the names that this desk knows."""
    kind, one, other = meant
    home = {s.post_id: i.incident_id for i in standing(desk) for s in i.statements}
    mine_, theirs = home.get(one), home.get(other)
    if mine_ is None or theirs is None:
        return
    try:
        if kind == "merge" and mine_ != theirs:
            give(desk, feedback(FeedbackKind.MERGE, mine_, number, into=theirs))
        elif kind == "split":
            give(desk, feedback(FeedbackKind.SPLIT, mine_, number, posts=[one]))
    except Inapplicable:
        pass


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams(), streams(), st.data(), st.randoms(use_true_random=False))
def test_incidents_do_not_depend_on_the_order_of_sources_around_what_people_say(
    early: list[Sighting], late: list[Sighting], data: st.DataObject, chance: Any
) -> None:
    late = [msgspec.structs.replace(s, post_id=s.post_id + "-late", native_id=s.native_id + "-late") for s in late]
    posts = [heard.post_id for heard in early]
    meant = data.draw(
        st.lists(
            st.tuples(st.sampled_from(["merge", "split"]), st.sampled_from(posts), st.sampled_from(posts)), max_size=4
        )
    )
    found = []
    for shuffle in (False, True):
        desk = Desk()
        parts = [chance.sample(part, len(part)) if shuffle else part for part in (early, late)]
        for heard in parts[0]:
            desk.hear(heard)
        for number, one in enumerate(meant):
            say(desk, one, number)
        for heard in parts[1]:
            desk.hear(heard)
        found.append(groups(desk))
    assert found[0] == found[1]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams(), st.data())
def test_a_merge_that_is_split_again_gives_back_the_same_incidents(heard: list[Sighting], data: st.DataObject) -> None:
    desk = Desk()
    for one in heard:
        desk.hear(one)
    told = sorted(standing(desk), key=lambda i: i.incident_id)
    if len(told) < 2:
        return
    goes, stays = data.draw(st.permutations(told))[:2]
    before = {i.incident_id: [s.post_id for s in i.statements] for i in standing(desk)}
    leaving = before[goes.incident_id]
    give(desk, feedback(FeedbackKind.MERGE, goes.incident_id, 0, into=stays.incident_id))
    assert sorted(before[stays.incident_id] + leaving) == sorted(
        s.post_id for s in desk.incidents[stays.incident_id].statements
    )
    give(desk, feedback(FeedbackKind.SPLIT, stays.incident_id, 1, posts=leaving))
    assert {i.incident_id: [s.post_id for s in i.statements] for i in standing(desk)} == before


def test_after_a_crash_another_order_of_the_two_topics_ends_as_if_nothing_had_crashed() -> None:
    """After a restart Kafka may bring feedback before a post that came before it, or the other way round."""
    steps = scripted()
    undisturbed = Corrected(0)
    undisturbed.run(steps)  # type: ignore[arg-type]
    orders: dict[int, Corrected] = {}
    for point in range(1, undisturbed.effects + 1):
        shaken = Corrected(point)
        try:
            while shaken.offset < len(steps):
                shaken.hear(steps[shaken.offset])
                shaken.effect()
                shaken.offset += 1
        except Crash:
            shaken.correlator = type(shaken.correlator)()
            shaken.correlator.load(shaken.rows.items())
            shaken.announce()
        done, left = steps[: shaken.offset], steps[shaken.offset :]
        swapped = [*left[1:2], *left[:1], *left[2:]] if differ(left) else left
        if shaken.offset not in orders:
            orders[shaken.offset] = Corrected(0)
            orders[shaken.offset].run([*done, *swapped])  # type: ignore[arg-type]
        calm = orders[shaken.offset]
        for step in swapped:
            shaken.hear(step)
        # What had been decided before the crash stays decided: then it is as in the order before.
        assert groups(shaken) in (groups(calm), groups(undisturbed)), point
        assert told(shaken) >= told(calm) & told(undisturbed), point


def told(desk: Fragile) -> set[object]:
    """The feedback that subscribers have been told of."""
    return {c.after for alert in desk.sent.values() for c in alert.changes if c.field == "corrections"}


def differ(left: list[Step]) -> bool:
    return len(left) > 1 and isinstance(left[0], Feedback) != isinstance(left[1], Feedback)


@pytest.mark.parametrize("hours", [1, 30])
def test_what_people_merged_draws_in_nothing_that_was_too_late_before(hours: int) -> None:
    desk = Desk()
    one = desk.hear(shelling("1", MARKET, 0, "a")).incident_id or ""
    two = desk.hear(mine("2", BRIDGE, 60 * 18, "b")).incident_id or ""
    third = desk.hear(shelling("3", AGAIN, 60 * 25, "c")).incident_id or ""
    assert len({one, two, third}) == 3
    give(desk, feedback(FeedbackKind.MERGE, one, into=two, given_at=at(60 * 18) + timedelta(hours=hours)))
    assert desk.incidents[third].state is IncidentState.OPEN
    assert [s.source_id for s in desk.incidents[third].statements] == ["c"]
    assert desk.hear(mine("4", MINE, 60 * 30, "d")).incident_id == two


def test_a_post_whose_like_left_carries_its_incident_to_no_other() -> None:
    """An outlet prints its text again four days later: the copy stays behind, and must not glue the new incident."""
    desk = Desk()
    phrase = (
        "A shelling in Sarmin killed three people today, a security source said to the agency. Rescue workers reached "
        "the street within minutes, carried the wounded to two clinics nearby and went on to search the ground floor "
        "of the house until late in the evening"
    )
    english = {"language": "en", "tolls": [toll(3)]}
    one = desk.hear(shelling("1", MARKET, 0, "a", tolls=[toll(3)])).incident_id or ""
    leaving = shelling("2", phrase, 7, "agency", **english)
    days = 4 * 24 * 60
    other = shelling("3", AGAIN, days, "b", tolls=[toll(3)])
    assert desk.hear(leaving).incident_id == one
    two = desk.hear(other).incident_id or ""
    assert two != one
    assert desk.hear(shelling("4", phrase, days + 7, "agency", **english)).incident_id == one
    give(desk, feedback(FeedbackKind.SPLIT, one, posts=[leaving.post_id]))
    later = desk.hear(shelling("5", AGAIN, days + 20, "c", tolls=[toll(3)]))
    assert later.incident_id == two
    assert [s.source_id for s in desk.incidents[two].statements] == ["b", "c"]
    assert desk.incidents[one].state is desk.incidents[two].state is IncidentState.OPEN


def test_the_story_with_a_split_of_its_claim_counts_it_no_more() -> None:
    desk = Desk()
    found = [desk.hear(heard).incident_id or "" for heard in story()]
    other = desk.hear(mine("m", BRIDGE, 58, "x")).incident_id or ""
    give(desk, feedback(FeedbackKind.SPLIT, found[0], posts=[story()[3].post_id], into=other))
    assert desk.incidents[found[0]].claims == []
    assert [c.claimant for c in desk.incidents[other].claims] == ["is"]


def test_a_thousand_corrections_are_loaded_in_one_go() -> None:
    """The bonds are worked out once, not once for each row."""
    bonds = {
        f"f:{n}": rows.encode(rows.Bond(feedback_id=str(n), given_at=n, together=[[f"p-{n}", f"p-{n + 1}"]], done=True))
        for n in range(1000)
    }
    desk = Desk()
    desk.correlator.load(bonds.items())
    assert desk.correlator._memory._bonds is None
    assert len(desk.correlator._memory.bonds.named) == 1001
    assert desk.hear(two_incidents()[0]).incident_id
