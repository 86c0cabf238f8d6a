"""Clocks: the system's jumps, and sources date posts in the future or in 1970."""

import shutil
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from schemas.codec import decode
from schemas.records import Report
from schemas.topics import REJECTS, REPORTS
from tests.contracts.harness import Process, count, everything, publish, worked_off, worker
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, undisturbed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Clock:
    """The clock of processes that are started while it is there."""

    library: Path
    file: Path

    def jump(self, days: int) -> None:
        """So far from the true time, from now on."""
        with self.file.open("r+b") as out:
            out.write(struct.pack("q", days * DAY_SECONDS))


@pytest.fixture
def clock(tmp_path, monkeypatch) -> Clock:
    """Preloaded by processes started from now on."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a clock of one's own needs Linux and a C compiler")
    made = Clock(tmp_path / "clock.so", tmp_path / "off")
    made.file.write_bytes(struct.pack("q", 0))
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made.library), str(source)], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(made.library))
    monkeypatch.setenv("FAKE_CLOCK", str(made.file))
    return made


def told_time() -> float:
    """What a process started now takes for the time."""
    ask = "import time, datetime; print(min(time.time(), datetime.datetime.now(datetime.UTC).timestamp()))"
    return float(subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True).stdout)


async def test_the_system_clock_jumps_by_days(broker, clock, tmp_path):
    """Durations are monotonic, dates come with the posts, and Kafka stamps what is sent: nothing is late or lost."""
    await broker.create_topics(1)
    async with Process(broker, tmp_path / "state") as worker:
        gone = worker.gone()
        for part, days in enumerate((0, 3, -400, 0)):
            clock.jump(days)
            assert told_time() == pytest.approx(time.time() + days * DAY_SECONDS, abs=3600)
            await publish(broker, STORY[part * 100 : part * 100 + 100])
            await worked_off(broker, gone, seconds=PATIENCE_SECONDS)
        assert clock.library.name in Path(f"/proc/{worker.process.pid}/maps").read_text()
        assert await worker.end(signal.SIGTERM) == 0
    assert await alerts(broker) == undisturbed()


async def test_posts_from_the_future_and_from_1970_move_no_clock(broker, tmp_path):
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
