"""What three parsers' test suites expect of the entries in their files: title, link, dates, id.

Nothing of the files is copied: they are read where the development data lies.
"""

import ast
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FIELDS = ("title", "link", "published", "updated", "id")


@dataclass(frozen=True)
class Expected:
    """One field of one entry."""

    entry: int
    field: str
    value: object


def feed_files(folder: Path) -> list[Path]:
    """Every feed document (not the expectations beside them)."""
    documents = [*folder.rglob("*.xml"), *folder.rglob("*.json")]
    return sorted(path for path in documents if not _is_expectation(path))


def _is_expectation(path: Path) -> bool:
    if path.suffix != ".json":
        return False
    if path.name.endswith((".serde.json", "_expected.json")) or path.with_suffix(".xml").exists():
        return True
    return "translator/rss" in str(path) or "translator/atom" in str(path)


def expectations(path: Path) -> list[Expected]:
    """What is expected of this file; empty where nothing is said about these fields."""
    if "feedparser" in path.parts:
        return _of_feedparser(path)
    if "feed-rs" in path.parts:
        return _of_feed_rs(path)
    return _of_gofeed(path)


_CLAIM = re.compile(
    r"entries\[(\d+)\]\[u?'(title|link|id|published_parsed|updated_parsed)'\] == (.+?)(?: and |$)", re.DOTALL
)


def _of_feedparser(path: Path) -> list[Expected]:
    """`Expect: not bozo and entries[0]['title'] == u'…'` in a comment at the top; dates are time tuples."""
    text = path.read_bytes().decode("utf-8", "replace")
    claim = re.search(r"Expect:\s*(.*?)\s*-->", text, re.DOTALL)
    found = []
    for index, field, literal in _CLAIM.findall(claim[1] if claim else ""):
        try:
            value = ast.literal_eval(literal.strip())
        except (ValueError, SyntaxError):
            continue
        if field.endswith("_parsed"):
            value = datetime(*value[:6], tzinfo=UTC) if value else None
        found.append(Expected(int(index), field.removesuffix("_parsed"), value))
    return found


def _of_feed_rs(path: Path) -> list[Expected]:
    """A neighbour `NAME.serde.json` with the whole model."""
    model = path.with_name(path.stem + ".serde.json")
    if not model.exists():
        return []
    found = []
    for index, entry in enumerate(json.loads(model.read_text("utf-8")).get("entries", [])):
        title = (entry.get("title") or {}).get("content")
        links = [link["href"] for link in entry.get("links", []) if link.get("rel") in {None, "alternate"}]
        found.append(Expected(index, "title", title))
        if links:
            found.append(Expected(index, "link", links[0]))
        if entry.get("published"):
            found.append(Expected(index, "published", datetime.fromisoformat(entry["published"])))
    return found


def _of_gofeed(path: Path) -> list[Expected]:
    """A neighbour `NAME.json` (or `NAME_expected.json`); dates as RFC 3339."""
    beside = path.with_suffix(".json") if path.suffix == ".xml" else path.with_name(path.stem + "_expected.json")
    if not beside.exists():
        return []
    model = json.loads(beside.read_text("utf-8"))
    found = []
    for index, entry in enumerate(model.get("items") or model.get("entries") or []):
        for field, names in (
            ("title", ("title",)),
            ("link", ("link", "url")),
            ("published", ("publishedParsed", "pubDateParsed", "date_published")),
            ("id", ("guid", "id")),
        ):
            value = next((entry[name] for name in names if entry.get(name) is not None), None)
            value = value["value"] if isinstance(value, dict) else value
            if value is not None:
                found.append(Expected(index, field, datetime.fromisoformat(value) if field == "published" else value))
    return found
