"""Normalize: a Post made comparable (Post -> Report), pure.

Text is taken out of its markup, its characters are brought into one form, hidden words are brought back, the language
is told, boilerplate is marked, and the way back to every character of the original is kept. Spelling stays the
writer's: hamzas, ta marbuta, alef maqsura and digits are as written; vowel signs and tatweel are left out.
"""

from datetime import datetime, timedelta

from agents.normalize.boilerplate import find_boilerplate
from agents.normalize.draft import Draft
from agents.normalize.hidden import DELIBERATE, edits_of, reveal
from agents.normalize.language import identify
from agents.normalize.markup import remove_markup, text_of_html
from agents.normalize.words import Words, default_words
from schemas.errors import Undecodable
from schemas.records import Post, Report

__all__ = ["normalize"]

FUTURE = timedelta(hours=24)
"""A date further ahead than this is a mistake of the source: no clock and no time zone is that wrong."""

_ROUNDS = 2
_MARKUP_NOTE = "markup in the text was removed"


def normalize(post: Post, *, arrived_at: datetime | None = None) -> Report:
    """Make a post comparable.

    Args:
        post: the post as given.
        arrived_at: when its message reached us; None in replay.

    Raises:
        Undecodable: the post is dated more than a day ahead, and nothing tells when it was really published.
    """
    notes: list[str] = []
    published_at, estimated = _date(post, arrived_at, notes)
    title, body, shift = post.title or "", post.body, len(post.title) + 1 if post.title else 0
    original_length = len(post.original)
    if not body.strip() and post.html:
        body = text_of_html(post.html)
        original_length = shift + len(body)
        notes.append("text taken from HTML; spans count in the title and the text read from it")
    language = identify(f"{title}\n{body}", post.language)
    words = default_words()
    drafts = [_reveal(part, language, words, notes) for part in (title, body)]
    text = f"{drafts[0].text}\n{drafts[1].text}" if title else drafts[1].text
    title_length = len(drafts[0].text)
    edits = edits_of(drafts[0], words) + edits_of(drafts[1], words, shift=shift)
    hidden = sum(edit.kind in DELIBERATE for edit in edits)
    return Report(
        post_id=post.post_id,
        revision=post.revision,
        source=post.source,
        native_id=str(post.native_id),
        url=post.url,
        language=language,
        text=text,
        title_length=title_length,
        offsets=_offsets(drafts, bool(title), shift),
        original_length=original_length,
        edits=edits,
        hiding=round(min(1.0, hidden / max(1, len(text.split()))), 4),
        boilerplate=[(start, end) for start, end, _rule in find_boilerplate(text, title_length)],
        published_at=published_at,
        published_at_estimated=estimated,
        edited_at=post.edited_at,
        fetched_at=post.fetched_at,
        deleted=post.deleted,
        forwarded_from=post.forwarded_from,
        reply_to=post.reply_to,
        grouped_id=post.grouped_id,
        media_kinds=list(dict.fromkeys(media.kind for media in post.media or ())),
        backfill=post.backfill,
        test=post.test,
        notes=notes,
    )


def _date(post: Post, arrived_at: datetime | None, notes: list[str]) -> tuple[datetime, bool]:
    """The date of publication, and whether it is estimated."""
    seen_at = post.fetched_at or arrived_at
    if seen_at is None or post.published_at <= seen_at + FUTURE:
        return post.published_at, post.published_at_estimated
    if post.fetched_at is None:
        raise Undecodable(
            f"Post {post.native_id!r} of source {post.source.id!r} is dated {post.published_at.isoformat()}, more than "
            f"a day after it arrived ({seen_at.isoformat()}), and does not say when it was fetched: correct "
            "published_at or give fetched_at, then send it again."
        )
    notes.append(f"dated in the future ({post.published_at.isoformat()}); the time of fetching stands in")
    return post.fetched_at, True


def _reveal(text: str, language: str, words: Words, notes: list[str]) -> Draft:
    draft = Draft(text)
    tags = False
    for _ in range(_ROUNDS):
        tags |= remove_markup(draft)
        reveal(draft, language=language, words=words)
        if "<" not in draft.text and "&" not in draft.text:
            break  # nothing that an invisible character had kept from being markup
    if tags and _MARKUP_NOTE not in notes:
        notes.append(_MARKUP_NOTE)
    return draft


def _offsets(drafts: list[Draft], titled: bool, shift: int) -> list[tuple[int, int]]:
    """Breakpoints of title, line feed and body in one list."""
    title, body = drafts
    if not titled:
        return body.breakpoints
    start = len(title.text) + 1
    points = [*(title.breakpoints if title.text else ()), (start - 1, shift - 1)]
    points += [(at + start, source_at + shift) for at, source_at in body.breakpoints]
    return [
        point
        for before, point in zip([None, *points], points, strict=False)
        if before is None or point[0] - before[0] != point[1] - before[1]
    ]
