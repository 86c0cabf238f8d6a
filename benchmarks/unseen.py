"""How short texts that no model was trained on are read: `python -m benchmarks.unseen` prints JSON.

The texts (`tests/corpus/unseen.tsv`) were written for this, in two rounds: texts in Arabic and English for each of
ACLED's 25 sub-events, in seven dialects, and headlines with attack words. None is trained on. The misses of the first
round ("read") were read while words were added to the lexicon: its figures flatter. The second ("fresh") was written
after that and is the honest one. `--misses` lists what is wrong.
"""

import json
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from agents.classify import Classifier
from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Sighting, Source

FILE: Final = Path(__file__).resolve().parents[1] / "tests" / "corpus" / "unseen.tsv"
_AT: Final = datetime(2026, 1, 2, 18, tzinfo=UTC)


class Text(NamedTuple):
    """A text, its round, the group it belongs to, and ACLED's sub-event of what it tells ("" for no incident)."""

    round: str
    group: str
    sub_event: str
    text: str


def texts() -> list[Text]:
    """All texts of the file."""
    rows = (line.split("\t") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [Text(when, group, "" if sub_event == "-" else sub_event, text) for when, group, sub_event, text, _ in rows]


def reader(classifier: Classifier) -> Any:
    """From a text to its sighting."""
    source = Source(id="unseen", kind=SourceKind.TELEGRAM)

    def read(row: Text) -> Sighting:
        as_title = row.group.startswith("headlines")
        post = Post(
            source=source, native_id=row.text[:20], published_at=_AT,
            title=row.text if as_title else None, text="" if as_title else row.text,
        )  # fmt: skip
        return classifier.classify(normalize(post))

    return read


def measure(rows: list[tuple[Text, Sighting]]) -> dict[str, Any]:
    """Relevance by group, and the mean F1 over sub-events of the texts that tell of one."""
    groups: dict[str, dict[str, int]] = defaultdict(lambda: {"incidents": 0, "missed": 0, "others": 0, "called": 0})
    for row, sighting in rows:
        group = groups[row.group]
        group["incidents" if row.sub_event else "others"] += 1
        if bool(row.sub_event) != sighting.relevant:
            group["missed" if row.sub_event else "called"] += 1
    types = {}
    for prefix in ("standard ar", "standard en"):
        told = [(row.sub_event, s.acled_sub_event_type or "") for row, s in rows if row.group == prefix]
        types[prefix] = {"macro_f1": _macro_f1(told), "right": sum(a == b for a, b in told), "of": len(told)}
    return {"relevance": dict(groups), "sub_events": types}


def _macro_f1(told: list[tuple[str, str]]) -> float:
    scores = []
    for kind in {gold for gold, _ in told}:
        both = sum(gold == kind == found for gold, found in told)
        scores.append(2 * both / sum((gold == kind) + (found == kind) for gold, found in told))
    return round(sum(scores) / len(scores), 3)


def main() -> None:
    """Print one JSON object."""
    read = reader(Classifier.default())
    rows = [(row, read(row)) for row in texts()]
    found = {when: measure([pair for pair in rows if pair[0].round == when]) for when in ("read", "fresh")}
    if "--misses" in sys.argv:
        found["misses"] = [
            f"{row.round} | {row.group} | {row.sub_event or None} | {s.acled_sub_event_type} {s.score} | {row.text}"
            for row, s in rows
            if bool(row.sub_event) != s.relevant or (row.sub_event and row.sub_event != (s.acled_sub_event_type or ""))
        ]
    print(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
