"""Posts a second through all four stages on one core, beside reading and writing the same posts (the limit).

`python -m benchmarks.replay POSTS.jsonl [--runs 5]` prints JSON. The ratio is what counts: machines differ.
"""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from agents.replay import Replay
from schemas.codec import decode, encode
from schemas.records import Post


def identity(raws: list[bytes]) -> None:
    """Every post through the codec once a stage and back: what four stages cost that do nothing."""
    for raw in raws:
        post = decode(raw, Post)
        for _ in range(4):
            post = decode(encode(post), Post)


def full(raws: list[bytes]) -> None:
    """Every post through the four stages."""
    run = Replay()
    for raw in raws:
        outcome = run.step(decode(raw, Post))
        for alert in outcome.alerts:
            encode(alert)


def posts_per_second(work: Callable[[list[bytes]], None], raws: list[bytes], runs: int) -> list[float]:
    """Speeds of all runs but a first one that warms up, in CPU time of this process."""
    speeds = []
    for _ in range(runs + 1):
        began = time.process_time()
        work(raws)
        speeds.append(len(raws) / (time.process_time() - began))
    return speeds[1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("posts", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    raws = [line for line in options.posts.read_bytes().splitlines() if line.strip()]
    stages = posts_per_second(full, raws, options.runs)
    limit = posts_per_second(identity, raws, options.runs)
    print(
        json.dumps(
            {
                "posts": len(raws),
                "mean_characters": round(statistics.mean(len(decode(raw, Post).original) for raw in raws)),
                "replay_posts_per_second": {
                    "median": round(statistics.median(stages)),
                    "all": list(map(round, stages)),
                },
                "identity_posts_per_second": {"median": round(statistics.median(limit))},
                "share_of_identity": round(statistics.median(stages) / statistics.median(limit), 4),
                "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
