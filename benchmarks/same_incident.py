"""How well posts are joined into incidents: `python -m benchmarks.same_incident SHARED [--out-of-fold]` prints JSON.

Replays `ar_incidents` through all stages and scores the final incidents with SHARED/eval/score.py. The classifier was
trained on the same posts: with `--out-of-fold` a post counts as relevant only where a model that has not seen its
incident says so (five folds, as `python -m agents.train` makes them; takes minutes). The points of joining were chosen
looking at both halves of the set by date (every other ten days), and each half is told apart.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from agents.bounds import bounded
from agents.classify import Classifier
from agents.normalize import normalize
from agents.replay import Replay
from benchmarks.quality import measures
from schemas.codec import decode
from schemas.records import Post, Report, Sighting

SET = "ar_incidents"
TEN_DAYS = 864_000


class Read:
    """A classifier that has read everything before, and may have been told what is relevant."""

    def __init__(self, sightings: Sequence[Sighting]) -> None:
        self._of = {sighting.post_id: sighting for sighting in sightings}

    def classify(self, report: Report) -> Sighting:
        """What was read."""
        return self._of[report.post_id]


def unseen(shared: Path) -> list[bool]:
    """For every post of the set whether a model that has not seen its incident calls it relevant."""
    import numpy as np  # noqa: PLC0415 - training needs what the measure without it does not

    from agents import train  # noqa: PLC0415

    found = list(train.examples(shared, "ar"))
    x, kinds = train.matrix(Classifier.default(), found, "ar")
    y = np.array([example.label for example in found])
    weights = np.array([example.weight for example in found])
    groups = [example.group for example in found]
    odds, folds = train.out_of_fold(x, y, weights, groups, train.STRENGTH["ar"], train.SEEDS[0])
    slope, shift = train._platt(odds, y, weights)
    called = train.nested(found, np.array(kinds), slope * odds + shift, folds)
    return [bool(c) for c, example in zip(called, found, strict=True) if example.origin == SET]


def run(shared: Path, posts: list[Post], gold: list[dict[str, Any]], sightings: list[Sighting]) -> dict[str, Any]:
    """The scoring's measures, with shares."""
    replay, alerts = Replay(Read(sightings)), []
    for post in posts:
        alerts += [{"kind": str(alert.kind)} for alert in replay.step(post).alerts]
    alerts += [{"kind": str(alert.kind)} for alert in replay.finish()]
    lines = [{"incident_id": replay.home(post.post_id)} for post in posts]
    found: dict[str, Any] = measures(shared).bcubed(list(zip(gold, lines, strict=True)), alerts)
    found["mixed_share"] = round(found["mixed_incidents"] / found["predicted_incidents"], 3)
    found["opening_per_gold_incident"] = round(found["alerts_opening_an_incident"] / found["gold_incidents"], 2)
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--out-of-fold", action="store_true")
    options = parser.parse_args()
    raw = (options.shared / "eval" / "sets" / f"{SET}.jsonl").read_bytes().splitlines()
    posts = [decode(line, Post) for line in raw]
    gold = [json.loads(line)["gold"] for line in raw]
    classifier = Classifier.default()
    sightings = [classifier.classify(bounded(normalize(post))) for post in posts]
    if options.out_of_fold:
        called = unseen(options.shared)
        sightings = [
            msgspec.structs.replace(s, relevant=s.relevant and c) for s, c in zip(sightings, called, strict=True)
        ]
    halves = [int(post.published_at.timestamp() // TEN_DAYS) % 2 for post in posts]
    found = {"relevant": sum(s.relevant for s in sightings), "all": run(options.shared, posts, gold, sightings)}
    for half in (0, 1):
        of = [n for n, its in enumerate(halves) if its == half]
        parts = ([posts[n] for n in of], [gold[n] for n in of], [sightings[n] for n in of])
        found[f"half {half + 1}"] = run(options.shared, *parts)
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
