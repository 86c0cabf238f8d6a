"""Is it an incident? A calibrated model weighs words, rules and context; what the rules say of modality has a veto.

Languages without a trained model fall back on the rules alone: the strongest deed against the contexts beside it.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.classify.events import Evidence, Scene
from agents.classify.model import Observed, Scorer
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
_SURE: Final = 0.7
"""Probability from which a report tells of a deed although its rules found only the past, the future or a denial."""
_RULES_FROM: Final = 4.0


class Verdict(NamedTuple):
    """The decision and what spoke for and against it."""

    relevant: bool
    score: float
    modality: Modality
    reasons: tuple[Reason, ...]
    model_version: str


def deeds(evidence: Sequence[Evidence]) -> list[float]:
    """How strongly the rules found something done, rather than threatened, condemned or talked over."""
    return [e.weight for e in evidence if e.type not in _WORDS_ONLY]


def decide(scorer: Scorer, observed: Observed, text: str, evidence: Sequence[Evidence], modality: Modality) -> Verdict:
    """The model's probability against its threshold; without any deed found a report has to be surer."""
    scored = scorer.score(observed, text)
    probability = round(scored.probability, 4)
    happened = modality in _HAPPENED
    bar = scorer.threshold if happened and deeds(evidence) else max(_SURE, scorer.threshold)
    relevant = probability >= bar
    reasons = tuple(Reason(rule=f"model.{name}", weight=round(weight, 3)) for name, weight in scored.strongest)
    told = Modality.ACTUAL if relevant and not happened else modality
    return Verdict(relevant, probability, told, reasons, scorer.version)


def decide_by_rules(
    scenes: Sequence[Scene], evidence: Sequence[Evidence], modality: Modality, hiding: float
) -> Verdict:
    """The rules alone, for languages without a model."""
    found = deeds(evidence)
    if not found:
        return Verdict(False, 0.01, modality, (), "")
    flags = {flag for scene in scenes for flag in scene.flags}
    reasons = tuple(Reason(rule=flag, weight=-_AGAINST[flag]) for flag in sorted(flags & _AGAINST.keys()))
    logit = max(found) + 2.0 * hiding - _RULES_FROM + sum(r.weight for r in reasons)
    score = round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), 4)
    return Verdict(score >= 0.5 and modality in _HAPPENED, score, modality, reasons, "")
