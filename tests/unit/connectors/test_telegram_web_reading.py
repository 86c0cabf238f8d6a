"""Which page to ask for, and what a page gives."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sources import SourceSettings
from connectors.telegram.message import Message
from connectors.telegram.place import EMPTIES, Place
from connectors.telegram_web.parse import Page, PageKind
from connectors.telegram_web.reading import Outcome, begin, next_before, take_first, take_older
from connectors.telegram_web.visit import address_of
from schemas.kinds import SourceKind

AT = datetime(2022, 12, 26, 18, 0, tzinfo=UTC)


def source(**fields):
    return SourceSettings(id="s", kind=SourceKind.TELEGRAM_WEB, channel="ch", **fields)


def page(*ids, channel_id=7, service=(), **texts):
    messages = tuple(
        Message(
            channel_id=channel_id,
            message_id=n,
            published_at=AT + timedelta(minutes=n),
            text=texts.get(f"m{n}", f"text {n}"),
        )
        for n in ids
        if n not in service
    )
    kind = PageKind.OK if ids else PageKind.NO_POSTS
    return Page(kind=kind, username="ch", channel_id=channel_id if ids else None, messages=messages, ids=tuple(ids))


def first(place, *ids, src=None, after=0, **texts):
    read, now = page(*ids, **texts), AT + timedelta(hours=1, seconds=after)
    return take_first(begin(place, read, src or source(), now), read, src or source(), now)


def older(place, *ids, src=None):
    return take_older(place, page(*ids), src or source(), AT)


def numbers(step):
    return [int(post.native_id.split(":")[2]) for post in step.posts]


def test_the_first_sight_is_the_newest_page():
    step = first(Place(), 81, 82, 90)
    assert numbers(step) == [81, 82, 90]
    assert (step.place.last_id, step.place.channel_id, next_before(step.place)) == (90, 7, None)


def test_news_goes_out_at_once_and_the_hole_is_kept():
    place = first(Place(), 9, 10).place
    step = first(place, 40, 41)
    assert numbers(step) == [40, 41]
    assert next_before(step.place) == 40
    again = Place.from_position(json.loads(json.dumps(step.place.to_position())))
    assert again == step.place
    step = older(step.place, 25, 30, 39)
    assert (numbers(step), next_before(step.place)) == ([25, 30, 39], 25)
    step = older(step.place, 8, 9, 10, 24)
    assert (numbers(step), next_before(step.place)) == ([24], None)


def test_holes_pile_up_and_are_closed_newest_first():
    place = first(Place(), 10).place
    place = first(place, 50).place
    place = first(place, 90).place
    assert [(h.low, h.high) for h in place.holes] == [(50, 90), (10, 50)]
    place = older(place, 50, 60).place
    assert [(h.low, h.high) for h in place.holes] == [(10, 50)]
    assert older(place, 10, 20).place.holes == ()


def test_an_empty_page_is_a_rate_limit_where_messages_are_known():
    place = first(Place(), 10).place
    assert first(place).outcome is Outcome.RATE_LIMITED
    assert first(Place()).outcome is Outcome.EMPTY_CHANNEL


def test_a_hole_that_stays_empty_is_closed_in_the_end():
    place = first(first(Place(), 10).place, 50).place
    for visit in range(EMPTIES):
        assert place.holes, visit
        step = older(place)
        assert step.outcome is Outcome.RATE_LIMITED
        place = step.place
    assert place.holes == ()


def test_a_page_that_repeats_itself_ends_the_hole():
    place = first(first(Place(), 10).place, 50).place
    for _ in range(EMPTIES):
        place = older(place, 50, 51).place
    assert place.holes == ()


def test_neighbouring_ids_leave_no_hole():
    place = first(Place(), 10).place
    assert first(place, 11, 12).place.holes == ()


def test_backfill_by_number_is_marked_and_ends():
    src = source(backfill_posts=3)
    step = first(Place(), 90, 91, src=src)
    assert not any(post.backfill for post in step.posts)
    step = older(step.place, 87, 88, 89, src=src)
    assert all(post.backfill for post in step.posts)
    assert step.place.holes == ()
    step = older(first(Place(), 90, src=src).place, 80, 81, 82, 83, 84, src=src)
    assert numbers(step) == [82, 83, 84]


def test_backfill_by_date_ends_where_it_should():
    src = source(backfill_days=1)
    place = begin(Place(), page(90), src, AT + timedelta(days=1, minutes=85))
    step = older(place, 83, 84, 85, 86, src=src)
    assert (numbers(step), step.place.holes) == ([85, 86], ())


def test_edits_on_the_first_page_are_revisions():
    place = first(Place(), 10, 11).place
    step = first(place, 10, 11, m10="changed", after=50)
    assert [(p.text, p.revision > 0) for p in step.posts] == [("changed", True)]
    assert first(step.place, 10, 11, m10="changed", after=99).posts == ()


def test_a_message_that_stays_away_was_withdrawn_and_may_come_back():
    place = first(Place(), 10, 11, 12).place
    step = first(place, 10, 12)
    assert step.posts == ()
    step = first(step.place, 10, 12, after=30)
    assert [(p.native_id, p.deleted, p.text) for p in step.posts] == [("tg:7:11", True, "text 11")]
    assert first(step.place, 10, 12, after=60).posts == ()
    back = first(step.place, 10, 11, 12, after=90)
    assert [(p.native_id, p.deleted) for p in back.posts] == [("tg:7:11", False)]
    assert back.posts[0].revision > step.posts[0].revision


def test_one_absence_is_no_deletion():
    place = first(Place(), 10, 11, 12).place
    place = first(place, 10, 12).place
    place = first(place, 10, 11, 12).place
    assert first(place, 10, 12).posts == ()


def test_messages_that_only_mtproto_saw_are_not_missed_here():
    place = first(Place(), 10, 11, 12).place
    seen = {**place.memory.seen, 11: place.memory.seen[11]._replace(via="m")}
    place = replace(place, memory=replace(place.memory, seen=seen))
    place = first(place, 10, 12).place
    assert first(place, 10, 12).posts == ()


def test_a_name_that_leads_elsewhere_stops():
    place = first(Place(), 10).place
    step = take_first(place, page(1, 2, channel_id=8), source(), AT)
    assert (step.outcome, step.posts, step.place) == (Outcome.IDENTITY_CHANGED, (), place)
    assert take_first(Place(), page(1), source(channel_id=9), AT).outcome is Outcome.IDENTITY_CHANGED


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [(PageKind.NO_PREVIEW, Outcome.NO_PREVIEW), (PageKind.UNRECOGNISED, Outcome.UNRECOGNISED)],
)
def test_other_pages_have_their_names(kind, outcome):
    assert take_first(Place(last_id=5), Page(kind=kind), source(), AT).outcome is outcome


def test_without_the_channels_number_there_is_no_identity():
    nameless = replace(page(1, 2), channel_id=None)
    assert take_first(Place(), nameless, source(), AT).outcome is Outcome.UNRECOGNISED


def test_fields_of_the_other_way_of_reading_stay():
    place = first(Place.from_position({"pts": 55, "last_id": 3, "floor": 0, "channel_id": 7}), 4, 5).place
    assert place.to_position()["pts"] == 55


@pytest.mark.parametrize("channel", ["@ch_1", "ch_1", "https://t.me/ch_1", "t.me/s/ch_1", "https://telegram.me/ch_1/"])
def test_addresses(channel):
    src = SourceSettings(id="s", kind=SourceKind.TELEGRAM_WEB, channel=channel)
    assert address_of(src, "http://here/") == "http://here/s/ch_1"


@pytest.mark.parametrize("channel", ["https://t.me/+AbCdEf", "t.me/joinchat/x", "-1001234567", 1234567, "ab cd"])
def test_channels_without_a_public_name_have_no_preview(channel):
    src = SourceSettings(id="s", kind=SourceKind.TELEGRAM_WEB, channel=channel)
    with pytest.raises(ValueError, match="name"):
        address_of(src, "http://here")


def test_a_number_is_found_by_the_name_seen_before():
    src = SourceSettings(id="s", kind=SourceKind.TELEGRAM_WEB, channel=1234567)
    assert address_of(src, "http://here", "ch_1") == "http://here/s/ch_1"
