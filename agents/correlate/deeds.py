"""What was done to whom, roughly: which deeds no two reports of one attack confuse, and which they do."""

from collections.abc import Iterable
from typing import Final

from schemas.kinds import EventType, Party, TollKind
from schemas.records import Sighting

_BLAST, _FIRE, _ASSAULT, _MURDER, _TAKING = (1 << n for n in range(5))
_DEEDS: Final = {
    EventType.IED_MINE: _BLAST,
    EventType.SUICIDE_BOMBING: _BLAST | _ASSAULT,
    EventType.GRENADE: _BLAST | _ASSAULT | _MURDER,
    EventType.SHELLING_ROCKET: _FIRE,
    EventType.AIR_DRONE_STRIKE: _FIRE,
    EventType.CHEMICAL: _FIRE,
    EventType.ARMED_ATTACK: _ASSAULT,
    EventType.CLASH: _ASSAULT,
    EventType.AMBUSH: _ASSAULT,
    EventType.PRISON_ATTACK: _ASSAULT,
    EventType.JAILBREAK: _ASSAULT,
    EventType.TERRITORY_TAKEN: _ASSAULT,
    EventType.TERRITORY_REGAINED: _ASSAULT,
    EventType.ASSASSINATION: _MURDER,
    EventType.EXECUTION: _MURDER,
    EventType.ABDUCTION: _TAKING,
}
"""Outlets take a suicide bombing for a bomb or an assault, an air strike for shelling; but no bomb for a murder."""
_CIVILIANS: Final = frozenset({Party.CIVILIANS, Party.CHILDREN, Party.WOMEN, Party.JOURNALISTS})
_ARMED_PLACES: Final = frozenset(
    f"target:{place}" for place in ("prison", "security_hq", "base", "patrol", "checkpoint_hq", "checkpoint")
)
_ARMED: Final = frozenset({Party.SECURITY_FORCES, Party.STATE_MILITARY, Party.NON_STATE_ARMED})


def deeds(main: EventType | None, kinds: Iterable[EventType]) -> int:
    """One bit a deed: those of the main kind, or of all kinds where it tells none; 0 where nothing is told.

    An "attack on civilians" beside other kinds says only that people died; by itself gunmen or murderers did it.
    """
    if main in _DEEDS:
        return _DEEDS[main]
    found = 0
    for kind in kinds:
        found |= _DEEDS.get(kind, 0)
    return found or (_MURDER | _ASSAULT) * (main is EventType.ATTACK_ON_CIVILIANS)


def victims(sighting: Sighting) -> int:
    """Who was attacked: 1 civilians, 2 armed men or their places, 3 both, 0 where the post does not say."""
    killed = {t.party for t in sighting.tolls if t.kind is TollKind.KILLED and not t.superseded}
    armed = not _ARMED.isdisjoint(killed) or not _ARMED_PLACES.isdisjoint(sighting.tags)
    return int(not _CIVILIANS.isdisjoint(killed)) | int(armed) << 1
