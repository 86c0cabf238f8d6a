"""Places: how many are found where they are, and how fast; prints one JSON object.

Usage: python benchmarks/places.py [--shared FOLDER] [--gazetteer FILE]

Quality needs the development data (`../shared` beside the checkout, or MARQAB_SHARED): posts of located incidents, and
articles on sport, culture, economy and technology, in which every place is harmless and every wrong word is not.
`incidents_unlisted` measures the same posts with a gazetteer that lacks the coordinates of these very incidents: what
to expect of places that no list has. Speed is measured on one core, beside a bare regular expression that only splits
words.
"""

import argparse
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from agents.classify.places import Gazetteer, find_places, main_place
from agents.classify.places import build as builder
from agents.classify.places.draft import save
from agents.classify.places.gazetteer import BUILT_IN, km
from agents.classify.places.sources import ATTRIBUTION, SOURCES
from agents.classify.places.store import Names, Store, write
from agents.normalize import normalize
from schemas.kinds import PlaceRole
from schemas.records import Place, Post, Report

Gold = dict[str, object]


def posts(path: Path) -> Iterator[tuple[Gold, Report]]:
    """Read an evaluation set as reports with their gold labels."""
    with path.open(encoding="utf8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row.pop("gold"), normalize(msgspec.convert(row, Post, strict=False))


def located(read: list[tuple[Gold, Report]], gazetteer: Gazetteer) -> dict[str, object]:
    """Compare main places with gold coordinates."""
    known = said = right = 0
    for gold, report in read:
        if gold.get("lat") is None:
            continue
        known += 1
        place = main_place(find_places(report, gazetteer), report)
        if place is not None and place.lat is not None and place.lon is not None:
            said += 1
            right += km(float(str(gold["lat"])), float(str(gold["lon"])), place.lat, place.lon) <= 10
    return {
        "posts": known,
        "located": said,
        "within_10_km": right,
        "right_of_all": round(right / known, 3),
        "right_of_located": round(right / said, 3),
    }


def named(read: list[tuple[Gold, Report]], gazetteer: Gazetteer) -> dict[str, object]:
    """Count the places found in texts that tell of no incident."""
    found: list[Place] = [place for _, report in read for place in find_places(report, gazetteer)]
    happened = [place for place in found if place.role is not PlaceRole.CONTEXT]
    return {
        "articles": len(read),
        "places": len(found),
        "below_country": sum(place.accuracy.value != "country" for place in found),
        "by_pattern": sum(place.method == "pattern" for place in found),
        "in_an_event_role": len(happened),
    }


def unlisted(shared: Path, read: list[tuple[Gold, Report]]) -> Gazetteer:
    """Build the gazetteer without the coordinates that stand in the gold labels."""
    gold = {
        (round(float(str(g["lat"])), 4), round(float(str(g["lon"])), 4)) for g, _ in read if g.get("lat") is not None
    }
    drafts = builder.gather(shared / "data" / "geo")
    kept = [d for d in drafts if d.lat is None or (round(d.lat, 4), round(d.lon or 0, 4)) not in gold]
    path = Path(tempfile.mkdtemp()) / "unlisted.gaz"
    save(path, kept, SOURCES, ATTRIBUTION)
    return Gazetteer(path)


def rate(work: Callable[[Report], object], reports: list[Report]) -> float:
    """Return reports a second of one core's time, the better of two passes."""
    best = 0.0
    for _ in range(2):
        began = time.process_time()
        for report in reports:
            work(report)
        best = max(best, len(reports) / max(time.process_time() - began, 1e-9))
    return round(best)


def look_ups(count: int) -> float:
    """Return microseconds for a look-up among `count` names."""
    names = Names()
    for number in range(count):
        names.add(f"name {number}", 0)
    path = Path(tempfile.mkdtemp()) / "big.gaz"
    write(path, [Store(BUILT_IN).row(0)], names, [], [])
    store = Store(path)
    keys = [f"name {number * 7919 % (2 * count)}" for number in range(20_000)]
    began = time.process_time()
    for key in keys:
        store.find(key)
    return round((time.process_time() - began) / len(keys) * 1e6, 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("MARQAB_SHARED", "../shared")))
    parser.add_argument("--gazetteer", type=Path)
    options = parser.parse_args()
    gazetteer = Gazetteer.default(options.gazetteer)
    told: dict[str, object] = {
        "names": gazetteer.names,
        "places": gazetteer.places,
        "bytes": BUILT_IN.stat().st_size,
        "look_up_microseconds": {str(count): look_ups(count) for count in (5_000, 50_000, 500_000)},
    }
    sets = options.shared / "eval" / "sets"
    if sets.is_dir():
        incidents = list(posts(sets / "ar_incidents.jsonl"))
        other = list(posts(sets / "ar_not_security.jsonl"))
        told["incidents"] = located(incidents, gazetteer)
        told["incidents_unlisted"] = located(incidents, unlisted(options.shared, incidents))
        told["not_security"] = named(other, gazetteer)
        for name, read in (("posts", incidents), ("articles", other)):
            reports = [report for _, report in read]
            told[f"{name}_per_second"] = {
                "characters": round(sum(len(report.text) for report in reports) / len(reports)),
                "places": rate(lambda report: main_place(find_places(report, gazetteer), report), reports),
                "bare_regular_expression": rate(lambda report: re.findall(r"\w+", report.text), reports),
            }
    print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
