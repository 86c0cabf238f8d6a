"""What is fetched is never passed over: the client's side of it (positions, and what is noted of each record)."""

import contextlib
from collections import OrderedDict
from types import SimpleNamespace

import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.types import TP

from agents.app.reader import Consumer, Fetched, Start, Thread, _Unread, _Wanted

POSTS = TP("posts", 0)


class Client:
    """An aiokafka consumer as far as positions go."""

    def __init__(self, committed=(), begins=0):
        self.at, self.begins = {}, begins
        told = {place: OffsetAndMetadata(offset, "") for place, offset in dict(committed).items()}
        self._coordinator = SimpleNamespace(fetch_committed_offsets=self._give(told))

    def _give(self, told):
        async def fetch(places):
            return {place: told[place] for place in places if place in told}

        return fetch

    def assignment(self):
        return {TopicPartition("posts", 0), TopicPartition("posts", 1), TopicPartition("m-incidents-changelog", 0)}

    async def beginning_offsets(self, places):
        return dict.fromkeys(places, self.begins)

    def seek(self, place, offset):
        self.at[place] = offset

    async def position(self, place):
        return self.at[place]


class OnlyThread(Thread):
    """The thread's methods without a thread."""

    def __init__(self, client, rows=()):
        self.client, self.handed, self.rows_begin = client, {}, {}
        self.consumer = SimpleNamespace(_is_changelog_tp=lambda place: place.topic.endswith("-changelog"))
        recovery = SimpleNamespace(active_offsets=dict(rows))
        self.app = SimpleNamespace(
            tables=SimpleNamespace(recovery=recovery), conf=SimpleNamespace(broker_request_timeout=5)
        )

    def _ensure_consumer(self):
        return self.client

    async def call_thread(self, fun, *args, **kwargs):
        return await fun(*args, **kwargs)


def records(*offsets):
    return [SimpleNamespace(offset=offset) for offset in offsets]


async def test_faust_seeks_back_also_where_nobody_has_committed():
    thread = OnlyThread(Client({POSTS: 7, TP("posts", 1): -1}, begins=3))
    assert await thread.seek_to_committed() == {POSTS: 7, TP("posts", 1): 3}
    assert thread.client.at == {POSTS: 7, TP("posts", 1): 3}, "and changelogs stay where recovery left them"
    assert thread.handed == thread.client.at


@pytest.mark.parametrize(("noted", "rows"), [("", 0), ("41", 41), ("by another program", 0), ("٤١", 0), (None, 0)])
async def test_beside_what_is_finished_stands_how_far_the_changelog_goes(noted, rows):
    client = Client(begins=3)
    client._coordinator = SimpleNamespace(fetch_committed_offsets=client._give({POSTS: OffsetAndMetadata(7, noted)}))
    assert await OnlyThread(client).starts([POSTS]) == {POSTS: Start(7, 3, rows)}


async def test_retention_may_have_passed_what_was_committed():
    assert Start(committed=5, earliest=9).offset == 9
    assert Start(committed=9, earliest=5).offset == 9
    assert Start(committed=None, earliest=5).offset == 5
    assert Start(committed=0, earliest=0).offset == 0


def fetcher_with(**ends):
    """aiokafka's own fetcher, which has fetched so many records of each topic."""

    def result(place, end):
        state = SimpleNamespace(paused=False, position=0)
        state.consumed_to = lambda offset: setattr(state, "position", offset)
        rows = Rows(end)
        assignment = SimpleNamespace(active=True, state_value=lambda _: state)
        return FetchResult(place, assignment=assignment, partition_records=rows, backoff=0)

    fetcher = Fetcher.__new__(Fetcher)
    fetcher._closed = False
    fetcher._subscriptions = SimpleNamespace(
        reassignment_in_progress=False, is_assigned=lambda _: True, fetch_context=contextlib.nullcontext
    )
    fetcher._notify, fetcher._wait_consume_future = lambda _: None, None
    fetcher._records = OrderedDict((TP(topic, 0), result(TP(topic, 0), end)) for topic, end in ends.items())
    return fetcher


class Rows:
    """Records with the offsets from 0 on."""

    def __init__(self, end):
        self._end, self.next_fetch_offset = end, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.next_fetch_offset == self._end:
            raise StopIteration
        self.next_fetch_offset += 1
        return SimpleNamespace(offset=self.next_fetch_offset - 1)


async def test_no_topic_waits_until_all_that_was_fetched_of_another_is_handed_out():
    thread = OnlyThread(Client())
    thread.consumer.flow_active = True
    client = SimpleNamespace(_fetcher=fetcher_with(posts=10_000, reports=300, sightings=50), _closed=False)
    wanted = {TP(topic, 0) for topic in ("posts", "reports", "sightings")}
    seen = {place: [] for place in wanted}
    for _ in range(8):
        for place, found in (await thread._fetch_records(client, wanted, 0, 100)).items():
            seen[place] += [one.record.offset for one in found]
    assert {place.topic: len(offsets) for place, offsets in seen.items()} == {
        "posts": 450,
        "reports": 300,
        "sightings": 50,
    }
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values()), "and each keeps its order"


async def test_each_record_says_how_far_the_log_had_been_handed_out():
    thread = OnlyThread(Client())
    assert thread._hand_out(POSTS, records(4)) == [Fetched(records(4)[0], 4)], "nothing is known of what is below"
    assert [f.follows for f in thread._hand_out(POSTS, records(5, 9))] == [5, 6], "6, 7 and 8 hold no message"
    await thread.seek_each({POSTS: 2})
    assert [f.follows for f in thread._hand_out(POSTS, records(4, 5))] == [2, 5]
    assert [f.follows for f in thread._hand_out(POSTS, records(0, 1))] == [None, 1], "nobody sought: the log was cut"


async def test_a_recovery_knows_the_first_row_that_the_table_lacks():
    rows = {TP("a-changelog", 0): 0, TP("a-changelog", 1): -1, TP("a-changelog", 2): 41}
    thread = OnlyThread(Client(), rows)
    await thread._seek_wait(thread.client, {TP("a-changelog", 0): 0, TP("a-changelog", 1): 0, TP("a-changelog", 2): 41})
    assert [thread.rows_begin[TP("a-changelog", number)] for number in range(3)] == [1, 0, 42]
    assert thread.client.at[TP("a-changelog", 2)] == 41


def test_no_partition_wanted_is_not_every_partition():
    wanted = set()
    assert _Wanted(wanted)
    assert POSTS not in _Wanted(wanted)
    wanted.add(POSTS)
    assert POSTS in _Wanted(wanted)


def test_fausts_own_note_of_what_it_read_stays_empty():
    unread = _Unread()
    unread[POSTS] = 200
    unread.update({POSTS: 200})
    assert unread[POSTS] is None


class OnlyCommits(Consumer):
    """The consumer's commits without a consumer."""

    def __init__(self, done, *, works=True):
        self.app = SimpleNamespace(worker=SimpleNamespace(intake=SimpleNamespace(finished_offsets=lambda: done)))
        self._committed_offset, self.sent, self.works = {}, [], works
        self._acked = {POSTS: [0, 1, 2, 3]}  # what Faust believes

    async def _commit(self, offsets):
        self.sent.append(dict(offsets))
        return self.works


async def test_only_what_lanes_have_finished_is_committed():
    done = {}
    consumer = OnlyCommits(done)
    assert not await consumer.force_commit()
    assert consumer.sent == []
    done[POSTS] = 3
    assert await consumer.force_commit()
    assert not await consumer.force_commit(), "once is enough"
    assert consumer.sent == [{POSTS: 3}]


async def test_a_commit_that_failed_is_tried_again():
    consumer = OnlyCommits({POSTS: 3}, works=False)
    assert not await consumer.force_commit()
    assert not await consumer.force_commit()
    assert consumer.sent == [{POSTS: 3}] * 2


@pytest.mark.parametrize("name", ["_fetch_records", "_seek_wait", "seek_to_committed", "on_partitions_revoked"])
def test_faust_still_has_what_is_mended_here(name):
    from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

    assert hasattr(AIOKafkaConsumerThread, name)
