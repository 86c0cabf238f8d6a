"""Which entries' pages are to be read, and what a page that was read makes of its entry: pure.

A post is published at once with what the feed says; its page follows as the next revision, when it has been read. So no
alert waits for a slow site, and a page that cannot be had costs nothing (docs/decisions/0022). What is still to be read
stands in the feed's cursor, so that a restart goes on with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from connectors.feeds.entries import Reading
from connectors.feeds.state import FeedState
from schemas.records import Post

RECENT: Final = timedelta(days=2)
"""Older entries alert nobody: their pages are left in peace."""
MOST: Final = 100
"""Pages of one feed that may be due at the same time; the newest ones are kept."""
TRIES: Final = 3
LONGEST_TEXT: Final = 100_000
"""Characters; no article is longer, but a page that lists everything may be."""
MORE: Final = 1.2
"""A page that has not a fifth more to say than the feed says nothing new."""
TELLING: Final = 4
"""Fewer words than this say nothing about what a page is about."""
SHARED: Final = 0.5
"""So many words of the feed's title or text must be on the page, or it is about something else (consent, log-in)."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What became of a page.

    Attributes:
        outcome: `ok`, `robots`, `not_html`, `too_hard`, `no_text`, `nothing_more`, `another_text`, or the kind of a
            `Failure`.
        text: of the article; only with `ok`.
        again: another attempt may succeed.
    """

    outcome: str
    text: str = ""
    again: bool = False


def wanted(post: Post, now: datetime) -> bool:
    """Whether the page of this post is worth asking for."""
    return post.published_at > now - RECENT and (post.url or "").startswith(("http://", "https://"))


def due(before: Mapping[str, int], reading: Reading, now: datetime) -> tuple[dict[str, int], dict[str, Post]]:
    """Keys of the entries whose pages are to be read with the attempts made, oldest first; and their posts.

    Args:
        before: what was due before this reading.
        reading: what the feed has shown now; edited entries are read again.
        now: the present.
    """
    fresh = {key: post for key, post in zip(reading.keys, reading.posts, strict=True) if wanted(post, now)}
    # An entry that is no longer shown stays as the feed told it.
    kept = {key: post for key, post in reading.again.items() if key not in fresh}
    posts = dict(list({**kept, **fresh}.items())[-MOST:])
    return {key: 0 if key in fresh else before.get(key, 0) for key in posts}, posts


def after_page(state: FeedState, key: str, post: Post, found: Found, now: datetime) -> tuple[FeedState, Post | None]:
    """The feed's state once a page was read, and the revision to publish, if there is one."""
    seen = state.entries.seen.get(key)
    if key not in state.pages or seen is None or seen.revision != post.revision:
        return state, None  # edited meanwhile: that edit's page is due by itself
    tries = state.pages[key] + 1
    left = {other: times for other, times in state.pages.items() if other != key}
    if found.again and tries < TRIES:
        return msgspec.structs.replace(state, pages={**state.pages, key: tries}), None
    state = msgspec.structs.replace(state, pages=left)
    if found.outcome != "ok":
        return state, None
    revised = msgspec.structs.replace(seen, revision=seen.revision + 1)
    entries = msgspec.structs.replace(state.entries, seen={**state.entries.seen, key: revised})
    whole = msgspec.structs.replace(post, full_text=found.text, revision=revised.revision, fetched_at=now)
    return msgspec.structs.replace(state, entries=entries), whole


def judged(post: Post, text: str) -> Found:
    """Whether a page's text is this post's, and worth having: pure."""
    first, _, rest = text.partition("\n")
    if post.title and " ".join(first.split()) == " ".join(post.title.split()):
        text = rest.lstrip()  # the post has its title already
    text = text[:LONGEST_TEXT]
    if not text:
        return Found(outcome="no_text")
    if len(text) < MORE * len(post.text):
        return Found(outcome="nothing_more")
    there = words(text)
    told = [said for said in (words(post.title or ""), words(post.text)) if len(said) >= TELLING]
    shares = [len(said & there) / len(said) for said in told]
    if shares and max(shares) < SHARED:
        return Found(outcome="another_text")
    return Found(outcome="ok", text=text)


def words(text: str) -> set[str]:
    """The words that tell something: three characters or more, without punctuation around them."""
    return {word for raw in text.split() if len(word := raw.strip(".,;:!?…()[]«»\"'،؛؟“”-–")) >= 3}
