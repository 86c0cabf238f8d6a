"""A post's sighting with what follows from it alone, worked out once and kept while the post is remembered."""

from typing import Any

from agents.correlate.claims import is_claim
from agents.correlate.origins import has_voice, own_origins
from agents.correlate.roundups import is_roundup
from schemas.records import Sighting


class Said:
    """What one post says, and what it last contributed to an incident.

    The last contributions (`figures`, `statement`) stand beside all that they were worked out from, and are worked out
    anew where that has changed: they save work and change nothing.
    """

    __slots__ = ("figures", "is_claim", "is_roundup", "origins", "own", "post_id", "sighting", "speaks", "statement")

    def __init__(self, sighting: Sighting) -> None:
        self.sighting = sighting
        self.post_id = sighting.post_id
        self.is_claim = is_claim(sighting)
        self.is_roundup = is_roundup(sighting)
        self.speaks = has_voice(sighting) and not self.is_roundup
        """It can corroborate: not withdrawn, no claimant's words, no denial, no summary of the day."""
        self.origins = own_origins(sighting)
        """Its canonical origins; None where they depend on who else is heard."""
        self.own: list[Any] | None = None
        """Its figures, where they are the same whoever else is heard; see `ledger.foresee`."""
        self.figures: tuple[object, list[Any]] | None = None
        """Its figures as they were last; see `ledger`."""
        self.statement: tuple[object, Any] | None = None
        """See `content`."""
