"""Names of places in a text: what the gazetteer knows, and what a word like "village of" announces.

One pass over the words; each is looked up once for every prefix that it may carry, so the time is linear in the text.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agents.classify.places.cues import Cues, bare, cues, strips
from agents.classify.places.draft import frequent_words
from agents.classify.places.fold import Token, tokens
from agents.classify.places.gazetteer import Entry, Gazetteer, Kind

_SOFT = re.compile(r"[ \u00a0_#\-\u2010-\u2013\"“”«»]{1,4}")
"""What may stand between two words of one name."""
_SENTENCE = re.compile(r"[.!?؟\n؛…]|،\s*و?(?:في حين|بينما)")
_LONGEST_NAME = 5
_LOOK_BACK = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in the text.

    Attributes:
        first: index of its first word (type words before it not included).
        last: index of its last word.
        start: where the statement starts in the text, with its type word ("village of …").
        end: where it ends.
        name: the name as written, without prefixes.
        entries: what the gazetteer knows by that name; empty for a name known only by its pattern.
        cue: what the text calls it ("village", "prison"), if anything.
        cue_word: that word as written.
        near: "near", "outskirts of".
        countryside: "countryside of".
        direction: "north of", "western countryside": the side, or "".
        between: the text speaks of the stretch between this place and the next.
        locative: a preposition or verb puts something there.
        hashtag: it is a hashtag.
        sentence: number of the sentence.
    """

    first: int
    last: int
    start: int
    end: int
    name: str
    entries: tuple[Entry, ...]
    cue: Kind | None = None
    cue_word: str = ""
    near: bool = False
    countryside: bool = False
    direction: str = ""
    between: bool = False
    locative: bool = False
    hashtag: bool = False
    sentence: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """A text's words and the places that it names, in order."""

    words: tuple[Token, ...]
    sentence_of: tuple[int, ...]
    mentions: tuple[Mention, ...]


def scan(text: str, gazetteer: Gazetteer) -> Scan:
    """Find every name of a place in a text."""
    return _Scanner(text, gazetteer).scan()


@lru_cache(maxsize=65536)
def _strips(form: str) -> tuple[tuple[str, str], ...]:
    return tuple(strips(form)) if form[0] in "وفبلك" else (("", form),)


class _Scanner:
    """The state of one pass."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        self.text = text
        self.gazetteer = gazetteer
        self.cues: Cues = cues()
        self.words = tokens(text)
        self.soft = [False] * (len(self.words) + 1)
        self.sentence_of: list[int] = []
        number = 0
        for at, word in enumerate(self.words):
            gap = text[self.words[at - 1].end : word.start] if at else ""
            self.soft[at] = gap == " " or bool(_SOFT.fullmatch(gap))
            number += gap != " " and bool(_SENTENCE.search(gap))
            self.sentence_of.append(number)
        self.masked = self._masks()
        latin = [word for word in self.words if not word.arabic]
        self.cased = any(word.capital for word in latin) and not all(word.capital for word in latin)

    def scan(self) -> Scan:
        found: list[Mention] = []
        at = 0
        while at < len(self.words):
            mention = None if self.masked[at] else self._known(at) or self._announced(at)
            if mention is not None:
                found.append(self._surroundings(mention))
                at = mention.last + 1
            else:
                at += 1
        return Scan(tuple(self.words), tuple(self.sentence_of), tuple(found))

    def _masks(self) -> list[bool]:
        masked = [False] * len(self.words)
        for at, word in enumerate(self.words):
            hit = bare(word.form, self.cues.masks)  # type: ignore[arg-type]
            for phrase in self.cues.masks[hit[1]] if hit else ():
                if len(phrase) > 1 and tuple(w.form for w in self.words[at + 1 : at + len(phrase)]) == phrase[1:]:
                    masked[at : at + len(phrase)] = [True] * len(phrase)
        return masked

    def _known(self, at: int) -> Mention | None:
        word = self.words[at]
        if not word.arabic and (not word.capital or word.form.isdigit()) and self.cased:
            return None
        for prefix, form in _strips(word.form):
            longest = self.gazetteer.longest(form)
            for count in range(min(longest, self._stretch(at)), 0, -1):
                last = at + count - 1
                key = " ".join([form, *(w.form for w in self.words[at + 1 : last + 1])])
                entries = self.gazetteer.find(key)
                if entries and not (prefix and all(entry.weak for entry in entries)):
                    return self._mention(at, last, tuple(entries), prefix)
        return None

    def _stretch(self, at: int) -> int:
        count = 1
        while (
            count < _LONGEST_NAME
            and at + count < len(self.words)
            and self.soft[at + count]
            and not self.masked[at + count]
        ):
            count += 1
        return count

    def _announced(self, at: int) -> Mention | None:
        """Find a name that the gazetteer does not know after a type word: `حي الانتفاضة` (the Intifada quarter)."""
        hit = bare(self.words[at].form, self.cues.types)  # type: ignore[arg-type]
        nxt = at + 1
        if hit is None or not self.words[at].arabic or nxt >= len(self.words) or not self.soft[nxt]:
            return None
        kind = self.cues.types[hit[1]]
        if (
            kind in {Kind.GOVERNORATE, Kind.DISTRICT}
            or self.masked[nxt]
            or not self._is_name(nxt, kind)
            or self._known(nxt)
        ):
            return None
        last = nxt
        if self.words[nxt].form in self.cues.heads and nxt + 1 < len(self.words) and self.soft[nxt + 1]:
            last = nxt + 1
        after = last + 1
        form = self.words[after].form if after < len(self.words) and self.soft[after] else ""
        if form in self.cues.directions and form.startswith("ال"):  # `غريبة الشرقية` (Eastern Ghariba)
            last = after
        return self._mention(nxt, last, (), "")

    def _is_name(self, at: int, kind: Kind) -> bool:
        form = self.words[at].form
        if form in self.cues.not_names or not self.words[at].arabic or len(form) < 3:
            return False
        if (
            form in self.cues.types
            or form in self.cues.directions
            or form in self.cues.near
            or form in self.cues.countryside
        ):
            return False
        if form in self.cues.heads or form not in frequent_words():
            return True
        return form.startswith("ال") and kind in {Kind.NEIGHBOURHOOD, Kind.VILLAGE, Kind.TOWN, Kind.CAMP}

    def _mention(self, first: int, last: int, entries: tuple[Entry, ...], prefix: str) -> Mention:
        start, end = self.words[first].start, self.words[last].end
        shown = self.text[start:end]
        if prefix:
            shown = self._without(prefix, shown)
        return Mention(
            first, last, start, end, shown.replace("_", " "), entries,
            locative="ب" in prefix, sentence=self.sentence_of[first],
        )  # fmt: skip

    @staticmethod
    def _without(prefix: str, shown: str) -> str:
        rest = shown[len(prefix) :]
        return "ا" + rest if prefix.endswith("ل") and rest.startswith("ل") else rest

    def _surroundings(self, mention: Mention) -> Mention:
        """Read the type words, directions and prepositions on both sides of a name."""
        start, at = mention.start, mention.first - 1
        changes: dict[str, object] = {}
        for _ in range(_LOOK_BACK):
            if at < 0 or not self.soft[at + 1]:
                break
            form = self.words[at].form
            read = self._read(form, changes)
            if read is None:
                break
            prefix, binds = read
            if "ب" in prefix:
                changes["locative"] = True
            start = self.words[at].start + len(prefix) if binds else start
            at -= 1
        before = self.text[max(0, self.words[at + 1].start - 1) : self.words[at + 1].start]
        hashtag = before == "#" or self.text[max(0, mention.start - 1) : mention.start] == "#"
        after = mention.last + 1
        if after < len(self.words) and self.soft[after]:
            side = self.cues.directions.get(self.words[after].form)
            if side and (changes.get("countryside") or self.words[after].form.startswith("ال")):
                changes["direction"] = changes.get("direction") or side
        return replace(mention, start=start, hashtag=hashtag, **changes)  # type: ignore[arg-type]

    def _read(self, form: str, changes: dict[str, object]) -> tuple[str, bool] | None:
        """Note what one word before a name says; return its prefix and whether it belongs to the place."""
        for vocabulary, field in (
            (self.cues.near, "near"),
            (self.cues.countryside, "countryside"),
            (self.cues.between, "between"),
        ):
            if hit := bare(form, vocabulary):
                changes[field] = True
                return hit[0], True
        if hit := bare(form, self.cues.types):  # type: ignore[arg-type]
            if "cue" not in changes:
                changes["cue"], changes["cue_word"] = self.cues.types[hit[1]], hit[1]
            return hit[0], True
        if hit := bare(form, self.cues.directions):  # type: ignore[arg-type]
            changes["direction"] = self.cues.directions[hit[1]]
            return hit[0], True
        if hit := bare(form, self.cues.locative):
            changes["locative"] = True
            return hit[0], False
        return None
