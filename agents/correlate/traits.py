"""What of a sighting speaks for or against its telling of the same incident as another; small, to be kept in memory."""

from collections.abc import Iterable
from typing import NamedTuple

from agents.correlate import places
from agents.correlate.claims import is_claim
from agents.correlate.words import words
from schemas.kinds import Accuracy, ActorRole, DocRole, EventType, Modality, Party, TollKind
from schemas.records import Place, Sighting


class Spot(NamedTuple):
    """A place as far as distance is concerned."""

    name: str
    lat: float | None
    lon: float | None
    rank: int
    """Rank of its accuracy, 0 the most exact."""
    admin1: str | None
    country: str | None


class Traits(NamedTuple):
    """One post, reduced to what comparing needs."""

    post_id: str
    published: float
    start: float
    end: float
    """Event time in seconds since 1970."""
    dated: bool
    """The time was said, not assumed from publication."""
    spots: tuple[Spot, ...]
    kinds: frozenset[EventType]
    main: EventType | None
    attackers: frozenset[str]
    claimants: frozenset[str]
    figures: tuple[tuple[TollKind, int], ...]
    """Figures of victims, not vague ones."""
    terms: frozenset[str]
    language: str
    leaf: bool
    claim: bool
    test: bool


COARSE = places.RANK[Accuracy.SUBDISTRICT]
"""From this rank on a place does not tell one incident from another."""

_LEAF_TAGS = frozenset({"roundup", "harvest"})


def terms(sighting: Sighting) -> list[str]:
    """The words by which a text is compared with others, sorted."""
    return sorted(set(words(sighting.text)))


def traits(sighting: Sighting, terms: Iterable[str]) -> Traits:
    """What comparing needs to know of a sighting and the words of its text."""
    claim = is_claim(sighting)
    return Traits(
        post_id=sighting.post_id,
        published=sighting.published_at.timestamp(),
        start=sighting.time.event_start.timestamp(),
        end=sighting.time.event_end.timestamp(),
        dated=sighting.time.basis in ("explicit", "relative"),
        spots=tuple(_spot(place) for place in places.event_places(sighting)),
        kinds=frozenset({*sighting.event_types, *([sighting.event_type] if sighting.event_type else [])}),
        main=sighting.event_type,
        attackers=frozenset(a.actor_id for a in sighting.actors if a.role is ActorRole.ATTACKER),
        claimants=frozenset(c.claimant for c in sighting.claims if c.claimed),
        figures=tuple(
            sorted(
                {(t.kind, t.low) for t in sighting.tolls
                 if t.low and not t.vague_word and t.party is not Party.PERPETRATORS and t.of_which is None}
            )
        ),
        terms=frozenset(terms),
        language=sighting.language,
        leaf=claim or not _LEAF_TAGS.isdisjoint(sighting.tags) or sighting.doc_role is DocRole.BACKGROUND
        or sighting.modality in (Modality.HISTORICAL, Modality.NEGATED),
        claim=claim,
        test=sighting.test,
    )  # fmt: skip


def _spot(place: Place) -> Spot:
    return Spot(places.key(place), place.lat, place.lon, places.RANK[place.accuracy], place.admin1, place.country)
