"""Law 4, end to end: posts of the past found incidents and alert nobody; news that joins them does."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from agents.replay import Replay
from schemas.kinds import SourceKind
from schemas.records import Post, Source

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def post(number, text, at, source="agency", **fields):
    return Post(
        source=Source(id=source, kind=SourceKind.TELEGRAM, country="SY", reliability="B"),
        native_id=f"tg:1001:{number}",
        text=text,
        published_at=at,
        fetched_at=at + timedelta(minutes=1),
        **fields,
    )


ATTACK = "مقتل ثلاثة عناصر من قوى الأمن الداخلي بهجوم مسلح استهدف حاجزاً في مدينة الرقة مساء اليوم"
# three members of the internal security forces killed in an armed attack on a checkpoint in the city of Raqqa tonight
MORE = "ارتفاع حصيلة قتلى الهجوم المسلح على حاجز قوى الأمن الداخلي في مدينة الرقة إلى خمسة عناصر"
# the toll of the armed attack on the checkpoint in Raqqa has risen to five


@pytest.fixture(scope="module")
def stages():
    return Replay


def test_the_same_posts_alert_when_they_are_news(stages):
    run = stages()
    kinds = [
        alert.kind
        for one in (post(1, ATTACK, NOON), post(2, MORE, NOON + timedelta(hours=2), "other"))
        for alert in run.step(one).alerts
    ]
    assert kinds
    assert kinds[0] == "new"


def test_the_past_founds_an_incident_quietly_and_news_joins_it(stages):
    run = stages()
    old = run.step(post(1, ATTACK, NOON, backfill=True))
    assert old.line["relevant"]
    assert old.alerts == ()
    (founded,) = run.incidents()
    again = run.step(post(1, ATTACK, NOON, backfill=True))  # read again, as after a crash
    assert again.alerts == ()
    news = run.step(post(2, MORE, NOON + timedelta(hours=2), "other"))
    assert news.line["incident_id"] == founded.incident_id
    assert len(news.alerts) == 1
    assert len(run.incidents()) == 1


def test_the_past_that_comes_after_the_news_changes_what_is_known_and_alerts_nobody(stages):
    run = stages()
    assert run.step(post(2, MORE, NOON + timedelta(hours=2), "other")).alerts
    late = run.step(post(1, ATTACK, NOON, backfill=True))
    assert late.alerts == ()
    (incident,) = run.incidents()
    assert {statement.post_id for statement in incident.statements} == {
        post(1, "", NOON).post_id,
        post(2, "", NOON, "other").post_id,
    }


def test_a_live_post_that_the_past_repeats_is_one_post(stages):
    run = stages()
    live = post(1, ATTACK, NOON)
    assert run.step(live).alerts
    assert run.step(msgspec.structs.replace(live, backfill=True, fetched_at=NOON + timedelta(days=3))).alerts == ()
    (incident,) = run.incidents()
    assert len({statement.post_id for statement in incident.statements}) == 1
