"""Posts that speak of several incidents, or look back: they join one and connect none."""

from collections.abc import Sequence
from typing import Final

from agents.correlate import places
from agents.correlate.scene import fine
from schemas.kinds import DocRole, EventType, Modality
from schemas.records import Place, Sighting
from schemas.taxonomy import CODING

_LEAF_TAGS: Final = frozenset({"roundup", "harvest"})
_LEAF_MODALITIES: Final = frozenset({Modality.HISTORICAL, Modality.NEGATED})
_MANY_KINDS: Final = 3
_MANY_PLACES: Final = 3
_SCATTERED: Final = 4
_APART_KM: Final = 8.0


def is_leaf(sighting: Sighting, told: Sequence[Place]) -> bool:
    """Whether a post speaks of several incidents or looks back, and so must not connect any.

    Args:
        sighting: what the post says.
        told: the places where it says that it happened (`places.event_places`).
    """
    return (
        sighting.doc_role is DocRole.BACKGROUND
        or sighting.modality in _LEAF_MODALITIES
        or is_roundup(sighting)
        or (len(told) >= _SCATTERED and len(_apart(told)) >= _SCATTERED)
    )


def is_roundup(sighting: Sighting) -> bool:
    """Whether a post sums up a day: tagged so, or several kinds of attack at places far from one another."""
    if sighting.tags and not _LEAF_TAGS.isdisjoint(sighting.tags):
        return True
    if len(sighting.event_types) < _MANY_KINDS:
        return False
    attacks = {CODING[kind].acled_sub_event_type for kind in sighting.event_types if _is_attack(kind)}
    return len(attacks) >= _MANY_KINDS and len(_apart(places.event_places(sighting))) >= _MANY_PLACES


def _is_attack(kind: EventType) -> bool:
    """Whether it happens to people; what authorities do about an attack makes no roundup of a report."""
    return CODING[kind].acled_event_type not in _NO_ATTACK


_NO_ATTACK: Final = frozenset({"", "Strategic developments"})


def _apart(told: Sequence[Place]) -> list[Place]:
    """Fine places of which none is near another."""
    apart: list[Place] = []
    for place in fine(told):
        if place.lat is not None and all((places.distance_km(place, other) or 0.0) > _APART_KM for other in apart):
            apart.append(place)
    return apart
