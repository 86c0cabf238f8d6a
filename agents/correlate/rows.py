"""What a correlator remembers, as rows of bytes under string keys; the rows are all there is.

`s:<post_id>`    a post that was folded in: what it says, what its text looks like, which posts it is like
`i:<incident>`   an incident: its founder, its posts, its revision and a digest of what it said
`f:<feedback>`   what a person said about which posts belong together

Effects come in the order: incidents sent, `i:` rows (those that gain posts first), rows of what is forgotten, and the
`s:` row of the new post last. Until that last row stands the post counts as new, and folding it again gives the same
incidents, because which posts belong together follows from the `s:` and `f:` rows alone, and a revision is counted up
only when the digest differs. An `f:` row is stored before the `i:` rows, so that a post which comes in between is
folded by it, and after them once more as done; until then the feedback is applied again when it comes again.
"""

import msgspec

from schemas.kinds import IncidentState
from schemas.records import Correction, Place, Sighting


class Post(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A post that was folded in."""

    sighting: Sighting
    """Without its text."""
    words: list[int]
    """Codes of its weightiest words."""
    weights: list[float]
    another: bool = False
    """Its text calls what it tells of a further incident."""
    refers: bool = False
    """Its text comes back to a known attack."""
    runs: bytes
    """Sorted 32-bit hashes of its 4-word runs, little-endian."""
    links: dict[str, tuple[int, float]]
    """Post id → revision and likeness of posts known when this one came."""
    clock: float
    """How far event time had come with it, in seconds since 1970."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An incident."""

    incident_id: str
    founder: str
    """Post id of the first sighting, which the id is made from."""
    posts: tuple[str, ...]
    revision: int = 0
    digest: str = ""
    state: IncidentState = IncidentState.OPEN
    merged_into: str | None = None
    corrections: tuple[Correction, ...] = ()
    """The feedback that was applied, in that order."""
    muted: bool = False
    muted_until: float | None = None
    """Posts published from then on alert again, in seconds since 1970; None: for good."""
    dismissed: bool = False
    """People say that it is no incident."""
    place: Place | None = None
    """Where people say that it was."""
    born: float = 0.0
    """Publication of its first post, leaves aside, in seconds since 1970."""
    last: float = 0.0
    """Publication of its latest post, in seconds since 1970."""
    due: float = 0.0
    """When to send it once more, settled, in seconds since 1970; 0 where nothing can have been held back."""


class Bond(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A merge or a split, as it was understood when it was applied."""

    feedback_id: str
    given_at: float
    """Seconds since 1970."""
    together: list[list[str]]
    """Posts that are one incident each."""
    lead: str = ""
    """Of a merge: the incident that keeps its id."""
    home: str = ""
    """Of a split: the incident that posts left."""
    placed: list[str] = []
    """Those posts."""
    stayed: list[str] = []
    """Those that they left behind."""
    done: bool = False
    """All rows of its incidents are stored."""


_encoder = msgspec.msgpack.Encoder(order="deterministic")
_posts = msgspec.msgpack.Decoder(Post)
_entries = msgspec.msgpack.Decoder(Entry)
_bonds = msgspec.msgpack.Decoder(Bond)


def encode(row: Post | Entry | Bond) -> bytes:
    """A row as bytes; the same row gives the same bytes."""
    return _encoder.encode(row)


def decode_post(raw: bytes) -> Post:
    """The inverse of `encode` for a post."""
    return _posts.decode(raw)


def decode_entry(raw: bytes) -> Entry:
    """The inverse of `encode` for an incident."""
    return _entries.decode(raw)


def decode_bond(raw: bytes) -> Bond:
    """The inverse of `encode` for what a person said."""
    return _bonds.decode(raw)
