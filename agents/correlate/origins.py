"""Who stands behind a statement.

Corroboration counts independent origins, not outlets (model, section 6): a copy, a forward, or two outlets that quote
one observatory are one voice. A claims channel speaks for itself and corroborates nothing.
"""

from collections.abc import Iterable, Mapping

from schemas.kinds import Modality, SourceRole
from schemas.records import Forward, Sighting


def origins(sighting: Sighting, names: Mapping[str, str]) -> list[str]:
    """The canonical origins of one post, in order, each once.

    Args:
        sighting: what the post says.
        names: source ids by name, so that a forward from a channel that we follow is that channel.
    """
    forwarded = forwarded_origin(sighting, names)
    said = [o for o in sighting.origins if o != sighting.source.id]
    if not said:
        said = [forwarded or sighting.source.speaks_for or sighting.source.id]
    return list(dict.fromkeys(said))


def own_origins(sighting: Sighting) -> list[str] | None:
    """The same where it does not depend on any names, else None."""
    return origins(sighting, {}) if sighting.forwarded_from is None else None


def canonical(said_by: str, sighting: Sighting, names: Mapping[str, str]) -> str:
    """The canonical name of whom a single figure is ascribed to."""
    if said_by != sighting.source.id:
        return said_by
    return forwarded_origin(sighting, names) or sighting.source.speaks_for or said_by


def forwarded_origin(sighting: Sighting, names: Mapping[str, str]) -> str | None:
    """Where a forwarded message came from; None for a post of the source's own."""
    if sighting.forwarded_from is None:
        return None
    match sighting.forwarded_from:
        case Forward(name=str(name)) | str(name) if name.strip():
            return names.get(name.strip().lower(), f"forward:{name.strip().lower()}")
        case Forward(channel_id=int(channel)):
            return f"forward:{channel}"
        case _:
            return None


def names_of(sightings: Iterable[Sighting]) -> dict[str, str]:
    """Source ids (or whom the source speaks for) by the source's name in lower case."""
    return {s.source.name.strip().lower(): s.source.speaks_for or s.source.id for s in sightings if s.source.name}


def has_voice(sighting: Sighting) -> bool:
    """Whether a post can corroborate: not withdrawn, not a perpetrator's own words, not a denial."""
    return not sighting.deleted and sighting.source.role is not SourceRole.CLAIMS and sighting.modality in _TOLD


_TOLD = frozenset({Modality.ACTUAL, Modality.FOILED, Modality.ATTEMPTED})
