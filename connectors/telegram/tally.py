"""Counting what was read from Telegram, by the way it came."""

from collections.abc import Sequence
from typing import Literal

from schemas.metrics import Meter
from schemas.records import Post

Path = Literal["push", "difference", "history", "again", "web"]
"""A push that was taken as it is; the difference; history and holes; messages read again by id; t.me/s."""


def tally(meter: Meter, path: Path, posts: Sequence[Post]) -> None:
    """Count posts by the way they came, and those that say nothing in words by what they carry."""
    if posts:
        meter.count("marqab_telegram_changes_total", len(posts), path=path)
    for post in posts:
        if not post.text and not post.deleted:
            carried = post.media[0].kind if post.media else "nothing"
            meter.count("marqab_telegram_wordless_total", media=carried)
