"""Server-sent events: every open page hears of what changes, and goes on where its connection broke.

The id of an event is how far the topic had been read when it was sent; a browser returns it as `Last-Event-ID`.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from subscribers.desk.board import Board
from subscribers.desk.cards import card
from subscribers.desk.tree import plain
from subscribers.desk.wanted import Wanted
from subscribers.heard import Heard
from subscribers.telling import headline
from subscribers.words import Language

HEARTBEAT_SECONDS: Final = 15
MANY: Final = 200
"""So many missed changes are read faster by loading the page anew."""


def message(name: str, told: dict[str, Any], position: str) -> bytes:
    """One event; JSON holds no line break, so one `data:` line carries it."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (position.encode(), name.encode(), msgspec.json.encode(told))


def update(heard: Heard, wanted: Wanted, language: Language, position: str) -> bytes:
    """The new card, or the word that the incident no longer fits the filters."""
    alert = heard.alert
    if not wanted.fits(alert):
        return message("gone", {"id": alert.incident_id}, position)
    told = {"id": alert.incident_id, "say": headline(alert.incident, language), "card": plain(card(alert, language))}
    return message("incident", told, position)


@dataclass(eq=False)
class Viewer:
    """One open page."""

    wanted: Wanted
    language: Language
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(MANY))


class Live:
    """All open pages."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.viewers: set[Viewer] = set()

    def tell(self, heard: Heard) -> None:
        """Put the change into every page's queue; a page that does not keep up is cut off and comes back by itself."""
        position = self.board.position
        made: dict[tuple[Wanted, Language], bytes] = {}
        for viewer in list(self.viewers):
            key = (viewer.wanted, viewer.language)
            if key not in made:
                made[key] = update(heard, viewer.wanted, viewer.language, position)
            try:
                viewer.waiting.put_nowait(made[key])
            except asyncio.QueueFull:
                self._end(viewer)

    def close(self) -> None:
        """End all streams."""
        for viewer in list(self.viewers):
            self._end(viewer)

    def _end(self, viewer: Viewer) -> None:
        self.viewers.discard(viewer)
        while not viewer.waiting.empty():
            viewer.waiting.get_nowait()
        viewer.waiting.put_nowait(None)

    async def stream(self, wanted: Wanted, language: Language, after: dict[int, int]) -> AsyncGenerator[bytes, None]:
        """Events for one page: first what it missed, then what comes, and a heartbeat while nothing does."""
        viewer = Viewer(wanted, language)
        self.viewers.add(viewer)  # before looking back: nothing can fall between
        try:
            position = self.board.position
            missed = self.board.since(after)
            yield b"retry: 2000\n\n"
            if len(missed) > MANY:
                yield message("reload", {}, position)
                return
            for heard in missed:
                yield update(heard, wanted, language, position)
            while (told := await self._next(viewer)) is not None:
                yield told
        finally:
            self.viewers.discard(viewer)

    async def _next(self, viewer: Viewer) -> bytes | None:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await viewer.waiting.get()
        except TimeoutError:
            return b": still here\n\n"
