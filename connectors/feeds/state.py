"""Where we stand with one feed: validators, learned address, known entries. Pure; this is the feed's cursor."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from connectors.feeds.entries import Memory
from connectors.feeds.fetch import Answer
from connectors.sources import SourceSettings

MOVES_UNTIL_BELIEVED: Final = 3


class FeedState(msgspec.Struct, frozen=True, omit_defaults=True):
    """The position stored in a feed's cursor."""

    url: str = ""
    """As configured when this was stored; another one starts anew with validators and address."""
    etag: str | None = None
    last_modified: str | None = None
    body: str | None = None
    """Hash of the last document, to skip parsing what has not changed."""
    moved_to: str | None = None
    moves: int = 0
    """How often in a row the feed redirected permanently to `moved_to`."""
    gone: bool = False
    """The server said 410."""
    not_before: datetime | None = None
    """Until when the server wants to be left alone."""
    hub: str | None = None
    """Who offers pushes, as the last document named it, and under which topic."""
    topic: str | None = None
    published: list[float] = []
    """When its newest entries were published (Unix seconds): its rhythm, which a restart must not forget."""
    pages: dict[str, int] = {}
    """Entries whose page is still to be read, by their key, and how often that was tried."""
    entries: Memory = Memory()

    @property
    def address(self) -> str:
        """What to ask for: the learned address once it has been confirmed often enough."""
        return self.moved_to if self.moved_to and self.moves >= MOVES_UNTIL_BELIEVED else self.url

    @property
    def undecided(self) -> bool:
        """Whether earlier words of an entry have come back once, so that the next answer must be read in full."""
        return any(seen.pending for seen in self.entries.seen.values())

    def validators(self) -> dict[str, str]:
        """Headers of a conditional request; both, as opaque as they came."""
        if self.undecided:
            return {}
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in pairs if value}

    def position(self) -> dict[str, Any]:
        """As plain JSON for the cursor."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


def recall(position: Mapping[str, Any] | None, source: SourceSettings) -> FeedState:
    """The stored state; known entries survive a change of the configured address, the rest does not.

    An unreadable position counts as none: entries are then published again under the same ids.
    """
    url = source.url or ""
    try:
        state = msgspec.convert(position or {}, FeedState)
    except msgspec.ValidationError:
        return FeedState(url=url)
    return state if state.url == url else FeedState(url=url, entries=state.entries)


def after_answer(state: FeedState, answer: Answer) -> FeedState:
    """Validators are taken from 304 as well as from 200 (RFC 9111 §4.3.4); permanent moves are counted."""
    etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    if answer.status == 304:
        etag, modified = etag or state.etag, modified or state.last_modified
    moved_to, moves = _moves(state, answer)
    return msgspec.structs.replace(
        state, etag=etag, last_modified=modified, moved_to=moved_to, moves=moves, gone=False, not_before=None
    )


def _moves(state: FeedState, answer: Answer) -> tuple[str | None, int]:
    if state.address != state.url:  # asked at the learned address: it stands, or has moved on
        return (answer.moved_to, 1) if answer.moved_to else (state.moved_to, state.moves)
    if answer.moved_to is None:
        return None, 0
    return answer.moved_to, state.moves + 1 if answer.moved_to == state.moved_to else 1


def body_hash(body: bytes) -> str:
    """32 hexadecimal digits."""
    return blake2b(body, digest_size=16).hexdigest()
