"""The canary: a known post that goes through everything and comes out as an alert marked as a test.

It is told from real posts by its source's name and by `test`; it meets no other post, so that it can neither join an
incident nor hide one, and what it leads to says of itself that nothing happened.
"""

from typing import Final

from schemas.records import Incident, Sighting

CANARY: Final = "canary"
"""Id of its source, and the theatre in which it is heard, alone."""


def is_canary(sighting: Sighting) -> bool:
    """Whether the sighting is of a canary; a source of the operator's that is merely marked `test` is none."""
    return sighting.test and sighting.source.id == CANARY


def of_canary(incident: Incident) -> bool:
    """Whether a canary led to the incident."""
    return incident.test and incident.theatre == CANARY
