"""Hidden words brought back: every pass in order, and what was done told word by word.

The order matters: characters first, because all others look at plain letters; then words torn apart; then repeats,
signs and look-alikes inside what is now one word.
"""

import re
from bisect import bisect_right

from agents.normalize.characters import repair_characters
from agents.normalize.draft import Draft, Repair
from agents.normalize.joining import join_words
from agents.normalize.latin import read_latin
from agents.normalize.letters import LETTERS
from agents.normalize.lookalikes import read_dotless, read_stars, read_substitutes
from agents.normalize.words import Words
from schemas.records.report import Edit

DELIBERATE = frozenset(
    {"split", "separator", "spaced", "invisible_inside", "substitute", "stars", "dotless", "latin", "emoji"}
)
"""Kinds of repairs that undo what somebody did on purpose."""

LISTED = DELIBERATE | {"variant", "presentation", "repeat", "hashtag"}
"""Kinds that change how a word reads and are therefore listed; vowel signs, spaces and strokes show in the offsets."""

_REPEAT = re.compile(rf"([{LETTERS}])\1{{2,}}+")
_UNDERSCORE = re.compile(rf"(?<=[{LETTERS}0-9])_++(?=[{LETTERS}0-9])")
_WORD = re.compile(r"[^\s\"'«»“”‘’()\[\]{}.,:;!?،؛؟…]+")


def reveal(draft: Draft, *, language: str, words: Words) -> None:
    """Bring hidden words of the draft back: Arabic ones in an Arabic text only, Latin ones in any language."""
    repair_characters(draft, arabic=language == "ar")
    if language == "ar":
        join_words(draft, words)
        draft.apply(Repair(*m.span(), m.group(1), "repeat", [m.start()]) for m in _REPEAT.finditer(draft.text))
        read_stars(draft, words)
        read_substitutes(draft, words)
        read_dotless(draft, words)
        draft.apply(Repair(*m.span(), " ", "hashtag", [m.start()]) for m in _UNDERSCORE.finditer(draft.text))
    read_latin(draft, words)


def edits_of(draft: Draft, *, shift: int = 0) -> list[Edit]:
    """What was done, one edit a word, in the coordinates of the source moved by `shift`."""
    if not draft.fixes:
        return []
    spans = [match.span() for match in _WORD.finditer(draft.text)]
    starts = [start for start, _ in spans]
    edits: dict[int, Edit] = {}
    for fix in draft.fixes:
        if fix.kind not in LISTED:
            continue
        at = bisect_right(starts, draft.place_of(fix.start)) - 1
        if at < 0:
            continue
        start, end = spans[at]
        first, last = draft.source_of(start), draft.source_of(end - 1) + 1
        known = edits.get(at)
        kind = fix.kind if known is None or (known.kind not in DELIBERATE and fix.kind in DELIBERATE) else known.kind
        edits[at] = Edit(
            kind=kind,
            start=min(first, fix.start, known.start - shift if known else first) + shift,
            end=max(last, fix.end, known.end - shift if known else last) + shift,
            after=draft.text[start:end],
        )
    return [edits[at] for at in sorted(edits)]
