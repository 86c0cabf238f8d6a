"""A rolling restart: rows of the version before and of the version after are read, or refused with a sentence."""

import msgspec
import pytest
from faust.types import TP

from agents import routes
from agents.announce import seen
from agents.correlate import rows
from agents.replay import Replay
from agents.stage import Message, handle
from agents.stages import shipped
from agents.steps import Announcing
from agents.tables import remembered
from schemas.codec import decode, encode
from schemas.errors import Misconfigured
from schemas.records import Incident
from tests.contracts.posts import posts


@pytest.fixture(scope="module")
def incident() -> Incident:
    replay = Replay()
    return next(incident for post in posts(5) for incident in replay.step(post).incidents)


def message(value: bytes, topic: str = "marqab.incidents") -> Message:
    return Message(topic, 0, 0, 0, b"k", value)


def test_a_row_with_fields_of_a_newer_version_is_read_without_them(incident):
    told = msgspec.msgpack.decode(seen.encode(seen.Announced(revision=3)))
    assert seen.decode(msgspec.msgpack.encode({**told, "of_tomorrow": [1]})) == seen.Announced(revision=3)
    entry = rows.Entry(incident_id="i", founder="p", posts=("p",))
    raw = msgspec.msgpack.decode(msgspec.msgpack.encode(entry))
    assert rows.decode_entry(msgspec.msgpack.encode({**raw, "of_tomorrow": {}})) == entry
    known = routes.Routes()
    known.load([("p", b'["africa",1.0,"of tomorrow"]')])


def test_a_row_without_the_fields_of_this_version_is_read_with_their_defaults():
    oldest = {"incident_id": "i", "founder": "p", "posts": ["p"]}
    assert rows.decode_entry(msgspec.msgpack.encode(oldest)).revision == 0
    assert seen.decode(msgspec.msgpack.encode({"revision": 1})).alert_ids == []


def test_records_of_a_newer_version_are_read_without_what_is_new(incident):
    newer = {**msgspec.json.decode(encode(incident)), "of_tomorrow": {"x": 1}}
    assert decode(msgspec.json.encode(newer), Incident) == incident


def test_an_announcer_with_a_row_that_it_cannot_read_stops_and_sets_nothing_aside(incident):
    step = Announcing(shipped().announce, lambda _: b"\x81\xa8revision\xa3two")
    with pytest.raises(Misconfigured, match=r"the row of incident \S+ cannot be read .* a newer marqab has written it"):
        handle(step, message(encode(incident)))


def test_a_correlator_with_a_row_that_it_cannot_read_does_not_start():
    class Table:
        def rows(self, partitions):
            return {partition: [("middle-east/i:x", b"\xa3two")] for partition in partitions}

    tables = dict.fromkeys(("classifier", "correlator", "announcer"), Table())
    with pytest.raises(Misconfigured, match="a row of a table cannot be read"):
        remembered(shipped(), tables, {TP("marqab.sightings", 0): "correlator"})
