"""People correct an incident: mute it, say that it is none, say where it was.

A correction changes the incident's own row and nothing else, so that it survives restarts, later posts and a replay,
and the same correction twice changes nothing.
"""

import msgspec

from agents.correlate import rows
from agents.correlate.fold import Fold
from agents.correlate.memory import Memory
from agents.correlate.rules import Rules
from agents.correlate.settle import current
from schemas.ids import digest
from schemas.kinds import FeedbackKind, IncidentState
from schemas.records import Feedback


def correct(memory: Memory, rules: Rules, feedback: Feedback) -> Fold:
    """What a correction changes; nothing where the incident is not known any more, or was merged into another."""
    entry = memory.entries.get(feedback.incident_id)
    if entry is None or entry.state is IncidentState.MERGED:
        return Fold()
    if feedback.feedback_id in entry.corrections:
        return Fold((current(memory, entry, rules),), (), None, entry.incident_id)
    corrected = msgspec.structs.replace(
        entry,
        corrections=[*entry.corrections, feedback.feedback_id],
        muted=entry.muted or feedback.kind is FeedbackKind.MUTE,
        dismissed=entry.dismissed or feedback.kind is FeedbackKind.NOT_AN_INCIDENT,
        place=feedback.place if feedback.kind is FeedbackKind.WRONG_PLACE else entry.place,
        revision=entry.revision + 1,
        digest=digest(entry.digest, feedback.feedback_id),
    )
    put = ("i:" + entry.incident_id, rows.encode(corrected))
    return Fold((current(memory, corrected, rules),), (put,), None, entry.incident_id)
