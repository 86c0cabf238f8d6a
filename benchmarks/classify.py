"""How fast classify is on one core: `python benchmarks/classify.py` prints JSON, beside a bare regular-expression pass.

Texts are made here from the project's own corpus (tests/corpus and agents/classify/model/written.tsv): short posts as
they stand, articles of 2,000 characters strung together from them. CPU time is counted, after one warming pass.
"""

import json
import re
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Report, Source

ROOT = Path(__file__).resolve().parents[1]
AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
BARE = re.compile(r"(\d+)\s*(?:قتيل|قتلى|شهيد|شهداء|جريح|جرحى)|هجوم|انفجار|قصف|مقتل|اشتباك|اغتيال|خطف|اعتقال|غارة")


def reports(texts: Sequence[str]) -> list[Report]:
    """Normalized posts of these texts."""
    source = Source(id="benchmark", kind=SourceKind.FEED, country="SY")
    posts = (Post(source=source, native_id=str(i), text=text, published_at=AT) for i, text in enumerate(texts))
    return [normalize(post) for post in posts]


def rate(step: Callable[[Report], Any], batch: Sequence[Report]) -> float:
    """Reports a second of CPU time, the better of three passes after a warming one."""
    best = 0.0
    for attempt in range(4):
        started = time.process_time()
        for report in batch:
            step(report)
        if attempt:
            best = max(best, len(batch) / (time.process_time() - started))
    return round(best)


def main() -> None:
    """Measure and print."""
    lines = (ROOT / "agents" / "classify" / "model" / "written.tsv").read_text("utf-8").splitlines()
    told = [line.split("\t")[2] for line in lines if line.startswith("1\tar")]
    corpus = [json.loads(line) for line in (ROOT / "tests" / "corpus" / "posts.jsonl").read_text("utf-8").splitlines()]
    short = reports([*told, *(row["text"] for row in corpus)] * 3)
    joined = ". ".join(told)
    articles = reports([(joined[i * 37 % 1500 :] + ". " + joined)[:2000] for i in range(40)])
    classifier = Classifier.default()
    result = {
        "unit": "reports per second of CPU time, one core",
        "short posts": {
            "count": len(short),
            "regular expression": rate(lambda r: BARE.findall(r.text), short),
            "prefilter": rate(classifier.concerns, short),
            "classify": rate(classifier.classify, short),
        },
        "articles of 2,000 characters": {
            "count": len(articles),
            "regular expression": rate(lambda r: BARE.findall(r.text), articles),
            "prefilter": rate(classifier.concerns, articles),
            "classify": rate(classifier.classify, articles),
        },
        "resident MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
