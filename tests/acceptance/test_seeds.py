"""The two documents that marqab started from are one incident, read right (the texts stay outside the repository)."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from agents.normalize import normalize
from agents.replay import Replay
from schemas.kinds import SourceKind, SourceRole, TollKind
from schemas.records import Alert, Incident, Post, Source
from tests.paths import SHARED, needs_shared

pytestmark = needs_shared

AT = datetime(2022, 12, 26, 20, 0, tzinfo=UTC)
"""The documents carry no date of their own; this one is the incident's."""
NOT_A_TOLL = {47, 9, 900}
"""A page's counter, 6 and its part 3 added up, and the prison's inmates."""


def document(stem: str, source: Source, at: datetime) -> Post:
    title, _, text = (SHARED / "seeds" / f"{stem}.txt").read_text("utf-8").partition("\n")
    return Post(source=source, native_id=stem, title=title, text=text.lstrip("\n"), published_at=at, fetched_at=at)


@pytest.fixture(scope="module")
def truth() -> dict[str, object]:
    found: dict[str, object] = json.loads((SHARED / "seeds" / "truth.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    monitor = Source(id="sohr", kind=SourceKind.FEED, name="SOHR", role=SourceRole.MONITOR, country="SY")
    media = Source(id="akhbaralaan", kind=SourceKind.FEED, name="Akhbar Al Aan", country="SY")
    stems = sorted(Path(p).stem for p in (SHARED / "seeds").glob("*.txt"))
    return [document(stems[0], monitor, AT), document(stems[1], media, AT + timedelta(minutes=40))]


def run(posts: list[Post]) -> tuple[list[Incident], list[Alert]]:
    replay = Replay()
    alerts = [alert for post in posts for alert in replay.step(post).alerts]
    return replay.incidents(), alerts


def test_the_hidden_title_is_read(posts: list[Post], truth: dict) -> None:
    report = normalize(posts[0])
    expected = truth["documents"]["000_225182bcdbf2fae4"]["title_clean"]
    assert report.text[: report.title_length] == expected
    assert report.hiding > 0
    assert normalize(posts[1]).hiding == 0


def test_two_documents_are_one_incident_and_no_copies_in_either_order(posts: list[Post]) -> None:
    for order in permutations(posts):
        incidents, alerts = run(list(order))
        assert len(incidents) == 1
        assert [alert.kind for alert in alerts].count("new") == 1
        assert {statement.copy_of for statement in incidents[0].statements} == {None}
        assert len(incidents[0].statements) == 2


def test_what_no_one_counted_is_no_toll(posts: list[Post]) -> None:
    (incident,), _ = run(posts)
    figures = {figure for row in incident.tolls for figure in (row.low, row.high)}
    summed = {figure for row in incident.toll_summary for figure in (row.low, row.best, row.high)}
    assert not NOT_A_TOLL & (figures | summed)
    assert not [row for row in incident.tolls if row.kind is TollKind.WOUNDED], "unknown is null, never 0"
    assert not [row for row in incident.toll_summary if row.kind is TollKind.WOUNDED]


def test_it_happened_in_raqqa_that_day_and_not_where_or_when_the_background_was(posts: list[Post]) -> None:
    (incident,), _ = run(posts)
    assert incident.country == "SY"
    assert incident.place is not None
    assert "Raqqa" in " ".join(filter(None, (incident.place.name_en, incident.place.admin1)))
    assert "Hasaka" not in (incident.place.admin1 or "")
    assert incident.time.event_start.date() <= AT.date()
    assert incident.time.event_start.year == AT.year
    assert "jailbreak:succeeded" not in incident.tags
