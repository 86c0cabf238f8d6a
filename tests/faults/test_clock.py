"""Clocks: the system's jumps, and sources date posts in the future or in 1970."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from schemas.codec import decode
from schemas.records import Report
from schemas.topics import REJECTS, REPORTS
from tests.contracts.harness import count, everything, publish, worked_off, worker
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

DAY_SECONDS = 86_400


async def test_the_system_clock_jumps_by_days(broker, tmp_path, monkeypatch):
    """Durations are monotonic and dates come with the posts, so nothing is late, lost or told twice."""
    real, jump = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + jump[0])
    await broker.create_topics(1)
    async with worker(broker, tmp_path / "state") as (_, task):
        for part, days in enumerate((0, 3, -400, 0)):
            jump[0] = days * DAY_SECONDS
            await publish(broker, STORY[part * 100 : part * 100 + 100])
            await worked_off(broker, task, seconds=PATIENCE_SECONDS)
    assert await alerts(broker) == undisturbed()


async def test_posts_from_the_future_and_from_1970_alert_nobody_and_move_no_clock(broker, tmp_path):
    await broker.create_topics(1)
    teller = STORY[0]
    late = datetime(2100, 1, 1, tzinfo=UTC)
    strange = [
        msgspec.structs.replace(teller, native_id="1970", published_at=datetime(1970, 1, 1, tzinfo=UTC)),
        msgspec.structs.replace(teller, native_id="2100", published_at=late),
        msgspec.structs.replace(teller, native_id="tomorrow", published_at=teller.published_at + timedelta(hours=30)),
    ]
    async with worker(broker, tmp_path / "state") as (_, task):
        await publish(broker, [strange[0], *STORY[5:200]])
        await worked_off(broker, task, seconds=PATIENCE_SECONDS)
        await publish(broker, [*strange[1:], *STORY[200:]])
        await worked_off(broker, task, seconds=PATIENCE_SECONDS)
    reports = {
        (r.native_id, r.revision): r for r in (decode(m.value, Report) for m in await everything(broker, REPORTS))
    }
    assert reports["2100", 0].published_at == teller.fetched_at, "the date that cannot be is replaced by the fetching"
    assert reports["1970", 0].published_at.year == 1970
    assert await count(broker, REJECTS) == 0
    told = await alerts(broker)
    expected = undisturbed(STORY[5:])
    assert {key: told.get(key) for key in expected} == expected, "and what came after is told as ever"
    assert not [alert for key, alert in told.items() if key not in expected and alert.issued_at.year in (1970, 2100)]
