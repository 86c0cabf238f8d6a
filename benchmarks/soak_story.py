"""What a soak publishes, and what an undisturbed run makes of it.

Usage: python -m benchmarks.soak_story POSTS.jsonl ALERTS.txt   (reads the first, writes ids and digests to the second)
"""

import asyncio
import contextlib
import hashlib
import itertools
import os
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from agents.replay import Replay
from schemas.codec import decode, encode
from schemas.records import Alert, Post
from tests.contracts.posts import PLACES, QUIET, source, story

APART: Final = timedelta(hours=26)
"""Between two stories: what an incident remembers is closed after a week, so some seven are open at any time."""

# Words of quiet days: weather, markets, books, schools.
QUIET_WORDS: Final = (
    "المعرض الكتاب القراء الجمهور الشعر الرواية المكتبة الجامعة الطلاب الدراسة المنهاج الامتحانات العطلة الصيف الشتاء "
    "الربيع الحرارة الرطوبة الغيوم الخضار الفواكه القمح الزيتون الأسعار السوق التجار الموسم المزارعون الحليب الخبز "
    "الرياضة المباراة الفريق المدرب الملعب السينما المسرح الموسيقى السياحة المتحف القطار المطار الفندق"
)


def told(count: int, share: float, seed: int = 1) -> Iterator[Post]:
    """So many posts in order of time, of which this share tells stories; the others tell of no incident.

    What says backfill takes a topic of its own, so its place among the others is left to chance: none of it here.
    """
    chance = random.Random(seed)
    stories = (post for number in itertools.count() for post in story(number, APART) if not post.backfill)
    last = next(stories)
    for number in range(count):
        if chance.random() < share:
            yield last
            last = next(stories)
        else:
            yield _chatter(number, chance, last)


def _chatter(number: int, chance: random.Random, beside: Post) -> Post:
    """A post of a book fair, the weather or prices, published when the next story's post is."""
    words = " ".join(chance.sample(QUIET_WORDS.split(), 8))
    return Post(
        source=source(f"quiet-{number % 40}", chance.choice(list(PLACES))),
        native_id=f"quiet-{number}",
        text=f"{chance.choice(QUIET)}. {words}.",
        published_at=beside.published_at,
        fetched_at=beside.fetched_at,
    )


def digest(alert: Alert) -> str:
    """The same for the same alert."""
    return hashlib.sha256(encode(alert)).hexdigest()


def undisturbed(posts: Path, out: Path) -> None:
    """Replay the posts, and write `line alert_id digest` for every alert, and the line alone every hundred."""
    replay = Replay()
    with posts.open("rb") as lines, out.open("w", buffering=1) as written:
        for number, line in enumerate(lines, start=1):
            for alert in replay.step(decode(line, Post)).alerts:
                written.write(f"{number} {alert.alert_id} {digest(alert)}\n")
            if number % 100 == 0:
                written.write(f"{number}\n")


def expected(out: Path, lines: int) -> dict[str, str]:
    """What the first posts lead to: digests by alert_id."""
    rows = (line.split() for line in out.read_text("ascii").splitlines())
    return {row[1]: row[2] for row in rows if len(row) == 3 and int(row[0]) <= lines}


async def until(out: Path, lines: int, process: asyncio.subprocess.Process) -> None:
    """Return when the replay has come so far; it needs not go on."""
    while process.returncode is None:
        if await asyncio.to_thread(_line, out) > lines:
            process.kill()
        await asyncio.sleep(1)


def _line(out: Path) -> int:
    told = out.read_text("ascii").rsplit("\n", 2) if out.exists() else []
    return int(told[-2].split()[0]) if len(told) > 1 else 0


if __name__ == "__main__":
    os.nice(5)
    with contextlib.suppress(OSError):  # Linux weighs sessions, not processes, where it groups them
        Path("/proc/self/autogroup").write_text("5", "ascii")
    undisturbed(Path(sys.argv[1]), Path(sys.argv[2]))
