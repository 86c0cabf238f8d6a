"""Near-identical events in one town on one day: `python -m benchmarks.near_identical [SHARED]` prints JSON.

The hard case of joining: several quarters of one city are shelled on one day, neighbouring towns in one hour, one town
at several hours or every day, all told in much the same words. A wrong merge hides an attack, so wrong merges are
counted apart from repeated openings.

Streams are made from written forms (`near_identical_forms`): a few outlets tell of every attack in Arabic and English,
tolls differ (every other stream) or coincide, and some follow up with a higher toll and the city's name only. Which
report tells of which attack is known. Of every kind of stream:

* `pairs`: attacks of one stream taken two by two; `merged`: of these, how many have reports in one incident;
* `openings`: incidents per attack, as few as 1; `f1`: B-cubed over its reports;
* `follow-ups`: how many joined their own attack, another attack, or opened an incident.

With SHARED the same is told of pairs of real incidents of `ar_incidents`: of one town (10 km), on the same or the
next day.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any, Final, NamedTuple

from agents.bounds import bounded
from agents.classify import Classifier
from agents.correlate.places import kilometres
from agents.normalize import normalize
from agents.replay import Replay
from benchmarks.near_identical_forms import AT_ONCE, CITIES, COUNTRYSIDES, DEEDS, HOURS, Area, dead_in_all, toll
from benchmarks.same_incident import SET, Read
from schemas.codec import decode
from schemas.kinds import SourceKind
from schemas.records import Post, Sighting, Source

DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
KINDS: Final = ("quarters of a city", "neighbouring towns", "one town, several hours", "one town, next day")
NEAR_KM: Final = 10.0


class Told(NamedTuple):
    """A post, the attack that it tells of, and whether it only follows up."""

    post: Post
    attack: int
    follows: bool


class Attack(NamedTuple):
    """Where it is said to be in each language, what a follow-up calls the place, when, and the hour in words."""

    where: Area
    city: str
    at: datetime
    when: Area


def attacks(kind: str, rng: random.Random) -> list[Attack]:
    """Three attacks (two for the next day) of one kind of stream."""
    if kind == "quarters of a city":
        city = rng.choice(CITIES)
        starts = sorted(rng.sample(range(6, 19), 3))
        return [
            Attack(
                Area(f"حي {area.ar} في مدينة {city.ar}", f"the {area.en} district of {city.en}"),
                f"مدينة {city.ar}",
                DAY + timedelta(hours=hour),
                AT_ONCE,
            )
            for area, hour in zip(rng.sample(city.areas, 3), starts, strict=True)
        ]
    land = rng.choice(COUNTRYSIDES)
    if kind == "neighbouring towns":
        start = rng.randint(6, 18)
        return [
            _in_town(area, land, DAY + timedelta(hours=start, minutes=n * 20), AT_ONCE)
            for n, area in enumerate(rng.sample(land.areas, 3))
        ]
    town = rng.choice(land.areas)
    if kind == "one town, several hours":
        return [
            _in_town(town, land, DAY + timedelta(hours=hour), HOURS[hour])
            for hour in sorted(rng.sample(list(HOURS), 3))
        ]
    hour = rng.choice(list(HOURS))
    return [_in_town(town, land, DAY + timedelta(days=day, hours=hour), HOURS[hour]) for day in (0, 1)]


def _in_town(town: Area, land: Any, at: datetime, when: Area) -> Attack:
    where = Area(f"مدينة {town.ar} في ريف {land.ar}", f"the town of {town.en} in {land.en} province")
    return Attack(where, f"مدينة {town.ar}", at, when)


def stream(kind: str, seed: int) -> list[Told]:
    """The reports of one stream in order of publication."""
    rng = random.Random(f"{kind} {seed}")
    deed, found = rng.choice(DEEDS), list[Told]()
    of = attacks(kind, rng)
    tolls = rng.sample(range(2, 9), len(of)) if seed % 2 else [rng.randint(2, 5)] * len(of)

    def post(text: str, language: str, at: datetime) -> Post:
        outlet = Source(id=f"outlet-{rng.randint(1, 9)}", kind=SourceKind.FEED)
        return Post(source=outlet, native_id=str(len(found)), text=text, language=language, published_at=at)

    for n, (attack, dead) in enumerate(zip(of, tolls, strict=True)):
        for voice, language in enumerate(["ar"] * rng.randint(2, 3) + ["en"] * rng.randint(0, 1)):
            said = 0 if voice == 0 and rng.random() < 0.4 else dead
            form = rng.choice(deed.ar if language == "ar" else deed.en)
            where, when = getattr(attack.where, language), getattr(attack.when, language)
            text = form.format(where=where, when=when, toll=toll(language, said, rng))
            at = attack.at + timedelta(minutes=rng.randint(1, 15) if voice == 0 else rng.randint(10, 100))
            found.append(Told(post(text[0].upper() + text[1:], language, at), n, False))
        if rng.random() < 0.5:
            text = rng.choice(deed.follow).format(city=attack.city, dead=dead_in_all(dead + 1))
            at = attack.at + timedelta(minutes=rng.randint(110, 170))
            found.append(Told(post(text, "ar", at), n, True))
    return sorted(found, key=lambda one: (one.post.published_at, one.post.native_id))


def heard(classifier: Classifier, told: Sequence[Told]) -> list[str]:
    """The incident of every report; a report that was not taken up stands alone."""
    sightings = [classifier.classify(bounded(normalize(one.post))) for one in told]
    return homes([one.post for one in told], sightings)


def homes(posts: Sequence[Post], sightings: Sequence[Sighting]) -> list[str]:
    """The incident of every post; a post that was not taken up stands alone."""
    replay = Replay(Read(sightings))
    for post in posts:
        replay.step(post)
    replay.finish()
    return [replay.home(post.post_id) or f"none {n}" for n, post in enumerate(posts)]


def measured(streams: Sequence[tuple[Sequence[Told], Sequence[str]]]) -> dict[str, Any]:
    """The measures over streams of one kind."""
    pairs = merged = truth = opened = 0
    follow: Counter[str] = Counter()
    f1: list[float] = []
    for told, home in streams:
        first = [(one.attack, at) for one, at in zip(told, home, strict=True) if not one.follows]
        of: dict[int, set[str]] = defaultdict(set)
        for attack, at in first:
            of[attack].add(at)
        two = list(combinations(of, 2))
        pairs, merged = pairs + len(two), merged + sum(bool(of[a] & of[b]) for a, b in two)
        truth, opened = truth + len(of), opened + len({at for _, at in first})
        f1.append(bcubed(first))
        for one, at in zip(told, home, strict=True):
            if one.follows:
                own, others = at in of[one.attack], any(at in of[n] for n in of if n != one.attack)
                follow["own attack" if own else "another attack" if others else "opened"] += 1
    return {
        "pairs": pairs,
        "merged": merged,
        "merged_share": round(merged / pairs, 3),
        "incidents_per_attack": round(opened / truth, 2),
        "f1": round(fmean(f1), 3),
        "follow-ups": dict(sorted(follow.items())),
    }


def bcubed(rows: Sequence[tuple[int, str]]) -> float:
    """B-cubed F1 of (truth, found) rows."""
    precision = fmean(fmean(a == b for b, at in rows if at == found) for a, found in rows)
    recall = fmean(fmean(at == found for b, at in rows if b == a) for a, found in rows)
    return 2 * precision * recall / (precision + recall)


# ── pairs of real incidents ────────────────────────────────────────────────────────────────────────────────────────


def real_pairs(shared: Path, classifier: Classifier) -> dict[str, int]:
    """Pairs of gold incidents of one town on the same or the next day: apart, one, or touching."""
    raw = (shared / "eval" / "sets" / f"{SET}.jsonl").read_bytes().splitlines()
    posts, gold = [decode(line, Post) for line in raw], [json.loads(line)["gold"] for line in raw]
    sightings = [classifier.classify(bounded(normalize(post))) for post in posts]
    of: dict[str, list[int]] = defaultdict(list)
    for n, label in enumerate(gold):
        of[label["incident_id"]].append(n)
    home = homes(posts, sightings)
    found: Counter[str] = Counter()
    where = {incident: _where(gold[of[incident][0]], [sightings[n] for n in of[incident]]) for incident in of}
    for one, other in combinations(of, 2):
        a, b = where[one], where[other]
        days = date.fromisoformat(gold[of[one][0]]["event_date"]) - date.fromisoformat(gold[of[other][0]]["event_date"])
        if a is None or b is None or abs(days) > timedelta(days=1) or kilometres(*a, *b) > NEAR_KM:
            continue
        mine, theirs = Counter(home[n] for n in of[one]), Counter(home[n] for n in of[other])
        most = mine.most_common(1)[0][0], theirs.most_common(1)[0][0]
        day = "same day" if not days else "next day"
        found[f"{day}: pairs"] += 1
        found[
            f"{day}: one incident"
            if most[0] == most[1]
            else f"{day}: some posts mixed"
            if mine.keys() & theirs.keys()
            else f"{day}: apart"
        ] += 1
    return dict(sorted(found.items()))


def _where(label: dict[str, Any], sightings: Sequence[Sighting]) -> tuple[float, float] | None:
    """Coordinates by the gold label, else those that most posts were read to name."""
    if label["lat"] is not None:
        return float(label["lat"]), float(label["lon"])
    named = Counter(
        (s.place.lat, s.place.lon) for s in sightings if s.place and s.place.lat is not None and s.place.lon is not None
    )
    return next(((lat, lon) for (lat, lon), _ in named.most_common(1)), None)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path, nargs="?")
    parser.add_argument("--streams", type=int, default=30, help="streams of each kind")
    options = parser.parse_args()
    classifier = Classifier.default()
    found: dict[str, Any] = {}
    for kind in KINDS:
        streams = [stream(kind, seed) for seed in range(options.streams)]
        found[kind] = measured([(told, heard(classifier, told)) for told in streams])
    if options.shared is not None:
        found["real incidents of one town"] = real_pairs(options.shared, classifier)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
