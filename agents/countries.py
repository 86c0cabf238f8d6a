"""One correlator per country: sightings meet only where they meet on Kafka, however many partitions there are.

Sightings are keyed by country, and a partition holds several countries. If they shared a correlator, what it joins and
when it forgets would depend on which countries happen to share its partition, that is, on the number of partitions
(law 3). Rows carry the country before their key: `SY/i:…`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from agents.correlate import Correlator, Fold
from schemas.records import Sighting

Put = tuple[str, bytes | None]

NOWHERE = "-"
"""Key of sightings without a country."""


def country_key(sighting: Sighting) -> str:
    """What sightings are keyed by: country of the event, else of the source, else `-`."""
    place = sighting.place.country if sighting.place else None
    return place or sighting.source.country or NOWHERE


class Countries:
    """The correlators of one partition, seen as one."""

    def __init__(self, make: Callable[[], Correlator] = Correlator) -> None:
        """Start with nothing known.

        Args:
            make: makes the correlator of a country when its first sighting comes.
        """
        self._make = make
        self._of: dict[str, Correlator] = {}

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild everything from the stored rows."""
        stored: defaultdict[str, list[tuple[str, bytes]]] = defaultdict(list)
        for key, value in rows:
            country, _, own = key.partition("/")
            stored[country].append((own, value))
        self._of = {}
        for country, its_rows in stored.items():
            self._at(country).load(its_rows)

    def fold(self, sighting: Sighting, country: str) -> Fold:
        """Decide what a sighting changes in the country that it was sent to."""
        fold = self._at(country).fold(sighting)
        return replace(fold, puts=tuple((f"{country}/{key}", row) for key, row in fold.puts))

    def apply(self, puts: Iterable[Put]) -> None:
        """The decision has been carried out."""
        for key, value in puts:
            country, _, own = key.partition("/")
            self._at(country).apply([(own, value)])

    @property
    def open_incidents(self) -> int:
        """How many incidents further posts may still join."""
        return sum(correlator.open_incidents for correlator in self._of.values())

    @property
    def claims_waiting(self) -> int:
        """How many claims no incident has been found for yet."""
        return sum(correlator.claims_waiting for correlator in self._of.values())

    def _at(self, country: str) -> Correlator:
        if country not in self._of:
            self._of[country] = self._make()
        return self._of[country]
