"""What is asked next, and what an answer gives: Telegram as values, no network."""

import json
from datetime import UTC, datetime, timedelta

import hypothesis
import pytest
from hypothesis import strategies as st

from connectors.sources import SourceSettings
from connectors.telegram.memory import Touch, Withdrawal
from connectors.telegram.message import Message
from connectors.telegram.place import OPEN_TOP, Hole, NotAChannel, Place, channel_of
from connectors.telegram.sync import (
    Counter,
    Difference,
    Messages,
    Push,
    ReadCounter,
    ReadDifference,
    ReadMessages,
    ReadNewest,
    ReadOlder,
    Resolve,
    Resolved,
    TooLong,
    follow,
    next_request,
    suspects,
    take,
    verify,
)
from schemas.kinds import SourceKind

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)
NOW = AT + timedelta(hours=1)


def source(**fields):
    return SourceSettings(**{"id": "s", "kind": SourceKind.TELEGRAM, "channel": "ch_name", **fields})


def said(number, text=None, edited_after=None):
    edited_at = None if edited_after is None else AT + timedelta(seconds=edited_after)
    return Message(
        channel_id=7,
        message_id=number,
        published_at=AT,
        text=text or f"text {number}",
        edited=bool(edited_at),
        edited_at=edited_at,
    )


def messages(*numbers, deleted=()):
    return Messages({n: said(n) for n in numbers}, frozenset(deleted))


def ask(place, src=None, *, behind=False):
    return next_request(place, src or source(), "main", behind=behind)


def given(place, answer, src=None, *, behind=False):
    return take(place, ask(place, src, behind=behind), answer, src or source(), "main", NOW)


def numbers(step):
    return [int(post.native_id.split(":")[2]) for post in step.posts]


def entered(*numbers, src=None):
    """A place that has read these messages."""
    place = given(Place(), Resolved(7, 99, "ch_name"), src).place
    place = given(place, Counter(50), src).place
    place = given(place, messages(*numbers), src).place
    return given(place, messages(*numbers), src).place if numbers else place


def test_a_new_channel_is_found_counted_entered_and_only_then_read():
    place = Place()
    assert ask(place) == Resolve("ch_name")
    place = given(place, Resolved(7, 99, "ch_name")).place
    assert ask(place) == ReadCounter()
    place = given(place, Counter(50)).place
    assert ask(place) == ReadNewest()
    step = given(place, messages(31, 40))
    assert (step.posts, step.behind, step.place.floor, step.place.pts) == ((), True, 30, 50)
    assert ask(step.place, behind=True) == ReadDifference(50)
    assert ask(step.place) == ReadOlder(OPEN_TOP)
    step = given(step.place, messages(30, 31, 40))
    assert numbers(step) == [31, 40]
    assert ask(step.place) is None


def test_the_place_survives_its_journey():
    place = entered(31, 40)
    assert Place.from_position(json.loads(json.dumps(place.to_position()))) == place
    assert Place.from_position(None) == Place()


def test_an_empty_channel_is_entered_too():
    place = entered()
    assert place.entered
    assert ask(place) is None
    step = given(place, Difference(51, (said(1),), top_id=1), behind=True)
    assert numbers(step) == [1]


def test_another_account_needs_an_access_hash_of_its_own():
    place = entered(1)
    assert next_request(place, source(), "second", behind=False) == Resolve("ch_name")


def test_the_last_known_name_is_asked_for_unless_the_operator_has_changed_it():
    place = entered(1)
    place = given(place, Difference(51, username="new_name"), behind=True).place
    assert next_request(place, source(), "second", behind=False) == Resolve("new_name")
    changed = source(channel="other_name")
    assert ask(place, changed) == Resolve("other_name")
    step = take(place, Resolve("other_name"), Resolved(8, 1, "other_name"), changed, "main", NOW)
    assert "channel 8, not to 7" in step.identity
    assert step.place == place


def test_the_difference_is_read_to_its_end_and_moves_the_counter():
    place = entered(1, 2)
    step = given(place, Difference(60, (said(3), Touch(message=said(1, "edited", 9))), 3, final=False), behind=True)
    assert (numbers(step), step.behind, step.place.pts, step.place.last_id) == ([3, 1], True, 60, 3)
    step = given(step.place, Difference(61, (Withdrawal(channel_id=7, message_id=2),)), behind=True)
    assert [(p.native_id, p.deleted, p.text) for p in step.posts] == [("tg:7:2", True, "text 2")]
    assert not step.behind


def test_a_post_and_its_edit_in_one_difference_are_one_post():
    newest = said(3, "as it is now", 9)
    step = given(entered(1), Difference(60, (newest, Touch(message=newest)), 3), behind=True)
    assert [(p.text, p.revision) for p in step.posts] == [("as it is now", 9)]


def test_glances_are_no_posts():
    step = given(entered(1), Difference(60, (Touch(message=said(1)), Touch(message=said(900)))), behind=True)
    assert step.posts == ()
    assert step.place.pts == 60


def test_too_long_reads_again_what_is_remembered_and_what_came_since():
    place = given(entered(*range(1, 151)), TooLong(900), behind=True)
    assert place.behind
    place = place.place
    assert (place.pts, place.holes[0]) == (900, Hole(low=150, high=OPEN_TOP))
    assert ask(place) == ReadMessages(tuple(range(150, 50, -1)))
    step = given(place, messages(*range(52, 151), deleted=[51]))
    assert [(p.native_id, p.deleted) for p in step.posts] == [("tg:7:51", True)]
    assert ask(step.place) == ReadMessages(tuple(range(50, 0, -1)))
    step = given(step.place, messages(*range(1, 51)))
    assert ask(step.place, behind=True) == ReadDifference(900)
    assert ask(step.place) == ReadOlder(OPEN_TOP)
    step = given(step.place, messages(*range(250, 350)))
    assert ask(step.place) == ReadOlder(250)
    step = given(step.place, messages(*range(149, 250)))
    assert numbers(step)[0] == 151
    assert ask(step.place) is None


def test_what_a_killed_process_may_have_published_is_suspect():
    assert suspects(entered(*range(1, 31)), 33) == (33, 32, 31)
    place = Place(floor=0, last_id=900, holes=(Hole(low=100, high=500),))
    assert suspects(place, 900) == tuple(range(499, 200, -1))
    assert suspects(Place(floor=30, last_id=30, holes=(Hole(low=30, high=OPEN_TOP),)), 40) == tuple(range(40, 30, -1))


def test_too_long_twice_in_a_row_leaves_one_hole():
    place = given(entered(1), TooLong(900), behind=True).place
    place = given(given(place, messages(1)).place, TooLong(1000), behind=True).place
    assert len(place.holes) == 1


def test_coming_from_t_me_everything_is_read_again():
    place = Place(channel_id=7, floor=0, last_id=5, memory=entered(4, 5).memory)
    place = given(place, Resolved(7, 99, "ch_name")).place
    place = given(place, Counter(50)).place
    assert ask(place) == ReadMessages((5, 4))
    assert place.holes == (Hole(low=5, high=OPEN_TOP),)


def test_what_only_t_me_told_is_verified():
    place = entered(4, 5)
    seen = {**place.memory.seen, 4: place.memory.seen[4]._replace(via="w")}
    from dataclasses import replace

    place = verify(replace(place, memory=replace(place.memory, seen=seen)))
    assert ask(place) == ReadMessages((4,))
    assert verify(given(place, messages(4)).place).recheck == ()


def test_pushes_that_continue_the_counter_are_taken_and_a_gap_is_not():
    def push(number):
        return Push(7, 49 + number, 1, (said(number),), number)

    def told(place, *pushes):
        found = follow(place, pushes, source(), NOW)
        return numbers(found.step), found.taken, found.gap, found.step.place.pts, found.step.place.last_id

    place = entered(1)
    assert told(place, push(2)) == ([2], 1, False, 51, 2)
    assert told(place, push(2), push(3), push(4)) == ([2, 3, 4], 3, False, 53, 4)
    assert told(place, push(2), push(2), push(4)) == ([2], 2, True, 51, 2)
    assert told(place, push(3)) == ([], 0, True, 50, 1)
    after = follow(place, [push(2)], source(), NOW).step.place
    assert told(after, push(2)) == ([], 1, False, 51, 2)
    assert follow(after, [push(2)], source(), NOW).step.place is after
    assert follow(Place(), [push(2)], source(), NOW).gap


@hypothesis.given(st.lists(st.tuples(st.integers(2, 12), st.integers(1, 3)), max_size=12))
def test_law_a_row_of_pushes_gives_what_they_give_one_by_one(pairs):
    pushes = [Push(7, 49 + number, count, (said(number),), number) for number, count in pairs]
    place, taken, said_one_by_one = entered(1), 0, []
    for push in pushes:
        found = follow(place, [push], source(), NOW)
        if found.gap:
            break
        place, taken = found.step.place, taken + 1
        said_one_by_one += numbers(found.step)
    together = follow(entered(1), pushes, source(), NOW)
    assert (together.taken, together.gap) == (taken, taken < len(pushes))
    assert (numbers(together.step), together.step.place) == (said_one_by_one, place)


def test_backfill_ends_by_number_or_date():
    src = source(backfill_posts=3)
    place = entered(40, src=src)
    assert place.floor == 0
    step = given(place, messages(35, 36, 37, 38, 39), src)
    assert numbers(step) == [37, 38, 39]
    assert all(post.backfill for post in step.posts)
    assert ask(step.place, src) is None
    src = source(backfill_days=0.01)
    step = given(entered(40, src=src), messages(39), src)
    assert (step.posts, step.place.holes) == ((), ())


def test_service_messages_are_holes_in_the_ids():
    place = entered(5)
    step = given(place, Difference(60, (), top_id=6), behind=True)
    assert step.place.last_id == 6
    place = given(step.place, TooLong(70), behind=True).place
    place = given(place, messages(5)).place
    step = given(place, Messages({7: None, 8: said(8)}))
    assert numbers(step) == [8]


def test_an_answer_to_another_question_is_an_error():
    with pytest.raises(TypeError, match="Counter is no answer to Resolve"):
        given(Place(), Counter(1))


@pytest.mark.parametrize("given_name", [1234567, "1234567", "-1001234567"])
def test_numbers_of_channels(given_name):
    assert channel_of(source(channel=given_name)) == 1234567


@pytest.mark.parametrize("given_name", ["https://t.me/+abc", "tg://join?invite=x", "a", "two words", ""])
def test_what_is_no_channel(given_name):
    with pytest.raises(NotAChannel, match="channel"):
        channel_of(source(channel=given_name))
