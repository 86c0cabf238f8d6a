"""What operators count: tests apart from news, and messages that nobody brings are not young."""

from collections import namedtuple
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest

from agents.stage import Message
from agents.steps import Announcing
from agents.watch import _waits_since
from marqab.health import room_at
from marqab.metrics import Metrics
from marqab.worker import begin_at_zero, make_folder
from schemas.codec import encode
from schemas.errors import Misconfigured
from schemas.metrics import METRICS
from subscribers.sample import sample_alert

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def counts(test: bool):
    alert = msgspec.structs.replace(sample_alert(NOON), test=test)
    step = Announcing(lambda row, incident: SimpleNamespace(alerts=(alert,), row=None), lambda key: None)
    return step(Message("marqab.incidents", 0, 1, -1, b"k", encode(alert.incident))).counts


def test_a_test_is_counted_apart_from_news():
    assert counts(True) == [("marqab_test_alerts_total", {})]
    assert counts(False) == [
        ("marqab_alerts_total", {"kind": "new", "severity": "low"}),
        ("marqab_incidents_announced_total", {"country": "none", "severity": "low"}),
        ("marqab_incident_types_announced_total", {"event_type": "other", "severity": "low"}),
    ]


def test_what_is_counted_is_declared():
    metrics = Metrics("worker")
    for name, labels in [*counts(True), *counts(False)]:
        metrics.count(name, 1, **labels)
    assert b'marqab_incidents_announced_total{country="none",severity="low"} 1.0' in metrics.render()


Spot = namedtuple("Spot", ["topic", "partition"])


def test_messages_that_wait_and_are_not_brought_grow_old():
    place, deaf = Spot("t", 0), {}
    lane = SimpleNamespace(oldest=lambda _: None)
    assert _waits_since(deaf, place, lane, count=3, now=100.0) == 100.0
    assert _waits_since(deaf, place, lane, count=4, now=160.0) == 100.0
    lane.oldest = lambda _: SimpleNamespace(timestamp_ms=150_000)
    assert _waits_since(deaf, place, lane, count=4, now=160.0) == 150.0
    lane.oldest = lambda _: None
    assert _waits_since(deaf, place, lane, count=0, now=170.0) == 170.0
    assert _waits_since(deaf, place, lane, count=1, now=180.0) == 180.0, "the wait before is forgotten"


def test_rare_counters_stand_at_zero_from_the_start():
    metrics = Metrics("worker")
    begin_at_zero(metrics)
    text = metrics.render().decode()
    assert 'marqab_alerts_total{kind="new",severity="critical"} 0.0' in text
    assert 'marqab_rejects_total{reason="Undecodable",stage="classifier"} 0.0' in text


def test_room_is_that_of_the_nearest_folder_there_is(tmp_path):
    metrics = Metrics("worker")
    room_at(tmp_path / "not" / "yet")(metrics)
    told = dict(line.rsplit(" ", 1) for line in metrics.render().decode().splitlines() if "state_bytes{" in line)
    free, total = (float(told[f'marqab_state_bytes{{use="{use}"}}']) for use in ("free", "total"))
    assert 0 < free < total


def test_a_figure_without_labels_is_told_only_where_it_is_true():
    for metric in METRICS:
        assert bool(metric.labels) != bool(metric.of), metric.name
    assert b"marqab_canary_last_success" in Metrics("canary").render()
    worker = Metrics("worker")
    worker.gauge("marqab_desk_viewers", 3)
    assert b"marqab_desk_viewers" not in worker.render()
    assert b"marqab_canary_last_success" not in worker.render()


def test_the_state_folder_is_made_with_all_above_it(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="MARQAB_STATE_DIR"):
        make_folder(tmp_path / "file" / "b")
