"""How fast classify is on one core: `python benchmarks/classify.py` prints JSON, beside a bare regular-expression pass.

Texts are made here from the project's own corpus (tests/corpus and agents/classify/model/written.tsv): short posts as
they stand, articles of 2,000 characters strung together from them. CPU time is counted, after one warming pass.
`--articles POSTS.jsonl` reads real ones instead: its relevant texts of at least 1,900 characters, cut at 2,000, through
normalize and classify.
"""

import argparse
import json
import re
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.codec import decode
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


def whole_reading(path: Path, classifier: Classifier, most: int = 100) -> dict[str, float]:
    """Real articles a second through normalize and classify, beside the bare regular expression."""
    chosen: list[Post] = []
    with path.open("rb") as lines:
        for line in lines:
            post = decode(line, Post)
            cut = replace(post, text=(post.text or "")[: 2000 - len(post.title or "") - 1])
            if len(post.text or "") >= 1900 and classifier.classify(normalize(cut)).relevant:
                chosen.append(cut)
            if len(chosen) == most:
                break
    best = 0.0
    for _ in range(4):
        started = time.process_time()
        for post in chosen:
            classifier.classify(normalize(post))
        best = max(best, len(chosen) / (time.process_time() - started))
    limit = rate(lambda r: BARE.findall(r.text), [normalize(post) for post in chosen])
    return {"count": len(chosen), "regular expression": limit, "normalize and classify": round(best, 1)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, help="posts of which the long relevant ones are read")
    options = parser.parse_args()
    if options.articles:
        print(json.dumps(whole_reading(options.articles, Classifier.default()), indent=1))
        return
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
