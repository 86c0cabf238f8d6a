"""Where the sightings of each post went, so that all revisions of a post reach the incident that it is part of.

Sightings meet by theatre. An edit may name a country of another one, or may no longer tell of an incident at all; the
incident that the post is part of stands where its first sighting went, and must hear of it. So a post stays in the
theatre of its first sighting: were it moved, one post would found two incidents of one identity.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from heapq import heappop, heappush
from typing import Final

import msgspec

from agents.theatres import theatre_of
from schemas.records import Sighting

Put = tuple[str, bytes | None]

REMEMBERED: Final = timedelta(days=30)
"""Edits that come later than this after publication are new posts to us; incidents are closed long before."""
FORGOTTEN: Final = 2 * REMEMBERED
"""Only then is a row deleted, so that sources ahead of others cannot make a difference."""
AT_ONCE: Final = 8
"""Rows that one post may delete at most, so that its cost stays bounded."""


class Route(msgspec.Struct, frozen=True, array_like=True):
    """One row: the theatre where a post's sightings went, and when the post was published (seconds since 1970)."""

    theatre: str
    published: float


_decoder = msgspec.json.Decoder(Route)


class Routes:
    """What the classifier remembers of one partition of the reports."""

    def __init__(self) -> None:
        self._of: dict[str, Route] = {}
        self._by_age: list[tuple[float, str]] = []

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild from the stored rows."""
        self._of, self._by_age = {}, []
        self.apply(rows)

    def route(self, sighting: Sighting) -> tuple[str | None, Sequence[Put]]:
        """The theatre that must hear of this revision (None: nobody), and rows to store; changes nothing."""
        before = self._before(sighting)
        if before is not None or not sighting.relevant:
            return before, ()
        row = Route(theatre_of(sighting), sighting.published_at.timestamp())
        return row.theatre, [(sighting.post_id, msgspec.json.encode(row)), *self._expired(row)]

    def apply(self, puts: Iterable[Put]) -> None:
        """These rows have been decided on."""
        for post_id, value in puts:
            if value is None:
                self._of.pop(post_id, None)
            else:
                row = self._of[post_id] = _decoder.decode(value)
                heappush(self._by_age, (row.published, post_id))

    def _before(self, sighting: Sighting) -> str | None:
        row = self._of.get(sighting.post_id)
        if row is None:
            return None
        said = (sighting.edited_at or sighting.published_at).timestamp()
        return row.theatre if said - row.published <= REMEMBERED.total_seconds() else None

    def _expired(self, new: Route) -> list[Put]:
        """Rows of posts that are too old beside the new one, the oldest first."""
        gone: list[Put] = []
        while self._by_age and len(gone) < AT_ONCE:
            published, post_id = self._by_age[0]
            row = self._of.get(post_id)
            if row is not None and row.published == published:
                if new.published - published <= FORGOTTEN.total_seconds():
                    break
                gone.append((post_id, None))
            heappop(self._by_age)
        return gone
