"""English names and numbers against re3d (documents on Syria and Iraq with entities marked), for `benchmarks.quality`.

Only proper names are asked for: places and organisations that start with a capital ("our camp" and "the group" are
marked there as well). A place counts as found where one of its names is; an organisation where an actor of the list
stands in it; a number where a counted quantity is read there.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.classify import actors, events
from agents.classify.languages import LANGUAGES
from agents.classify.lexicon import load
from agents.classify.matching import Matcher
from agents.classify.places import Gazetteer, find_places
from agents.classify.quantities import Counter, quantities
from agents.classify.text import read
from agents.normalize import normalize
from schemas.kinds import SourceKind
from schemas.records import Post, Source

AT = datetime(2017, 1, 1, tzinfo=UTC)
SOURCE = Source(id="re3d", kind=SourceKind.FEED)
Gold = dict[str, Any]


def documents(folder: Path) -> Iterator[tuple[str, str, list[Gold]]]:
    """Id, text and marked entities of every document."""
    for path in sorted(folder.glob("*/documents.json")):
        marked: dict[str, list[Gold]] = defaultdict(list)
        for line in path.with_name("entities.json").read_text("utf-8").splitlines():
            entity = json.loads(line)
            marked[entity["documentId"]].append(entity)
        for line in path.read_text("utf-8").splitlines():
            document = json.loads(line)
            yield document["_id"], document["text"], marked[document["_id"]]


def named(shared: Path) -> dict[str, Any]:
    """Found and marked names and numbers, with precision where a reading can be held against a mark."""
    gazetteer, lexicon, language = Gazetteer.default(), load("en"), LANGUAGES["en"]
    counter = Counter(lexicon, language)
    terms = [(words, term.tag, term.exact) for term in lexicon.terms for words in term.words]
    matcher = Matcher(language, terms + counter.phrases() + list(actors.phrases("en")))
    tally: dict[str, int] = defaultdict(int)
    for native_id, text, marks in documents(shared / "data" / "re3d"):
        report = normalize(Post(source=SOURCE, native_id=native_id, text=text, published_at=AT))
        places = [p.evidence for p in find_places(report, gazetteer) if p.evidence is not None]
        _names(tally, {_bare(text[e.start : e.end]) for e in places}, marks)
        reading = read(report)
        scenes = events.scenes(reading, matcher.find(reading))
        spans = [report.to_original(*reading.span(m.first, m.last)) for m in actors.mentions(reading, scenes)]
        _spans(tally, "organisations", spans, [m for m in marks if m["type"] == "Organisation" and _proper(m["value"])])
        beside = [m for m in marks if m["type"] in {"Organisation", "Nationality", "Person"}]
        tally["actors"] += len(spans)
        tally["actors_marked"] += sum(any(_overlap(span, mark) for mark in beside) for span in spans)
        counted = [
            report.to_original(*reading.span(q.first, q.last))
            for (first, end), scene in zip(reading.sentences, scenes, strict=True)
            for q in quantities(counter, reading, first, end, scene.at).values()
            if q.numbered
        ]
        _spans(tally, "numbers", counted, [m for m in marks if m["type"] == "Quantity"])
    return dict(tally)


def _bare(name: str) -> str:
    return name.lower().removeprefix("the ").strip(" .,’'")


def _proper(value: str) -> bool:
    first = value.removeprefix("The ").removeprefix("the ")
    return first[:1].isupper() and first.lower() not in {"we", "they", "it", "our", "their", "you", "group", "foreign"}


def _names(tally: dict[str, int], found: set[str], marks: list[Gold]) -> None:
    places = {_bare(m["value"]) for m in marks if m["type"] == "Location"}
    proper = {_bare(m["value"]) for m in marks if m["type"] == "Location" and _proper(m["value"])}
    tally["places_marked"] += len(proper)
    tally["places_found"] += sum(any(name in place or place in name for name in found) for place in proper)
    tally["places_read"] += len(found)
    tally["places_read_marked"] += sum(any(name in place or place in name for place in places) for name in found)


def _spans(tally: dict[str, int], kind: str, found: list[tuple[int, int]], marks: list[Gold]) -> None:
    tally[f"{kind}_marked"] += len(marks)
    tally[f"{kind}_found"] += sum(any(_overlap(span, mark) for span in found) for mark in marks)


def _overlap(span: tuple[int, int], mark: Gold) -> bool:
    return bool(span[0] < mark["end"] and mark["begin"] < span[1])
