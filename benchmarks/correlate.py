"""How many sightings a second one correlator folds, and whether that depends on how many incidents are open.

    python -m benchmarks.correlate [--open 1000 10000 100000] [--sightings 4096] [--repeat 3]

Incidents lie all over a region of 20 by 20 degrees in three days; sightings are short posts of invented words: a third
opens an incident, a third tells of an open one in other words, a sixth corrects its toll and a sixth copies a text.
They are read ahead in batches of 64, as the worker takes them from Kafka (`agents.lane`), and folded one by one.
Reading, fold, rows and index are in the figure, decoding and sending are not.

On a virtual machine whose neighbours take its cache the same code is half as fast in one second as in the next. So the
same stream is folded several times over, each time from the beginning and in a process of its own, and beside the rate
of every run stands the one that nothing disturbed: of every 256 sightings the fastest time of all runs, summed up.
Prints one JSON object.
"""

import argparse
import json
import random
import sys
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from agents.collector import leave_alone
from agents.correlate import Correlator, hear
from agents.lane import BATCH_MESSAGES
from benchmarks.alone import alone
from schemas import ids
from schemas.kinds import Accuracy, DocRole, EventType, Modality, Party, SourceKind, TollKind
from schemas.records import EventTime, Place, Sighting, Source, Toll

START = datetime(2026, 3, 1, tzinfo=UTC)
STRETCH = 4 * BATCH_MESSAGES
"""Sightings that are timed together."""
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


class World:
    """Invented incidents and posts about them."""

    def __init__(self, seed: int, incidents: int) -> None:
        self.chance = random.Random(seed)
        words = ["".join(self.chance.choices(LETTERS, k=self.chance.randint(3, 8))) for _ in range(20_000)]
        self.words, self.summed = words, list(accumulate(1 / (rank + 20) for rank in range(len(words))))
        self.number = 0
        self.incidents = [self.incident() for _ in range(incidents)]

    def incident(self) -> dict[str, Any]:
        """Where and when, and the words that tell of it."""
        lat, lon = self.chance.uniform(15, 35), self.chance.uniform(30, 50)
        name = "".join(self.chance.choices(LETTERS, k=6))
        return {
            "place": Place(
                name=name, lat=lat, lon=lon, country="SY", admin1=f"A{int(lat)}-{int(lon)}", accuracy=Accuracy.TOWN,
                geo_precision=1, where_prec=1,
            ),
            "hours": self.chance.uniform(0, 72),
            "killed": self.chance.randint(1, 9),
            "words": [name, *self.chance.choices(self.words, cum_weights=self.summed, k=24)],
        }  # fmt: skip

    def sighting(self, of: dict[str, Any], *, copy: bool = False, killed: int | None = None) -> Sighting:
        """A post about an incident: half its words, or all of them for a copy."""
        self.number += 1
        words = of["words"] if copy else [of["words"][0], *self.chance.sample(of["words"], 9)]
        words = [*words] if copy else [*words, *self.chance.choices(self.words, cum_weights=self.summed, k=8)]
        source = Source(id=f"s{self.chance.randrange(500)}", kind=SourceKind.FEED)
        moment = START + timedelta(hours=of["hours"] + self.chance.uniform(0, 3))
        toll = Toll(kind=TollKind.KILLED, party=Party.CIVILIANS, low=killed or of["killed"],
                    high=killed or of["killed"], said_by=source.id)  # fmt: skip
        return Sighting(
            post_id=ids.post_id(source.id, str(self.number)), source=source, native_id=str(self.number),
            text=" ".join(words), language="ar", relevant=True, score=0.9, doc_role=DocRole.NEW_INCIDENT,
            modality=Modality.ACTUAL, event_type=EventType.SHELLING_ROCKET, event_types=[EventType.SHELLING_ROCKET],
            place=of["place"], time=EventTime(event_start=moment - timedelta(hours=3), event_end=moment),
            tolls=[toll], published_at=moment,
        )  # fmt: skip

    def stream(self, length: int) -> list[Sighting]:
        """New incidents, further voices, new tolls and copies, mixed."""
        heard = []
        for _ in range(length):
            draw = self.chance.randrange(6)
            of = self.incident() if draw < 2 else self.chance.choice(self.incidents)
            heard.append(self.sighting(of, copy=draw == 5, killed=of["killed"] + 2 if draw == 4 else None))
        return heard


def once(incidents: int, sightings: int) -> tuple[list[float], dict[str, Any]]:
    """Open so many incidents, then fold so many sightings: the seconds that each stretch took, and what came of it."""
    world = World(7, incidents)
    correlator = Correlator()
    began = time.process_time()
    for of in world.incidents:
        correlator.apply(correlator.fold(world.sighting(of, copy=True)).puts)
    opening = time.process_time() - began
    leave_alone()  # as the worker does with what it remembers
    heard = world.stream(sightings)
    before = correlator.open_incidents
    rows, spent = 0, []
    for start in range(0, sightings, STRETCH):
        began = time.process_time()
        for ahead in range(start, start + STRETCH, BATCH_MESSAGES):
            batch = heard[ahead : ahead + BATCH_MESSAGES]
            for sighting, read in zip(batch, hear(batch), strict=True):
                fold = correlator.fold(sighting, read)
                correlator.apply(fold.puts)
                rows += sum(len(value or b"") for _, value in fold.puts)
        spent.append(time.process_time() - began)
    return spent, {
        "open_before": before,
        "opening_per_second": round(incidents / opening),
        "opened": correlator.open_incidents - before,
        "bytes_stored_per_sighting": round(rows / sightings),
    }


def run(incidents: int, sightings: int, repeat: int) -> dict[str, Any]:
    """The same several times over."""
    runs = [alone(once, incidents, sightings) for _ in range(repeat)]
    fastest = [min(times) for times in zip(*(spent for spent, _ in runs), strict=True)]
    return {
        **runs[-1][1],
        "sightings_per_second": [round(sightings / sum(spent)) for spent, _ in runs],
        "undisturbed": round(sightings / sum(fastest)),
    }


def memory(incidents: int) -> dict[str, Any]:
    """Memory of the index for each open incident of one post."""
    world = World(7, incidents)
    heard = [world.sighting(of, copy=True) for of in world.incidents]
    hear(heard[:1])  # what is loaded once and for all is not counted
    tracemalloc.start()
    correlator = Correlator()
    for sighting in heard:
        correlator.apply(correlator.fold(sighting).puts)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"open": correlator.open_incidents, "bytes_per_open_incident": round(held / incidents)}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--open", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--sightings", type=int, default=16 * STRETCH, help=f"a multiple of {STRETCH}")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.sightings % STRETCH or arguments.sightings < STRETCH:
        parser.error(f"--sightings must be a multiple of {STRETCH}")
    runs = [run(incidents, arguments.sightings, arguments.repeat) for incidents in arguments.open]
    rates = [run["undisturbed"] for run in runs]
    found = {
        "python": sys.version,
        "runs": runs,
        "slowest_to_fastest": round(max(rates) / min(rates), 2),
        "memory": memory(5_000),
    }
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
