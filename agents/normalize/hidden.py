"""Hidden words brought back: every pass in order, and what was done told word by word.

The order matters: characters first, because all others look at plain letters; then words torn apart; then repeats,
signs and look-alikes inside what is now one word.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from agents.normalize.arabizi import read_arabizi
from agents.normalize.backwards import read_backwards
from agents.normalize.characters import repair_characters
from agents.normalize.dotless import read_dotless, read_swapped_dots
from agents.normalize.draft import Draft, Fix, Repair
from agents.normalize.glued import separate_words
from agents.normalize.joining import join_words
from agents.normalize.latin import read_latin
from agents.normalize.letters import LETTERS
from agents.normalize.lookalikes import read_stars, read_substitutes
from agents.normalize.pictures import read_pictures
from agents.normalize.spelling import shorten_repeats
from agents.normalize.words import Words, key
from agents.normalize.wrapped import unwrap_words
from schemas.records.report import Edit

DELIBERATE = frozenset(
    {"split", "separator", "spaced", "invisible_inside", "substitute", "stars", "dotless", "latin", "emoji"}
)
"""Kinds of repairs that undo what somebody did on purpose."""

LISTED = DELIBERATE | {"variant", "presentation", "repeat"}
"""Kinds that change how a word reads and are therefore listed; vowel signs, spaces and strokes show in the offsets."""

_ROUNDS = 4
_ADDRESS = re.compile(r"(?:https?://|www\.|@)\S++")
_UNSEEN = "invisible_inside"
_UNDERSCORE = re.compile(rf"(?<=[{LETTERS}0-9])_++(?=[{LETTERS}0-9])")
_WORD = re.compile(r"[^\W_]+")

_Pass = Callable[[Draft, Words], object]


def reveal(draft: Draft, *, language: str, words: Words) -> None:
    """Bring hidden words of the draft back: Arabic ones in an Arabic text only, Latin ones in any language.

    One repair may lay open another, so the passes go round until nothing changes; a second `reveal` does nothing.
    """
    repair_characters(draft, words=words if language == "ar" else None)
    passes = (*_ARABIC, read_latin) if language == "ar" else (read_latin,)
    idle: dict[_Pass, str] = {}
    for _ in range(_ROUNDS):
        before = draft.text
        for repair in passes:
            _run(repair, draft, words, idle)
        if draft.text == before and language == "ar":
            _run(read_backwards, draft, words, idle)  # when all else is plain
        if draft.text == before:
            return


def _run(repair: _Pass, draft: Draft, words: Words, idle: dict[_Pass, str]) -> None:
    """Run a pass, unless it has found nothing to do in this very text before."""
    text = draft.text
    if idle.get(repair) is not text:
        repair(draft, words)
        if draft.text is text:
            idle[repair] = text


def _read_underscores(draft: Draft, _words: Words) -> None:
    if "_" in draft.text:
        draft.apply(_underscores(draft.text))


_ARABIC: tuple[_Pass, ...] = (
    lambda draft, _: read_pictures(draft),
    lambda draft, _: read_arabizi(draft),
    join_words,
    unwrap_words,
    shorten_repeats,
    separate_words,
    read_stars,
    read_substitutes,
    read_dotless,
    read_swapped_dots,
    _read_underscores,
)
"""The passes for Arabic texts, in their order."""


def _underscores(text: str) -> Iterator[Repair]:
    """Underscores of hashtags are spaces; those of addresses and user names stay."""
    addresses = iter([match.span() for match in _ADDRESS.finditer(text)] + [(len(text), len(text))])
    start, end = next(addresses)
    for match in _UNDERSCORE.finditer(text):
        while end <= match.start() < len(text) and end < len(text):
            start, end = next(addresses)
        if not start <= match.start() < end:
            yield Repair(*match.span(), " ", "hashtag", [match.start()])


def edits_of(draft: Draft, words: Words, *, shift: int = 0) -> list[Edit]:
    """What was done, one edit a word, in the coordinates of the source moved by `shift`."""
    fixes = [fix for fix in draft.fixes if fix.kind in LISTED]
    if not fixes:
        return []
    spans = [match.span() for match in _WORD.finditer(draft.text)]
    starts = [start for start, _ in spans]
    by_word: dict[int, list[Fix]] = {}
    for fix in fixes:
        at = bisect_right(starts, draft.place_of(fix.start)) - 1
        if at >= 0:
            by_word.setdefault(at, []).append(fix)
    edits = []
    for at in sorted(by_word):
        start, end = spans[at]
        after, done = draft.text[start:end], by_word[at]
        edits.append(
            Edit(
                kind=_kind_of(after, done, words),
                start=shift + min(draft.source_of(start), *(fix.start for fix in done)),
                end=shift + max(draft.source_of(end - 1) + 1, *(fix.end for fix in done)),
                after=after,
            )
        )
    return edits


def _kind_of(word: str, fixes: list[Fix], words: Words) -> str:
    """The most telling kind among the fixes of one word.

    One character without a shape comes from copying; several, or one in a word that people hide, do not.
    """
    kinds = [fix.kind for fix in fixes]
    for kind in kinds:
        if kind in DELIBERATE and kind != _UNSEEN:
            return kind
    if _UNSEEN in kinds and (kinds.count(_UNSEEN) > 1 or words.interesting(key(word))):
        return _UNSEEN
    return next((kind for kind in kinds if kind != _UNSEEN), "invisible")
