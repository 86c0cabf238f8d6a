"""What authorities did: curfew, emergency, closures, searches; each with its span."""

from collections.abc import Sequence
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.text import Reading
from schemas.kinds import MeasureKind
from schemas.records import Measure

_KINDS: Final = {
    "curfew": MeasureKind.CURFEW,
    "emergency": MeasureKind.STATE_OF_EMERGENCY,
    "road_close": MeasureKind.ROAD_CLOSURE,
    "full_closure": MeasureKind.LOCKDOWN,
    "markets_close": MeasureKind.MARKETS_CLOSED,
    "work_suspend": MeasureKind.WORK_SUSPENDED,
    "alert": MeasureKind.SECURITY_MOBILISATION,
    "combing": MeasureKind.COMBING,
    "evacuate": MeasureKind.EVACUATION,
    "investigate": MeasureKind.INVESTIGATION,
}
_BACKGROUND: Final = frozenset({"flag_historical", "flag_hypothetical", "flag_negated", "flag_drill"})


def measures(reading: Reading, scenes: Sequence[Scene], mentions: Sequence[Mention]) -> list[Measure]:
    """Each kind once, where it is first told; what is past, denied or only feared is no measure."""
    found: dict[MeasureKind, Measure] = {}
    for index, scene in enumerate(scenes):
        if scene.flags & _BACKGROUND:
            continue
        for hit in scene.hits:
            kind = _KINDS.get(hit.tag)
            if kind is not None and kind not in found:
                evidence = reading.report.evidence(*reading.span(hit.first, hit.last), rule=f"measure.{hit.tag}")
                found[kind] = Measure(kind=kind, by=_authority(index, reading, mentions), evidence=evidence)
    return list(found.values())


def _authority(sentence: int, reading: Reading, mentions: Sequence[Mention]) -> str | None:
    kinds = ("security_forces", "state_military", "state")
    here = (m for m in mentions if reading.sentence_of[m.first] == sentence and m.actor.kind in kinds)
    return next((m.actor.actor_id for m in here), None)
