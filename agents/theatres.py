"""One correlator per theatre: sightings meet only where they meet on Kafka, however many partitions there are.

A theatre is a region of the world whose countries share conflicts, actors and the people who report on them. Sightings
are keyed by theatre and not by country, because one incident does not stay within one country's reports: some name no
place, some name first the country of the attacker, of the victims or of those who condemn it, and some happen at a
border (docs/decisions/0042). A partition may hold several theatres. If they shared a correlator, what it joins and when
it forgets would depend on which theatres happen to share its partition, that is, on the number of partitions (law 3).
Rows carry the theatre before their key: `middle-east/i:…`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from agents.canary import alone
from agents.correlate import Correlator, Fold, Heard, hear
from schemas.canary import CANARY, is_canary
from schemas.errors import Inapplicable
from schemas.kinds import Accuracy
from schemas.records import Feedback, Sighting

Put = tuple[str, bytes | None]

HOME: Final = "middle-east"
"""The Arab states and their neighbours; also where a sighting is heard that tells of no country at all."""

_ELSEWHERE: Final = {
    "africa": (
        "AO BF BI BJ BW CD CF CG CI CM CV ER ET GA GH GM GN GQ GW KE LR LS MG ML MU MW MZ NA NE NG RW SC SL SN SS ST "
        "SZ TD TG TZ UG ZA ZM ZW"
    ),
    "americas": (
        "AG AR BB BO BR BS BZ CA CL CO CR CU DM DO EC GD GF GT GY HN HT JM KN LC MX NI PA PE PR PY SR SV TT US UY VC VE"
    ),
    "asia": (
        "AF AU BD BN BT CN FJ HK ID IN JP KG KH KP KR KZ LA LK MM MN MO MV MY NP NZ PG PH PK SB SG TH TJ TL TM TW UZ VN"
    ),
    "europe": (
        "AD AL AM AT AZ BA BE BG BY CH CZ DE DK EE ES FI FR GB GE GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO "
        "PL PT RO RS RU SE SI SK SM UA VA XK"
    ),
}
_THEATRE: Final = {country: theatre for theatre, countries in _ELSEWHERE.items() for country in countries.split()}


def theatre_of(sighting: Sighting) -> str:
    """What sightings are keyed by: the theatre of the event's country, else of the source's, else `HOME`.

    A country alone is often that of the attacker ("Russian aircraft") or of whoever condemns: where a text names
    nothing finer, its source's country and its language are the better witnesses.
    """
    if is_canary(sighting):
        return CANARY
    place, country = sighting.place, sighting.source.country
    if (place is not None and place.country and place.accuracy not in _COARSE) or (
        country is None and place is not None and sighting.language not in _SPOKEN_AT_HOME
    ):
        country = place.country
    return _THEATRE.get(country or "", HOME)


_COARSE: Final = frozenset({Accuracy.COUNTRY, Accuracy.REGION})
_SPOKEN_AT_HOME: Final = frozenset({"ar", "fa", "he", "ku", "ckb", "tr"})


class Theatres:
    """The correlators of one partition, seen as one."""

    def __init__(self, make: Callable[[], Correlator] = Correlator) -> None:
        """Start with nothing known.

        Args:
            make: makes the correlator of a theatre when its first sighting comes.
        """
        self._make = make
        self._of: dict[str, Correlator] = {}

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild everything from the stored rows."""
        stored: defaultdict[str, list[tuple[str, bytes]]] = defaultdict(list)
        for key, value in rows:
            theatre, _, own = key.partition("/")
            if theatre != CANARY:
                stored[theatre].append((own, value))
        self._of = {}
        for theatre, its_rows in stored.items():
            self._at(theatre).load(its_rows)

    def hear(self, sightings: Sequence[Sighting]) -> list[Heard]:
        """Read sightings that will be folded, wherever they are sent."""
        return hear(sightings)

    def fold(self, sighting: Sighting, theatre: str, heard: Heard | None = None) -> Fold:
        """Decide what a sighting changes in the theatre that it was sent to; `heard` as for `Correlator.fold`."""
        if theatre == CANARY:
            return alone(self._make, sighting)
        return _in(theatre, self._at(theatre).fold(sighting, heard))

    def correct(self, feedback: Feedback, theatre: str | None) -> Fold:
        """Decide what a person's correction changes; without a theatre (in replay) it is looked for in all.

        Raises:
            Inapplicable: it cannot be applied, in a sentence.
        """
        if theatre is None:
            theatre = next((name for name, its in self._of.items() if its.knows(feedback.incident_id)), HOME)
        if theatre not in self._of:
            raise Inapplicable(f"{feedback.incident_id} is not known here: nothing has been heard in {theatre!r}")
        return _in(theatre, self._of[theatre].correct(feedback))

    def settle(self, now: float | None = None) -> list[tuple[str, Fold]]:
        """What was held back and is due, by theatre; `now` as for `Correlator.settle`."""
        folds = ((theatre, self._of[theatre].settle(now)) for theatre in sorted(self._of))
        return [(theatre, _in(theatre, fold)) for theatre, fold in folds if fold.puts]

    def apply(self, puts: Iterable[Put]) -> None:
        """The decision has been carried out."""
        for key, value in puts:
            theatre, _, own = key.partition("/")
            if theatre != CANARY:
                self._at(theatre).apply([(own, value)])

    @property
    def open_incidents(self) -> int:
        """How many incidents further posts may still join."""
        return sum(correlator.open_incidents for correlator in self._of.values())

    @property
    def claims_waiting(self) -> int:
        """How many claims no incident has been found for yet."""
        return sum(correlator.claims_waiting for correlator in self._of.values())

    def _at(self, theatre: str) -> Correlator:
        if theatre not in self._of:
            self._of[theatre] = self._make()
        return self._of[theatre]


def _in(theatre: str, fold: Fold) -> Fold:
    """The same with the theatre in the incidents, so that people's feedback finds it, and before the rows' keys."""
    incidents = tuple(msgspec.structs.replace(incident, theatre=theatre) for incident in fold.incidents)
    return msgspec.structs.replace(
        fold, incidents=incidents, puts=tuple((f"{theatre}/{key}", row) for key, row in fold.puts)
    )
