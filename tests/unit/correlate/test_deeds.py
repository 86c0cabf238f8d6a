"""Two attacks of another kind on one city on one day are two incidents, though English reports share many words."""

from dataclasses import dataclass

import pytest

from schemas.kinds import Accuracy, EventType, Party
from schemas.records import Sighting
from tests.unit.correlate.builders import Desk, place, sighting, toll


@dataclass(frozen=True)
class Told:
    """One report of a day in Raqqa."""

    text: str
    kind: EventType
    party: Party

    def by(self, outlet: str, minutes: float, accuracy: Accuracy = Accuracy.CITY) -> Sighting:
        where = place(accuracy=accuracy)
        return sighting(
            outlet, self.text, minutes, by=outlet, language="en", event_type=self.kind, place=where,
            tolls=[toll(2, party=self.party)],
        )  # fmt: skip


BOMB = Told(
    "Two civilians were killed on Monday when a roadside bomb struck a car in the Syrian city of Raqqa, residents said",
    EventType.IED_MINE,
    Party.CIVILIANS,
)
RAID = Told(
    "Two guards were killed on Monday when gunmen attacked a prison in the Syrian city of Raqqa, residents said",
    EventType.PRISON_ATTACK,
    Party.SECURITY_FORCES,
)
BLAST = Told(
    "A blast killed two guards in the Syrian city of Raqqa on Monday when gunmen struck a prison, residents said",
    EventType.SUICIDE_BOMBING,
    Party.UNKNOWN,
)


def incidents(*heard: Sighting) -> int:
    desk = Desk()
    for one in heard:
        desk.hear(one)
    return len(desk.incidents)


@pytest.mark.parametrize("turned", [False, True])
def test_a_bomb_that_kills_civilians_is_no_attack_on_a_prison(turned: bool) -> None:
    heard = [BOMB.by("one", 0), RAID.by("two", 30)]
    assert incidents(*(reversed(heard) if turned else heard)) == 2


def test_what_outlets_confuse_stays_one_incident() -> None:
    assert incidents(RAID.by("one", 0), BLAST.by("two", 30)) == 1


def test_a_village_seldom_sees_two_attacks_a_day() -> None:
    village = Accuracy.VILLAGE
    assert incidents(BOMB.by("one", 0, village), RAID.by("two", 30, village)) == 1
