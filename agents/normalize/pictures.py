"""Emoji that stand for a word of violence: read only where a noun must come (`سقوط 🚀 على`, "a 🚀 fell on")."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import LETTERS, SPACES, TATWEEL
from agents.normalize.words import key

_LISTS = tomllib.loads((files("agents.normalize.lexicon") / "emoji.toml").read_text(encoding="utf-8"))
_WORDS: dict[str, str] = _LISTS["words"]
_BEFORE = frozenset(key(word) for word in _LISTS["gaps"]["before"].split())
_PICTURE = "".join(_WORDS)
_FILLS = re.compile(
    rf"(?<![{LETTERS}])([{LETTERS}]{{1,12}}+)(?:{TATWEEL}++|[{SPACES}])?(([{_PICTURE}])\3{{0,3}})(?=[{SPACES}]?[{LETTERS}])"
)
_NEAR_PICTURE = re.compile(f"[{min(_PICTURE)}-{max(_PICTURE)}]")
"""One range is looked for faster than many characters."""
_HAS_PICTURE = re.compile(f"[{_PICTURE}]")
_ATTACHED = frozenset({"ب", "ل", "ال", "بال", "لل", "وال", "و"})
"""What is written onto the noun."""


def read_pictures(draft: Draft) -> None:
    """Read pictures in the place of a noun as that noun."""
    if _NEAR_PICTURE.search(draft.text) and _HAS_PICTURE.search(draft.text):
        draft.apply(_read(draft.text))


def _read(text: str) -> Iterator[Repair]:
    for match in _FILLS.finditer(text):
        before = match.group(1)
        apart = text[match.end(1)] in SPACES
        if key(before) not in _BEFORE or (before in _ATTACHED) == apart:
            continue
        start, end = match.span(2)
        word = _WORDS[match.group(3)]
        follows = text[end] not in SPACES
        yield Repair(match.end(1) + apart, end, word + " " * follows, "emoji", [start] * (len(word) + follows))
