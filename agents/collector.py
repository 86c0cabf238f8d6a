"""How often Python's collector of cycles looks through what a worker remembers.

Records form no cycles (`schemas.records.base`), and neither does what is remembered of them. What there is to collect
comes from exceptions and from asyncio, and dies young.
"""

import gc
from typing import Final

THRESHOLDS: Final = (20_000, 50, 10)
"""New objects before the youngest are looked at, and how often that before the older ones are.

With Python's own 700 the collector takes 10 % of a sighting's time at 10,000 open incidents, half of it by pushing
everything else out of the processor's caches (docs/decisions/0075).
"""


def leave_alone() -> None:
    """What is remembered now stays and need not be walked through again; what is new, seldom."""
    gc.set_threshold(*THRESHOLDS)
    gc.freeze()
