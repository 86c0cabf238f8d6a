from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.document import Document, Entry
from connectors.feeds.entries import KEEP, Memory, read_entries, recall
from connectors.sources import SourceSettings
from schemas.kinds import SourceKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOURCE = SourceSettings(id="s", kind=SourceKind.FEED, url="https://news.example/f")


def entry(guid, text="نص طويل بما يكفي ليدل على نفسه", **fields):
    fields.setdefault("url", f"https://news.example/{guid}")
    fields.setdefault("published_at", NOON)
    return Entry(guid=guid, title="خبر", text=text, **fields)


def read(memory, *entries, at=NOON):
    # The memory goes through JSON, as it does through a cursor.
    stored = recall({"entries": msgspec.json.decode(msgspec.json.encode(memory))})
    return read_entries(Document(format="rss20", entries=entries), stored, SOURCE, at)


def ids(reading):
    return [(post.native_id, post.revision) for post in reading.posts]


def test_new_entries_come_oldest_first():
    later = replace(entry("b"), published_at=NOON + timedelta(hours=1))
    assert ids(read(Memory(), later, entry("a2"), entry("a1"))) == [("a1", 0), ("a2", 0), ("b", 0)]


def test_the_key_is_guid_then_link_without_tracking_then_words():
    by_link = entry(None, url="https://news.example/x?id=7&utm_source=rss")
    bare = Entry(title="خبر", text="نص")
    first, second = read(Memory(), by_link).posts[0], read(Memory(), bare).posts[0]
    assert first.native_id == "https://news.example/x?id=7"
    assert second.native_id.startswith("words:")
    assert len(read(Memory(), entry("g" * 5000)).posts[0].native_id) < 100


def test_an_empty_entry_is_nothing():
    assert read(Memory(), Entry(language="ar"), Entry()).posts == ()
    assert ids(read(Memory(), Entry(guid="a"))) == [("a", 0)]


def test_an_edit_is_a_revision_and_white_space_is_none():
    first = read(Memory(), entry("a"))
    same = read(first.memory, entry("a", "نص   طويل بما يكفي\nليدل على نفسه"))
    assert same.posts == ()
    edited = read(same.memory, entry("a", "نص مصحح"), at=NOON + timedelta(hours=1))
    assert ids(edited) == [("a", 1)]
    assert edited.posts[0].edited_at == NOON + timedelta(hours=1)
    assert edited.posts[0].published_at == NOON


def test_servers_that_disagree_make_no_revisions_but_a_true_return_makes_one():
    old, new = entry("a", "النص القديم"), entry("a", "النص الجديد")
    reading, revisions = read(Memory(), old), []
    for turn in (new, old, new, old, new, old, old, old):
        reading = read(reading.memory, turn)
        revisions.append([post.revision for post in reading.posts])
    assert revisions == [[1], [], [], [], [], [], [2], []]


def test_a_rekeyed_entry_is_recognized_and_keeps_its_identity():
    first = read(Memory(), entry("old-1", "النص الأول لهذا الخبر"), entry("old-2", "النص الثاني لهذا الخبر"))
    moved = read(first.memory, entry("new-1", "النص الأول لهذا الخبر"), entry("new-2", "النص الثاني لهذا الخبر"))
    assert (moved.posts, moved.rekeyed, moved.gap) == ((), 2, False)
    again = read(moved.memory, entry("new-1", "النص الأول لهذا الخبر، مصحح"), entry("new-2", "النص الثاني لهذا الخبر"))
    assert ids(again) == [("old-1", 1)]


def test_equal_words_under_two_keys_at_once_are_two_entries():
    siren = "صفارات الإنذار تدوي في المدينة"
    first = read(Memory(), entry("monday", siren))
    assert ids(read(first.memory, entry("tuesday", siren), entry("monday", siren))) == [("tuesday", 0)]


def test_one_guid_for_all_entries_is_told_apart():
    entries = [entry("home", f"نص رقم {n} من الأخبار", url=f"https://news.example/{n}") for n in range(3)]
    reading = read(Memory(), *entries)
    assert len({post.native_id for post in reading.posts}) == 3
    assert read(reading.memory, *entries).posts == ()
    alone = read(Memory(), entries[0])
    both = read(alone.memory, *entries[:2])
    assert (len(both.posts), both.rekeyed) == (1, 1)


def test_a_window_that_slid_too_far_is_noticed():
    first = read(Memory(), entry("a", "أول"), entry("b", "ثان"))
    assert not read(first.memory, entry("b", "ثان"), entry("c", "ثالث")).gap
    assert read(first.memory, entry("c", "ثالث"), entry("d", "رابع")).gap
    assert not first.gap


def test_an_entry_without_a_date_keeps_the_time_when_it_was_first_seen():
    undated = entry("a", published_at=None)
    first = read(Memory(), undated)
    assert (first.posts[0].published_at, first.posts[0].published_at_estimated) == (NOON, True)
    later = read(first.memory, replace(undated, text="مصحح"), at=NOON + timedelta(days=1))
    assert later.posts[0].published_at == NOON


def test_an_unreadable_memory_is_none():
    assert recall({"entries": {"seen": 3}}) == recall(None) == Memory()


def test_an_entry_that_comes_back_after_leaving_the_window_is_known():
    reading = read(Memory(), entry("a", "خبر قديم جدا في الأرشيف"))
    for n in range(0, KEEP - 20, 20):
        reading = read(reading.memory, *(entry(f"n{n + i}", f"نص {n + i}") for i in range(20)))
    assert read(reading.memory, entry("a", "خبر قديم جدا في الأرشيف")).posts == ()


@st.composite
def histories(draw):
    """A publisher's life: each poll shows a window over entries that are added and edited."""
    versions, order, polls = {}, [], []
    for step in range(draw(st.integers(1, 12))):
        for _ in range(draw(st.integers(0, 3))):
            order.append(f"e{len(order)}")
            versions[order[-1]] = 0
        for key in draw(st.lists(st.sampled_from(order), max_size=2)) if order else []:
            versions[key] += 1
        window = draw(st.integers(5, 8))
        polls.append([(key, versions[key]) for key in reversed(order[-window:])])
        assert step >= 0
    return polls


@given(histories())
def test_whatever_is_shown_is_published_once_in_its_last_form(polls):
    memory, published = Memory(), {}
    for number, window in enumerate(polls):
        shown = [entry(key, f"{key} نص الإصدار {version} من الخبر") for key, version in window]
        reading = read(memory, *shown, at=NOON + timedelta(minutes=number))
        memory = reading.memory
        for post in reading.posts:
            assert (post.native_id, post.revision) not in published
            published[post.native_id, post.revision] = post.text
        for one in shown:
            last = max(revision for key, revision in published if key == one.guid)
            assert published[one.guid, last] == one.text
