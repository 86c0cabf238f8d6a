"""Is it an incident? Evidence from the rules, set against the context that speaks for something else."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.classify.events import Evidence, Scene
from agents.classify.text import Reading
from schemas.kinds import EventType, Modality
from schemas.records import Reason

_AGAINST: Final = {
    "flag_sport": 5.0,
    "flag_culture": 2.5,
    "flag_economy": 2.0,
    "flag_technology": 2.5,
    "flag_politics": 1.5,
    "flag_figurative": 3.0,
    "flag_accident": 3.0,
    "flag_crime": 1.0,
    "flag_court": 2.5,
    "flag_condolence": 1.0,
    "flag_opinion": 1.5,
    "flag_drill": 3.0,
    "flag_anniversary": 2.5,
}
_WORDS_ONLY: Final = frozenset({EventType.THREAT_STATEMENT, EventType.CONDEMNATION, EventType.TALKS})
_HAPPENED: Final = frozenset({Modality.ACTUAL, Modality.FOILED, Modality.ATTEMPTED})


class Verdict(NamedTuple):
    """The decision and what spoke for and against it."""

    relevant: bool
    score: float
    reasons: tuple[Reason, ...]


def decide(reading: Reading, scenes: Sequence[Scene], evidence: Sequence[Evidence], modality: Modality) -> Verdict:
    """Weigh the strongest evidence of a deed against the contexts that the report shows."""
    deeds = [e.weight for e in evidence if e.type not in _WORDS_ONLY]
    if not deeds or not reading.forms:
        return Verdict(False, 0.01, ())
    flags = {flag for scene in scenes for flag in scene.flags}
    reasons = tuple(Reason(rule=flag, weight=-_AGAINST[flag]) for flag in sorted(flags & _AGAINST.keys()))
    logit = max(deeds) + 2.0 * reading.report.hiding - 4.0 + sum(r.weight for r in reasons)
    score = round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), 4)
    return Verdict(score >= 0.5 and modality in _HAPPENED, score, reasons)
