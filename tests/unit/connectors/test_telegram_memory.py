"""What is remembered of a channel decides what is an edit, and under which number."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.memory import TEXT_BUDGET, WINDOW, Memory, Touch, Withdrawal
from connectors.telegram.message import TELEGRAM_BEGAN, Message, content_hash
from schemas.kinds import SourceKind
from schemas.records import Media, Source

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)
SOURCE = Source(id="channel", kind=SourceKind.TELEGRAM)


def said(number=1, text="words", *, edited_after=None, **fields):
    edited_at = None if edited_after is None else AT + timedelta(seconds=edited_after)
    return Message(
        channel_id=7,
        message_id=number,
        published_at=AT,
        text=text,
        edited=bool(edited_at),
        edited_at=edited_at,
        **fields,
    )


def fold(memory, *changes, via="m", after=1000, **options):
    return memory.fold(changes, source=SOURCE, via=via, now=AT + timedelta(seconds=after), **options)


def test_first_sight_is_revision_nought():
    (post,), _ = fold(Memory(), said())
    assert (post.native_id, post.revision, post.text, post.deleted) == ("tg:7:1", 0, "words", False)
    assert post.fetched_at == AT + timedelta(seconds=1000)


def test_the_same_words_again_are_no_post():
    _, memory = fold(Memory(), said())
    assert fold(memory, said(views=5), said(views=6)) == ((), memory)


def test_an_edit_is_numbered_by_its_time():
    _, memory = fold(Memory(), said())
    (post,), memory = fold(memory, said(text="other", edited_after=312))
    assert (post.revision, post.text, post.edited_at) == (312, "other", AT + timedelta(seconds=312))


def test_two_edits_in_one_second_get_two_numbers():
    _, memory = fold(Memory(), said())
    posts, memory = fold(memory, said(text="a", edited_after=5), said(text="b", edited_after=5))
    assert [p.revision for p in posts] == [5, 6]
    (post,), _ = fold(memory, said(text="c", edited_after=6))
    assert post.revision == 7


def test_an_older_state_changes_nothing():
    _, memory = fold(Memory(), said(text="new", edited_after=50))
    assert fold(memory, said(text="old", edited_after=20))[0] == ()


def test_after_a_crash_the_number_still_tells_the_texts_apart():
    # published, acknowledged, then killed before the cursor was stored; meanwhile the message was edited
    (before,), _ = fold(Memory(), said())
    (after,), _ = fold(Memory(), said(text="other", edited_after=2))
    assert after.post_id == before.post_id
    assert after.revision > before.revision


def test_a_deletion_says_what_was_said():
    _, memory = fold(Memory(), said(text="first"))
    _, memory = fold(memory, said(text="second", edited_after=9))
    (post,), memory = fold(memory, Withdrawal(channel_id=7, message_id=1), after=60)
    assert (post.deleted, post.text, post.published_at, post.revision) == (True, "second", AT, 60)
    assert fold(memory, Withdrawal(channel_id=7, message_id=1))[0] == ()
    assert fold(memory, said(text="second", edited_after=9))[0] == ()


def test_a_deletion_of_something_unknown_is_recorded_as_such():
    (post,), _ = fold(Memory(), Withdrawal(channel_id=7, message_id=1))
    assert (post.deleted, post.text, post.published_at_estimated) == (True, "", True)
    assert post.revision > (AT - TELEGRAM_BEGAN).total_seconds()


def test_both_ways_of_reading_give_one_post():
    _, memory = fold(Memory(), said(text="line\nbreak", media=(Media(kind="animation"),)), via="m")
    seen = said(text="line break", media=(Media(kind="video"),))
    assert content_hash(seen) == content_hash(said(text="line\nbreak", media=(Media(kind="animation"),)))
    assert fold(memory, seen, via="w")[0] == ()


def test_the_other_way_may_write_an_unedited_message_differently():
    _, memory = fold(Memory(), said(text="with a custom sign"), via="m")
    posts, again = fold(memory, said(text="without"), via="w")
    assert (posts, again) == ((), memory)
    (post,), _ = fold(memory, replace(said(text="edited now"), edited=True), via="w", after=1234)
    assert post.revision == 1234


def test_a_second_edit_that_t_me_cannot_mark_is_left_to_mtproto():
    _, memory = fold(Memory(), said(text="edited once", edited_after=10), via="m")
    posts, memory = fold(memory, replace(said(text="edited twice"), edited=True), via="w", after=90)
    assert posts == ()
    (post,), _ = fold(memory, said(text="edited twice", edited_after=80), via="m")
    assert (post.text, post.revision) == ("edited twice", 80)


def test_the_web_notices_edits_without_a_date_and_mtproto_agrees_later():
    _, memory = fold(Memory(), said(), via="w")
    (post,), memory = fold(memory, replace(said(text="other"), edited=True), via="w", after=90)
    assert post.revision == 90
    assert fold(memory, said(text="other", edited_after=80), via="m")[0] == ()
    (post,), _ = fold(memory, said(text="third", edited_after=120), via="m")
    assert post.revision == 120


def test_a_caption_that_t_me_shows_elsewhere_is_corrected_by_mtproto():
    # an album's caption may belong to any member; t.me/s shows it under the first
    first, second = said(1, "caption", grouped_id="g"), said(2, "", grouped_id="g")
    _, memory = fold(Memory(), first, second, via="w")
    posts, memory = fold(memory, said(1, "", grouped_id="g"), said(2, "caption", grouped_id="g"), via="m")
    assert [(p.native_id, p.text, p.revision) for p in posts] == [("tg:7:1", "", 1), ("tg:7:2", "caption", 1)]
    assert fold(memory, first, second, via="w")[0] == ()


def test_an_edit_that_t_me_noticed_late_does_not_hide_what_mtproto_says():
    _, memory = fold(Memory(), said(), via="w")
    _, memory = fold(memory, replace(said(text="seen on the web"), edited=True), via="w", after=90)
    (post,), _ = fold(memory, said(text="as it is", edited_after=50), via="m")
    assert (post.text, post.revision) == ("as it is", 91)


def test_what_t_me_hid_and_shows_again_is_back():
    _, memory = fold(Memory(), said(), via="w")
    (gone,), memory = fold(memory, Withdrawal(channel_id=7, message_id=1), via="w", after=30)
    (back,), _ = fold(memory, said(), via="w", after=60)
    assert gone.deleted
    assert not back.deleted
    assert back.revision > gone.revision


def test_a_change_of_media_is_an_edit_but_views_are_none():
    one = said(media=(Media(kind="photo"),))
    assert content_hash(one) != content_hash(said())
    assert content_hash(one) == content_hash(replace(one, views=9, url="https://t.me/x/1"))


def test_the_memory_is_bounded_and_survives_its_journey():
    _, memory = fold(Memory(), *(said(n, "x" * 100) for n in range(1, WINDOW + 51)))
    assert min(memory.seen) == memory.oldest == 51
    position = json.loads(json.dumps(memory.to_position()))
    assert sum(map(len, position["texts"].values())) <= TEXT_BUDGET
    again = Memory.from_position(position)
    assert again.seen == memory.seen
    assert max(again.texts) == WINDOW + 50
    assert len(json.dumps(position)) < 30_000


def test_a_glance_at_something_unknown_is_no_post_but_an_edit_is():
    assert fold(Memory(), Touch(message=said(views=9)))[0] == ()
    (post,), _ = fold(Memory(), Touch(message=said(text="late", edited_after=500)))
    assert (post.revision, post.text) == (500, "late")


def test_what_was_never_published_is_nobodys_concern():
    assert fold(Memory(), Withdrawal(channel_id=7, message_id=3), floor=3)[0] == ()
    assert fold(Memory(), Touch(message=said(3, edited_after=9)), floor=3)[0] == ()
    assert len(fold(Memory(), said(3), floor=3)[0]) == 1


edits = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from("abcd"), st.integers(0, 3)),
        st.tuples(st.just("crash"), st.just(""), st.just(0)),
        st.tuples(st.just("again"), st.just(""), st.just(0)),
    ),
    max_size=30,
)


@given(edits)
def test_law_the_highest_revision_says_the_last_words(steps):
    """However often we crash before remembering, as long as edits are a second apart."""
    stored = memory = Memory()
    message, clock, published = said(text="start"), 0, {}

    def read():
        nonlocal memory
        posts, memory = fold(memory, message, after=clock)
        for post in posts:
            assert published.setdefault(post.revision, post.text) == post.text
        return memory

    read()
    for kind, text, pause in steps:
        if kind == "edit":
            clock += 1 + pause
            message = said(text=text, edited_after=clock)
            read()
        elif kind == "crash":
            memory = stored
            read()
        else:
            stored = read()
    assert published[max(published)] == message.text
