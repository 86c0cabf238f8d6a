"""What of a sighting speaks for or against its telling of the same incident as another.

Worked out once a post, in plain values, so that a pair is compared without reading either post again; a remembered
post costs less than a kilobyte.
"""

from array import array
from collections.abc import Iterable, Sequence
from sys import intern
from typing import Final

import msgspec

from agents.correlate import places
from agents.correlate.claims import is_claim
from agents.correlate.deeds import deeds, victims
from agents.correlate.graph import Key
from agents.correlate.names import code
from agents.correlate.roundups import is_leaf
from agents.correlate.scene import INSIDE, Scene, scene
from schemas.kinds import ActorRole, DocRole, EventType, Party, TimeBasis, TollKind
from schemas.records import Sighting
from schemas.taxonomy import CODING

WORDS: Final = 40
"""Weightiest words kept of a text."""


class Traits(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One post as far as comparing is concerned; as an object it is itself only, and never part of a cycle."""

    key: Key
    """Publication (seconds since 1970) and post id."""
    published: float
    start: float
    end: float
    """Of the time that it tells of, likewise."""
    when: float
    """The latest moment of which it can tell: its publication, or the end of an earlier time that it names.

    Where a post says "yesterday", it is compared with what was told yesterday, and does not open the day's incident.
    One that comes back to a known attack may mean one of three days before.
    """
    dated: bool
    """The time was said, not assumed from publication."""
    scene: Scene
    family: str | None
    """Of the main event type: ACLED's event type."""
    kinds: int
    """One bit an event type."""
    rare: int
    """Of these, kinds that one town seldom sees."""
    deeds: int
    """One bit a way of attacking (`deeds`)."""
    victims: int
    """Whether civilians or armed men were killed."""
    attackers: int
    """One bit an actor, by code."""
    claimants: int
    killed: int
    wounded: int
    """Victims in all, -1 for unknown."""
    words: "array[int]"
    """Codes of the weightiest words."""
    weights: "array[float]"
    source: str
    language: str
    leaf: bool
    claim: bool
    test: bool
    follows: bool
    """Tells how an incident goes on, and names no quarter or site."""
    refers: bool
    """Comes back to a known attack."""
    another: bool
    """Says of itself that it is not the first: "a second bomb"."""


def traits(
    sighting: Sighting,
    codes: Sequence[int],
    weights: Sequence[float],
    *,
    another: bool = False,
    refers: bool = False,
) -> Traits:
    """What comparing needs to know of a sighting and its text.

    Args:
        sighting: what the post says.
        codes: its text's weightiest words.
        weights: how much each weighs.
        another: the text calls what it tells of a further one (`further.tells_of_another`).
        refers: the text comes back to a known attack (`follow.refers_back`).
    """
    claim = is_claim(sighting)
    told = places.event_places(sighting)
    time, main = sighting.time, sighting.event_type
    published, end = sighting.published_at.timestamp(), time.event_end.timestamp()
    dated = time.basis in _DATED
    killed = _victims(sighting, TollKind.KILLED)
    refers = refers and not 0 <= killed < BIG  # "a soldier was killed, days after the bombing" tells of the soldier
    kinds = _BITS[main] if main else 0
    for kind in sighting.event_types:
        kinds |= _BITS[kind]
    return Traits(
        (published, sighting.post_id),
        published,
        time.event_start.timestamp(),
        end,
        published - _REFERRED if refers else min(published, end) if dated else published,
        dated,
        scene(told),
        _FAMILIES[main] if main else None,
        kinds,
        kinds & _RARE,
        deeds(main, sighting.event_types),
        victims(sighting),
        bits([a.actor_id for a in sighting.actors if a.role is ActorRole.ATTACKER and is_named(a.actor_id)]),
        bits([c.claimant for c in sighting.claims if c.claimed]),
        killed,
        _victims(sighting, TollKind.WOUNDED),
        array("I", codes),
        array("f", weights),
        intern(sighting.source.id),
        intern(sighting.language),
        claim or is_leaf(sighting, told),
        claim,
        sighting.test,
        sighting.doc_role is DocRole.UPDATE and (sighting.place is None or sighting.place.accuracy not in INSIDE),
        refers,
        another,
    )


BIG: Final = 3
"""Killed by an attack that is written of for days."""
_REFERRED: Final = 3 * 24 * 3600.0
_DATED: Final = frozenset({TimeBasis.EXPLICIT, TimeBasis.RELATIVE})
_BITS: Final = {kind: 1 << number for number, kind in enumerate(EventType)}
_FAMILIES: Final = {kind: coding.acled_event_type for kind, coding in CODING.items()}
_RARE: Final = (
    _BITS[EventType.PRISON_ATTACK]
    | _BITS[EventType.JAILBREAK]
    | _BITS[EventType.SUICIDE_BOMBING]
    | _BITS[EventType.CHEMICAL]
)


def bits(names: Iterable[str]) -> int:
    """A set of names as a set of bits; two sets that share a name share a bit."""
    found = 0
    for name in names:
        found |= 1 << (code(name) & 63)
    return found


def is_named(actor_id: str) -> bool:
    """Whether an actor is somebody: "unknown gunmen" contradict nobody and are nobody's name."""
    return not actor_id.startswith("unknown")


def _victims(sighting: Sighting, kind: TollKind) -> int:
    """The post's own highest figure of victims, -1 where it has none."""
    most = -1
    for toll in sighting.tolls:
        low = toll.low
        if (
            low is not None
            and low > most
            and toll.kind is kind
            and not toll.superseded
            and toll.party is not Party.PERPETRATORS
        ):
            most = low
    return most
