"""How grave an incident is, in points that can be explained (model, section 7); how sure one is stands apart."""

from functools import lru_cache
from typing import Final

from schemas.kinds import CapSeverity, EventType, Level, MeasureKind, Modality
from schemas.records import Severity

_KILLED: Final = ((50, 4), (10, 3), (3, 2), (1, 1))
_GRAVE: Final = {
    EventType.CHEMICAL: 2,
    EventType.JAILBREAK: 2,
    EventType.SUICIDE_BOMBING: 1,
    EventType.AIR_DRONE_STRIKE: 1,
    EventType.PRISON_ATTACK: 1,
}
_SITES: Final = frozenset({"prison", "checkpoint_hq", "security_hq", "camp", "hospital", "market"})
_MEASURES: Final = frozenset({MeasureKind.STATE_OF_EMERGENCY, MeasureKind.CURFEW})
_LEVELS: Final = (
    (6, Level.CRITICAL, CapSeverity.EXTREME),
    (4, Level.HIGH, CapSeverity.SEVERE),
    (2, Level.MEDIUM, CapSeverity.MODERATE),
)
_HAPPENED: Final = frozenset({Modality.ACTUAL, Modality.FOILED, Modality.ATTEMPTED})


@lru_cache(maxsize=4096)  # most incidents are like many others in this
def severity(
    *,
    killed: int | None,
    deaths: bool = False,
    wounded: int | None,
    types: tuple[EventType, ...],
    sites: tuple[str, ...],
    measures: tuple[MeasureKind, ...],
    claimed: bool,
    modality: Modality,
) -> Severity:
    """Points and what each was given for.

    Args:
        killed: best figure in total, None where nobody gave one.
        deaths: somebody says that people were killed, whether or not with a figure.
        wounded: likewise.
        types: all event types of the incident.
        sites: what was attacked, in the words of tags (`prison`, `camp`, `hospital` …), what most posts tell of first.
        measures: what authorities did.
        claimed: a listed group claims it.
        modality: whether it happened; anything but actual, foiled or attempted is worth nothing.
    """
    if modality not in _HAPPENED:
        return Severity(level=Level.LOW, points=0, cap=CapSeverity.MINOR, reasons=[f"{modality}: 0"])
    scored: list[tuple[str, int]] = []
    if killed:
        scored += [(f"{killed} killed", points) for least, points in _KILLED if killed >= least][:1]
    if killed is None and deaths:
        scored.append(("killed, number unknown", 1))
    if (wounded or 0) >= 10:
        scored.append((f"{wounded} wounded", 1))
    grave = [(t.value, _GRAVE[t]) for t in types if t in _GRAVE]
    scored += sorted(grave, key=lambda pair: (-pair[1], pair[0]))[:1]
    scored += [(f"target: {site}", 1) for site in sites if site in _SITES][:1]
    if measures:
        scored += [(m.value, 1) for m in sorted(_MEASURES.intersection(measures), reverse=True)[:1]]
    if claimed:
        scored.append(("claimed by a listed group", 1))
    if modality is Modality.FOILED:
        scored.append(("foiled", -1))
    points = max(0, sum(worth for _, worth in scored))
    level, cap = next(((lv, c) for least, lv, c in _LEVELS if points >= least), (Level.LOW, CapSeverity.MINOR))
    return Severity(level=level, points=points, cap=cap, reasons=[f"{why}: {worth:+d}" for why, worth in scored])
