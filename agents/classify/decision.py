"""Is it an incident? A calibrated model weighs words, rules and context; what the rules say of modality has a veto.

Languages without a trained model fall back on the rules alone: the strongest deed against the contexts beside it.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.classify.actors import actor_list
from agents.classify.events import VIOLENT, Evidence, Scene
from agents.classify.features import SENTENCE, SHORT_TEXT
from agents.classify.model import Observed, Scorer
from agents.classify.text import Reading
from schemas.kinds import EventType, Modality, SourceRole
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
_NEVER: Final = 1.1
"""No probability reaches it: what is only denied did not happen, unless there are victims as well."""
_TOLD_VICTIMS: Final = frozenset({"kill", "wound", "massacre"})
_LEAD_SENTENCES: Final = 3
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


def decide(
    scorer: Scorer, observed: Observed, reading: Reading, scenes: Sequence[Scene], evidence: Sequence[Evidence],
    modality: Modality,
) -> Verdict:  # fmt: skip
    """The model's probability against its threshold; without any deed found a report has to be surer.

    What a claim or a curfew says is relevant by definition; models trained on assaults know little of it, so such
    evidence carries the decision by itself.
    """
    scored = scorer.score(observed, reading.report.text)
    reasons = [Reason(rule=f"model.{name}", weight=round(weight, 3)) for name, weight in scored.strongest]
    probability = scored.probability
    for name, floor in carried(reading, scenes, observed.genre):
        reasons.append(Reason(rule=f"carried.{name}", weight=floor))
        probability = max(probability, floor)
    happened = modality in _HAPPENED
    bar = scorer.threshold if scored.bar is None else scored.bar
    if modality == Modality.NEGATED and not any(scene.tags & _TOLD_VICTIMS for scene in scenes):
        bar = _NEVER
    elif not (happened and deeds(evidence)) or _of_other_matters(scenes, observed.genre):
        bar = max(_SURE, bar)
    relevant = probability >= bar and (happened or any(scene.tags & VIOLENT for scene in scenes))
    told = Modality.ACTUAL if relevant and not happened else modality
    return Verdict(relevant, round(probability, 4), told, tuple(reasons), scorer.version)


_SHORT: Final = frozenset({"headline", "line"})
_APART: Final = frozenset({
    "flag_figurative", "flag_court", "flag_accident", "flag_sport", "flag_crime", "flag_culture", "flag_technology",
    "flag_anniversary", "flag_negated",
})  # fmt: skip
"""Out of fold 21 of 34 short texts whose first words speak of these were called wrongly between the bar and `_SURE`."""

_CROWDS: Final = frozenset({"mob", "riot"})
"""Supporters who fight each other are no match."""


def _of_other_matters(scenes: Sequence[Scene], genre: str) -> bool:
    """Whether a headline or a line speaks of a match, a film, a verdict … with the words of attacks."""
    return genre in _SHORT and bool(scenes and scenes[0].flags & _APART and not scenes[0].tags & _CROWDS)


_ELSEWHERE: Final = frozenset({
    "flag_historical", "flag_anniversary", "flag_hypothetical", "flag_negated", "flag_drill", "flag_accident",
    "flag_sport", "flag_culture", "flag_court", "flag_figurative", "flag_future",
})  # fmt: skip
_OTHER_TOPICS: Final = frozenset({"flag_sport", "flag_culture", "flag_economy", "flag_technology", "flag_court"})
_OUT_OF_CONTEXT: Final = frozenset({"prose", SENTENCE})
"""Genres in which claims, measures and protests are most often background, unless the text is a short one."""
_IMPOSED: Final = frozenset({"curfew", "emergency", "full_closure"})
_CLAIM_FLOOR, _MEASURE_FLOOR, _PROTEST_FLOOR, _VICTIMS_FLOOR = 0.8, 0.65, 0.55, 0.6
"""Set by judgement: above every threshold, below what a clear report of an attack reaches."""


def carried(reading: Reading, scenes: Sequence[Scene], genre: str) -> list[tuple[str, float]]:
    """Evidence that decides without the model: a claim, an imposed measure, a protest in the headline or first line.

    There also a condemned deed with its victims counted, and a body found with marks of violence.
    """
    found: dict[str, float] = {}
    first_hand = reading.report.source.role == SourceRole.CLAIMS
    topics = frozenset().union(*(scene.flags for scene in scenes)) & _OTHER_TOPICS
    out_of_context = genre in _OUT_OF_CONTEXT and len(reading.forms) > SHORT_TEXT
    for index, scene in enumerate(scenes):
        if scene.flags & _ELSEWHERE:
            continue
        if "claim" in scene.tags and (first_hand or (not out_of_context and _claimed_deed(scene))):
            found["claim"] = _CLAIM_FLOOR
        if out_of_context or topics:
            continue
        if scene.tags & _IMPOSED and index < _LEAD_SENTENCES:
            found["measure"] = _MEASURE_FLOOR
        if index == 0 and not scene.flags:
            if "protest" in scene.tags:
                found["protest"] = _PROTEST_FLOOR
            if _condemned(reading, scene):
                found["condemned"] = _VICTIMS_FLOOR
            if "kill" in scene.tags and {"part.found", "part.marks"} <= scene.tags:
                found["found_dead"] = _VICTIMS_FLOOR
    return sorted(found.items())


def _condemned(reading: Reading, scene: Scene) -> bool:
    """Whether a deed is condemned whose victims are counted: "the UN condemns the killing of six of its staff"."""
    if "condemn" not in scene.tags or not scene.tags & _TOLD_VICTIMS:
        return False
    first, end = scene.hits[0].first, scene.hits[-1].last + 1
    return "part.few" in scene.tags or any(form[0].isdecimal() for form in reading.forms[first:end])


def _claimed_deed(scene: Scene) -> bool:
    """Whether an armed group is named beside the word for claiming, and something violent."""
    named = {hit.tag.removeprefix("actor:") for hit in scene.hits if hit.tag.startswith("actor:")}
    armed = any(actor_list()[name].kind == "non_state_armed" for name in named)
    return armed and bool(scene.tags & VIOLENT)


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
