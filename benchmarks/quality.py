"""How well sets with gold labels are read: `python -m benchmarks.quality SHARED [SET …]` prints JSON.

Runs the replay of all stages over a set and calls the measures of SHARED/eval/score.py on what it writes. The Arabic
sets also train the shipped model: numbers on them are fitted; out-of-fold ones stand in `agents/classify/model/*.json`.
English is told twice: against the set's labels, and against what the set is made of (see docs/decisions/0032).
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from agents.replay import replay
from benchmarks.named import named
from schemas.codec import decode
from schemas.records import Post

SETS = ("ar_incidents", "ar_not_security", "ar_sentences", "en_relevance", "re3d")


def measures(shared: Path) -> ModuleType:
    """The scoring module beside the sets."""
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(shared: Path, name: str) -> dict[str, Any]:
    """The measures of one set; `re3d` is English names and numbers (benchmarks/named.py)."""
    if name == "re3d":
        return named(shared)
    score = measures(shared)
    raw = (shared / "eval" / "sets" / f"{name}.jsonl").read_bytes().splitlines()
    gold = [json.loads(line)["gold"] for line in raw]
    posts = [decode(line, Post) for line in raw]
    rows = list(zip(gold, (outcome.line for outcome in replay(posts)), strict=True))
    found = {
        "posts": len(rows),
        "relevance": score.relevance(rows),
        "killed": score.tolls(rows, "killed", "killed"),
        "injured": score.tolls(rows, "wounded", "injured"),
        "places": score.places(rows),
        "types": score.types(rows),
    }
    if name == "en_relevance":
        by_make = [({"relevant": p.source.id.startswith("satp")}, s) for p, (_, s) in zip(posts, rows, strict=True)]
        found["relevance_by_make"] = score.relevance(by_make)
    return {key: value for key, value in found.items() if value is not None}


def main() -> None:
    """Print one JSON object, a set a key."""
    shared = Path(sys.argv[1])
    print(json.dumps({name: run(shared, name) for name in sys.argv[2:] or SETS}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
