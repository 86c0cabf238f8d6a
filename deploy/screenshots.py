"""Takes the pictures of the desk in `docs/images/`: the demo's story and the tests' corpus, replayed, in Chromium.

python -m deploy.screenshots        (needs Debian's chromium and fonts-noto-core)
"""

import asyncio
import itertools
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import async_playwright

from agents.classify import Classifier
from agents.replay import Replay
from marqab.demo.story import STORY
from marqab.replay import announcer_of, rules_of
from marqab.settings import Settings
from schemas.codec import decode
from schemas.kinds import SourceKind, SourceRole
from schemas.records import Post, Source
from subscribers.desk.server import Desk, DeskSettings, serving
from subscribers.heard import Heard

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PICTURES = {
    "desk-ar.png": ("/?lang=ar", 1000, 640, None),
    "desk-phone.png": ("/?lang=en", 390, 720, None),
    "incident-en.png": ("/incidents/{id}?lang=en", 1000, 900, None),
    "incident-map-ar.png": ("/incidents/{id}?lang=ar", 1000, 560, "#map"),
}
"""Address, width, height, and what is scrolled to."""


def story(start: datetime) -> list[Post]:
    """The demo's story as posts, ten minutes for each of its seconds."""
    names = {"demo-monitor": "A monitor", "demo-broadcaster": "A broadcaster", "demo-copyist": "A copyist"}
    told = []
    for number, one in enumerate(STORY):
        claims = one.source not in names
        role = SourceRole.CLAIMS if claims else SourceRole.MONITOR if one.source == "demo-monitor" else SourceRole.MEDIA
        kind = SourceKind.TELEGRAM_WEB if claims else SourceKind.FEED
        speaks = "isis" if claims else None
        source = Source(
            id=one.source, kind=kind, name=names.get(one.source, "A claims channel"), role=role, country="SY",
            reliability="E" if claims else "B", speaks_for=speaks,
        )  # fmt: skip
        at = start + timedelta(minutes=10 * one.after_seconds)
        told.append(
            Post(
                source=source, native_id=str(number), title=one.title or None, text=one.text, published_at=at,
                url=f"https://example.org/{one.source}/{number}",
            )
        )  # fmt: skip
    return told


def filled() -> tuple[Desk, str]:
    """A desk with everything on it, and the id of the story's incident."""
    settings = Settings()
    corpus = [decode(line, Post) for line in (ROOT / "tests/corpus/posts.jsonl").read_bytes().splitlines() if line]
    # The story ends the day after the corpus.
    last = max(post.published_at for post in corpus)
    posts = corpus + story((last + timedelta(days=1)).replace(hour=17, tzinfo=UTC))
    run = Replay(Classifier.default(None), rules_of(settings), announcer_of(settings))
    desk, offsets, newest = Desk(DeskSettings(port=0)), itertools.count(), ""
    for post in posts:
        for alert in run.step(post).alerts:
            desk.board.take(Heard(alert, 0, next(offsets)))
            newest = alert.incident_id
    return desk, newest


async def main() -> int:
    """Take all pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("no chromium here: apt-get install -y --no-install-recommends chromium fonts-noto-core\n")
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    desk, newest = filled()
    async with serving(desk) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (path, width, height, seek) in PICTURES.items():
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(address + path.format(id=newest))
            await page.wait_for_timeout(500)
            if seek:
                await page.locator(seek).evaluate("element => element.scrollIntoView()")
            await page.screenshot(path=TARGET / name)
        await browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
