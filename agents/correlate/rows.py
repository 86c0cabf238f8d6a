"""What a correlator remembers, as rows of bytes under string keys; the rows are all there is.

`s:<post_id>`    a post that was folded in: what it says, what its text looks like, which posts it is like
`i:<incident>`   an incident: its founder, its posts, its revision and a digest of what it said

Effects come in the order: incidents sent, `i:` rows (those that gain posts first), rows of what is forgotten, and the
`s:` row of the new post last. Until that last row stands the post counts as new, and folding it again gives the same
incidents, because which posts belong together follows from the `s:` rows alone, and a revision is counted up only when
the digest differs.
"""

import msgspec

from schemas.kinds import IncidentState
from schemas.records import Place, Sighting


class Post(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post that was folded in."""

    sighting: Sighting
    """Without its text."""
    words: list[int]
    """Codes of its weightiest words."""
    weights: list[float]
    another: bool = False
    """Its text calls what it tells of a further incident."""
    runs: bytes
    """Sorted 32-bit hashes of its 4-word runs, little-endian."""
    links: dict[str, tuple[int, float]]
    """Post id → revision and likeness of posts known when this one came."""
    clock: float
    """How far event time had come with it, in seconds since 1970."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident."""

    incident_id: str
    founder: str
    """Post id of the first sighting, which the id is made from."""
    posts: list[str]
    revision: int = 0
    digest: str = ""
    state: IncidentState = IncidentState.OPEN
    merged_into: str | None = None
    corrections: list[str] = []
    """Ids of the feedback that was applied."""
    muted: bool = False
    dismissed: bool = False
    """People say that it is no incident."""
    place: Place | None = None
    """Where people say that it was."""
    born: float = 0.0
    """Publication of its first post, leaves aside, in seconds since 1970."""
    last: float = 0.0
    """Publication of its latest post, in seconds since 1970."""


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_posts = msgspec.msgpack.Decoder(Post)
_entries = msgspec.msgpack.Decoder(Entry)


def encode(row: Post | Entry) -> bytes:
    """A row as bytes; the same row gives the same bytes."""
    return _encoder.encode(row)


def decode_post(raw: bytes) -> Post:
    """The inverse of `encode` for a post."""
    return _posts.decode(raw)


def decode_entry(raw: bytes) -> Entry:
    """The inverse of `encode` for an incident."""
    return _entries.decode(raw)
