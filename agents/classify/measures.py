"""What authorities did: curfew, emergency, closures, searches; each with its span."""

from collections.abc import Sequence
from typing import Final

from agents.classify.actors import Mention
from agents.classify.events import Scene
from agents.classify.matching import Hit
from agents.classify.text import Reading
from schemas.kinds import MeasureKind
from schemas.records import Measure, Place

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
_UNTIL_REACH: Final = 6
_BACKGROUND: Final = frozenset({"flag_historical", "flag_hypothetical", "flag_negated", "flag_drill"})


def measures(
    reading: Reading, scenes: Sequence[Scene], mentions: Sequence[Mention], places: Sequence[Place] = ()
) -> list[Measure]:
    """Each kind once, where it is told best; what is past, denied or only feared is no measure.

    Args:
        reading: the report's tokens.
        scenes: its sentences.
        mentions: the actors named, among whom the authority is looked for.
        places: the places named; one in the measure's sentence is where it holds.
    """
    found: dict[MeasureKind, Measure] = {}
    for index, scene in enumerate(scenes):
        if scene.flags & _BACKGROUND or _KINDS.keys().isdisjoint(scene.tags):
            continue
        for hit in scene.hits:
            kind = _KINDS.get(hit.tag)
            known = found.get(kind) if kind is not None else None
            if kind is not None and (known is None or known.by is None):
                by = _authority(index, hit, reading, mentions)
                if known is None or by is not None:
                    evidence = reading.report.evidence(*reading.span(hit.first, hit.last), rule=f"measure.{hit.tag}")
                    where = _where(reading, index, hit, places)
                    until = "further_notice" if _until(scene, hit) else None
                    found[kind] = Measure(kind=kind, by=by, where=where, until=until, evidence=evidence)
    return list(found.values())


def _until(scene: Scene, hit: Hit) -> bool:
    """Whether "until further notice" stands behind the measure in its clause."""
    return any(h.tag == "fact_further_notice" and 0 < h.first - hit.last <= _UNTIL_REACH for h in scene.hits)


def _authority(sentence: int, hit: Hit, reading: Reading, mentions: Sequence[Mention]) -> str | None:
    """The authority named within or right behind the measure, else the last one before it, else the next one."""
    kinds = ("security_forces", "state_military", "state")
    here = [m for m in mentions if reading.sentence_of[m.first] == sentence and m.actor.kind in kinds]
    order = sorted(
        here, key=lambda m: (not 0 <= m.first - hit.first <= 2, m.first > hit.first, abs(m.first - hit.first))
    )
    return order[0].actor.actor_id if order else None


def _where(reading: Reading, sentence: int, hit: Hit, places: Sequence[Place]) -> str | None:
    """The place of the sentence that stands nearest to the measure, by name."""
    first, end = reading.sentences[sentence]
    begin, stop = reading.report.to_original(reading.starts[first], reading.ends[end - 1])
    at = reading.report.to_original(*reading.span(hit.first, hit.last))[0]
    here = [p for p in places if p.evidence is not None and begin <= p.evidence.start < stop]
    nearest = min(here, key=lambda p: abs(p.evidence.start - at) if p.evidence else 0, default=None)
    return nearest.name if nearest else None
