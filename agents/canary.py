"""What the correlator does with a canary: an incident of its own, which nothing joins and nothing remembers.

Every canary must come out as a new incident, whatever the one before it said, and none may touch what is known of real
ones. So it is folded by a correlator that knows nothing, and of it only one row is kept, the same for all, which shows
that the table's changelog takes rows.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from agents.correlate import Correlator, Fold
from schemas.canary import CANARY
from schemas.kinds import CapSeverity, Level
from schemas.records import Incident, Severity, Sighting

SAYS: Final = ("Test of marqab: nothing happened", "تجربة لمرقب: لم يحدث شيء")
"""Headlines, English and Arabic, for whoever overlooks the mark."""


def alone(make: Callable[[], Correlator], sighting: Sighting) -> Fold:
    """The canary's own incident, marked, and the one row."""
    fold = make().fold(sighting)
    row = (f"{CANARY}/last", sighting.post_id.encode())
    return msgspec.structs.replace(fold, incidents=tuple(marked(incident) for incident in fold.incidents), puts=(row,))


def marked(incident: Incident) -> Incident:
    """The incident as harmless as it is."""
    return msgspec.structs.replace(
        incident,
        theatre=CANARY,
        headline_en=SAYS[0],
        headline_ar=SAYS[1],
        severity=Severity(level=Level.LOW, points=0, cap=CapSeverity.MINOR, reasons=["a test"]),
        test=True,
    )
