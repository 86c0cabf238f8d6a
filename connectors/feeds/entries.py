"""Which entries of a document are new, which were edited, and which are known under another key: pure.

Theory. A feed is a window that slides over a publisher's entries. An entry's key is its guid, else its link, else a
hash of its words. Publishers break each of these: one guid for all entries, guids that change when the site gets a
new engine, servers behind one name that answer with older and newer windows in turn. So:

- a guid that several different entries of one document share is told apart by the link;
- an unknown key whose words equal those of a known entry that vanished from the window in the same poll is that entry
  (3 of 88 real polls changed guids);
- other words under a known key are an edit, revision n+1 (817 silent edits in 4,992 real entries); words that were
  seen before under that key count only when two polls in a row show them, because servers that disagree alternate.
"""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from connectors.feeds.document import Document, Entry
from connectors.sources import SourceSettings
from schemas.ids import digest
from schemas.records import Post

KEEP: Final = 300
"""Entries remembered at least; twice the window where that is more."""
PRINTS: Final = 3
LONGEST_ID: Final = 1000
TELLING: Final = 20
"""Characters that words must have before their being equal says anything."""


class Seen(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What is remembered of one entry."""

    prints: list[str]
    """Hashes of its words, newest first."""
    revision: int = 0
    native_id: str | None = None
    """Under which id it was published, where its key has changed since."""
    pending: str | None = None
    """Hash of earlier words that have come back once."""
    estimated_at: datetime | None = None
    """When it was first fetched, for an entry without a date."""


class Memory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a feed's entries: the part of the cursor that law 2 rests on."""

    seen: dict[str, Seen] = {}
    """By key, least recently present first."""
    window: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How many of the last ones were in the latest document."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a document brought.

    Attributes:
        posts: new entries and edits, oldest first.
        keys: under which each of them is remembered.
        again: posts of the known and unchanged entries that were asked for, by their key.
        memory: to be kept once the posts are acknowledged.
        gap: nothing in it was known: entries may have come and gone between two polls.
        rekeyed: entries that were recognized under a new key.
        newest_at: publication of its newest dated entry.
    """

    posts: tuple[Post, ...]
    memory: Memory
    keys: tuple[str, ...] = ()
    again: Mapping[str, Post] = field(default_factory=dict)
    gap: bool = False
    rekeyed: int = 0
    newest_at: datetime | None = None


def read_entries(
    document: Document,
    memory: Memory,
    source: SourceSettings,
    fetched_at: datetime,
    again: Container[str] = frozenset(),
) -> Reading:
    """Compare a document with what is remembered; the same arguments give the same reading.

    Args:
        document: as it was fetched.
        memory: of earlier ones.
        source: whose.
        fetched_at: aware.
        again: keys of entries whose posts are wanted even if nothing about them is new.
    """
    keyed = _keyed(document.entries)
    moved = _moved(keyed, memory)
    seen = dict(memory.seen)
    found: list[tuple[datetime, str, Post]] = []
    repeated: dict[str, Post] = {}
    for key, entry in reversed(keyed.items()):  # feeds stand newest first; equal dates keep this order
        print_ = fingerprint(entry)
        before = seen.pop(moved[key], None) if key in moved else seen.pop(key, None)
        after = _after(before, print_, entry, fetched_at)
        if key in moved and after.native_id is None:
            after = msgspec.structs.replace(after, native_id=moved[key])
        seen[key] = after
        fresh = before is None or after.revision != before.revision
        if fresh or key in again:
            post = _post(after.native_id or key, after, entry, document, source, fetched_at)
            if fresh:
                found.append((post.published_at, key, post))
            else:
                repeated[key] = post
    found.sort(key=lambda each: each[0])
    dates = [entry.published_at for entry in document.entries if entry.published_at]
    return Reading(
        posts=tuple(post for _, _, post in found),
        keys=tuple(key for _, key, _ in found),
        again=repeated,
        memory=Memory(seen=_trimmed(seen, len(keyed)), window=len(keyed)),
        gap=bool(keyed and memory.seen and not moved and not any(key in memory.seen for key in keyed)),
        rekeyed=len(moved),
        newest_at=max(dates, default=None),
    )


def recall(position: Mapping[str, Any] | None) -> Memory:
    """The memory in a stored position; an unreadable one is none, which repeats entries under the same ids."""
    try:
        return msgspec.convert((position or {}).get("entries", {}), Memory)
    except msgspec.ValidationError:
        return Memory()


def fingerprint(entry: Entry) -> str:
    """12 hexadecimal digits of the entry's words; markup, dates and white space do not count."""
    return digest(" ".join((entry.title or "").split()), " ".join(entry.text.split()))[:12]


def key_of(entry: Entry) -> str:
    """The entry's own id: guid, else link without tracking arguments, else a hash of its words."""
    key = entry.guid or _without_tracking(entry.url) or f"words:{digest(entry.title or '', entry.text)}"
    return key if len(key) <= LONGEST_ID else f"long:{digest(key)}"


def _keyed(entries: tuple[Entry, ...]) -> dict[str, Entry]:
    """Entries by key in document order; repeated guids told apart, exact repeats and empty entries left out."""
    kept = {(key_of(e), fingerprint(e)): e for e in reversed(entries) if e != Entry(language=e.language)}
    times = Counter(key for key, _ in kept)
    keyed: dict[str, Entry] = {}
    for (key, print_), entry in reversed(kept.items()):
        with_link = f"{key}|{_without_tracking(entry.url) or print_}"[: LONGEST_ID * 2]
        choices = (key,) if times[key] == 1 else (with_link, f"{key}|{print_}")
        keyed.setdefault(next((choice for choice in choices if choice not in keyed), choices[-1]), entry)
    return keyed


def _moved(keyed: Mapping[str, Entry], memory: Memory) -> dict[str, str]:
    """New key → old key of entries whose words vanished under one key and appeared under another in this poll."""
    last_window = list(memory.seen)[-memory.window :] if memory.window else []
    vanished = {memory.seen[key].prints[0]: key for key in last_window if key not in keyed}
    moved: dict[str, str] = {}
    for key, entry in keyed.items():
        telling = len(entry.title or "") + len(entry.text) >= TELLING
        if key not in memory.seen and telling and (old := vanished.pop(fingerprint(entry), None)):
            moved[key] = old
    return moved


def _after(before: Seen | None, print_: str, entry: Entry, fetched_at: datetime) -> Seen:
    if before is None:
        return Seen([print_], estimated_at=None if entry.published_at else fetched_at.replace(microsecond=0))
    if print_ == before.prints[0]:
        return msgspec.structs.replace(before, pending=None) if before.pending else before
    if print_ in before.prints and before.pending != print_:
        return msgspec.structs.replace(before, pending=print_)
    prints = [print_, *(old for old in before.prints if old != print_)][:PRINTS]
    return msgspec.structs.replace(before, prints=prints, revision=before.revision + 1, pending=None)


def _post(
    native_id: str, seen: Seen, entry: Entry, document: Document, source: SourceSettings, fetched_at: datetime
) -> Post:
    published = entry.published_at or seen.estimated_at or fetched_at
    # An edit that names no date of its own happened at some time before we saw it.
    edited = entry.edited_at or (fetched_at if seen.revision else None)
    return Post(
        source=source.record(),
        native_id=native_id,
        url=entry.url,
        title=entry.title,
        text=entry.text,
        html=entry.html,
        language=source.language or entry.language or document.language,
        published_at=published.astimezone(UTC),
        published_at_estimated=entry.published_at is None,
        edited_at=edited,
        fetched_at=fetched_at,
        revision=seen.revision,
        media=list(entry.media) or None,
        test=source.test,
    )


def _trimmed(seen: dict[str, Seen], window: int) -> dict[str, Seen]:
    surplus = len(seen) - max(KEEP, 2 * window)
    return dict(list(seen.items())[surplus:]) if surplus > 0 else seen


def _without_tracking(url: str | None) -> str | None:
    """The link without the arguments that only count visitors."""
    if not url or "?" not in url:
        return url
    parts = urlsplit(url)
    arguments = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in arguments if not name.startswith("utm_") and name not in _TRACKING]
    return url if len(kept) == len(arguments) else parts._replace(query=urlencode(kept)).geturl()


_TRACKING: Final = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "at_medium", "at_campaign", "ref_src"})
