"""What else is stated of an incident: weapons, attackers, target, motive, officials; each once, with who says so.

Copies add no speaker, and the words of whoever claims the incident stand in its claims, not here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from agents.correlate.origins import canonical
from schemas.kinds import FactKind
from schemas.records import Fact, FactRow, Sighting

_ORDER: Final = {kind: place for place, kind in enumerate(FactKind)}


def facts_of(told: Iterable[Sighting], names: Mapping[str, str]) -> list[FactRow]:
    """The facts of an incident by kind, those that most origins state first.

    Args:
        told: the posts that speak, without copies, in order of publication.
        names: canonical names of sources by their name, for forwards.
    """
    first: dict[tuple[object, ...], tuple[Sighting, Fact]] = {}
    speakers: dict[tuple[object, ...], dict[str, None]] = {}
    for sighting in told:
        for fact in sighting.facts:
            same = (fact.kind, fact.value, fact.name, fact.actor_id, fact.low, fact.high, fact.approximate)
            first.setdefault(same, (sighting, fact))
            speakers.setdefault(same, {})[canonical(fact.said_by, sighting, names)] = None
    ranked = sorted(first, key=lambda same: (_ORDER[first[same][1].kind], -len(speakers[same])))
    return [_row(*first[same], list(speakers[same])) for same in ranked]


def _row(sighting: Sighting, fact: Fact, origins: list[str]) -> FactRow:
    return FactRow(
        kind=fact.kind,
        value=fact.value,
        name=fact.name,
        actor_id=fact.actor_id,
        low=fact.low,
        high=fact.high,
        approximate=fact.approximate,
        said_by=origins[0],
        evidence=fact.evidence,
        post_id=sighting.post_id,
        revision=sighting.revision,
        source_id=sighting.source.id,
        origins=origins,
    )
