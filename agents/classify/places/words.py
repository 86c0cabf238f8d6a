"""A text as words for finding places: what joins them, what hides them, and what a word before a name says."""

import re
from collections.abc import Iterable
from itertools import compress
from typing import Any

from agents.classify.places.cues import Cues, cues
from agents.classify.places.fold import cut
from agents.classify.places.gazetteer import Entry
from agents.classify.places.mention import Mention
from agents.remembered import remembering

_SOFT = re.compile(r"[ \u00a0_#\-\u2010-\u2013\"“”«»]{1,4}")
"""What may stand between two words of one name."""
_SENTENCE = re.compile(r"[.!?؟\n؛…]|،\s*و?(?:في حين|بينما)")
_LATIN = "\u05ff"
"""Words up to here are no Arabic ones."""
_LONGEST_TAG = 40
"""Characters of a hashtag before the name in it."""
_LONGEST_NAME = 5
_LONGEST_GAP = 20
"""Characters of what stands between two words up to which the answer is remembered."""


def _ends_sentence(gap: str) -> bool:
    return _SENTENCE.search(gap) is not None


@remembering(1024)
def _between(gap: str) -> tuple[bool, bool]:
    """Return whether two words with this between them may be one name, and whether it ends a sentence."""
    return _SOFT.fullmatch(gap) is not None, _ends_sentence(gap)


class Words:
    """The words of one text, and what stands between and around them."""

    def __init__(self, text: str) -> None:
        """Cut a text into words."""
        self.text = text
        self.cues: Cues = cues()
        self.forms, self.starts, self.ends, gaps = cut(text)
        self.distinct = frozenset(self.forms)
        """The forms, each once: what can be asked of a word is asked of these."""
        latin = self.places_of(form for form in self.distinct if form <= _LATIN)
        self.capitals = [at for at in latin if text[self.starts[at]].isupper()]
        """The places of Latin words that begin with a capital letter."""
        self.cased = bool(self.capitals)
        self.soft = soft = [False] * (len(self.forms) + 1)
        self.sentence_of = sentence_of = [0] * len(self.forms)
        number = 0
        for at, gap in enumerate(gaps):
            if gap == " ":
                soft[at] = True
            elif gap:
                soft[at], ends = _between(gap) if len(gap) < _LONGEST_GAP else (False, _ends_sentence(gap))
                number += ends
            sentence_of[at] = number
        self.masked = self._masks()

    def _masks(self) -> list[bool]:
        forms, masks = self.forms, self.cues.masks
        masked = [False] * len(forms)
        for at in self.places_of(form for form in self.distinct if form in masks):
            for phrase in masks[forms[at]]:
                if len(phrase) > 1 and tuple(forms[at + 1 : at + len(phrase)]) == phrase[1:]:
                    masked[at : at + len(phrase)] = [True] * len(phrase)
        return masked

    def places_of(self, wanted: Iterable[str]) -> list[int]:
        """The places of the words with these forms, in order."""
        found = frozenset(wanted)
        return list(compress(range(len(self.forms)), map(found.__contains__, self.forms))) if found else []

    def is_arabic(self, at: int) -> bool:
        """Tell whether a word is written in the Arabic script."""
        return self.forms[at] > _LATIN

    def begins_large(self, at: int) -> bool:
        """Tell whether a Latin word begins with a capital letter; words in other scripts always do."""
        return self.is_arabic(at) or self.text[self.starts[at]].isupper()

    def is_tagged(self, at: int) -> bool:
        """Tell whether a word is a hashtag."""
        start = self.starts[at]
        return start > 0 and self.text[start - 1] == "#"

    def in_hashtag(self, start: int) -> bool:
        """Tell whether a name stands in a hashtag: `#الباب`, `#مجزرة_الباب` (the massacre of al-Bab)."""
        begin = self.text.rfind("#", max(0, start - _LONGEST_TAG), start)
        return begin >= 0 and not any(c.isspace() for c in self.text[begin:start])

    def goes_on(self, at: int) -> bool:
        """Tell whether the next word may belong to the same name."""
        return at + 1 < len(self.forms) and self.soft[at + 1] and self.forms[at + 1] not in self.cues.not_names

    def stretch(self, at: int) -> int:
        """Count the words from here on that may be one name."""
        count = 1
        while (
            count < _LONGEST_NAME
            and at + count < len(self.forms)
            and self.soft[at + count]
            and not self.masked[at + count]
        ):
            count += 1
        return count

    def is_cue(self, form: str) -> bool:
        """Tell whether a word says what a place is or where it lies, and is no name itself."""
        return form in self.cues.directions or form in self.cues.types or form in self.cues.near

    def is_countryside(self, at: int) -> bool:
        """Tell whether "in the countryside" (or "in") stands here."""
        if at >= len(self.forms):
            return False
        form = self.forms[at]
        return form == "في" or form in self.cues.countryside

    def is_capital(self, at: int) -> bool:
        """Tell whether a Latin word looks like part of a name: capitalized, joined to its right neighbour, no cue."""
        if not 0 <= at < len(self.forms) or self.is_arabic(at) or not self.begins_large(at) or not self.cased:
            return False
        form = self.forms[at]
        cue = form in self.cues.kinds or form in self.cues.calendar or self.read(form, {}) is not None
        return not cue and not form.isdecimal() and (at + 1 >= len(self.forms) or self.soft[at + 1] or self.soft[at])

    def read(self, form: str, changes: dict[str, Any]) -> tuple[str, bool] | None:
        """Note what one word before a name says; return its prefix and whether it belongs to the place."""
        if form not in self.cues.signs:
            return None
        for vocabulary, field in (
            (self.cues.near, "near"),
            (self.cues.countryside, "countryside"),
            (self.cues.between, "between"),
        ):
            if hit := vocabulary.get(form):
                changes[field] = True
                changes["origin"] = False
                return hit[0], True
        if hit := self.cues.types.get(form):
            apart = form > "\u05ff" and "locative" in changes  # `سجن في الرقة`: a prison in Raqqa, not Raqqa Prison
            if apart or changes.keys() & {"near", "countryside", "direction", "between"}:
                return None  # `قرية بريف القنيطرة`: a village in Quneitra's countryside, not the village of Quneitra
            if "cue" not in changes:
                changes["cue"], changes["called"] = self.cues.kinds[hit[1]], ""
            return hit[0], True
        if hit := self.cues.directions.get(form):
            changes["direction"] = self.cues.sides[hit[1]]
            changes["origin"] = False
            return hit[0], True
        if hit := self.cues.locative.get(form):
            changes["locative"] = True
            changes["origin"] = False
            return hit[0], False
        if hit := self.cues.origin.get(form):
            changes["origin"] = not (changes.get("near") or changes.get("direction"))
            return hit[0], False
        return None

    def mention(self, first: int, last: int, entries: tuple[Entry, ...], prefix: str, cut: int = 0) -> Mention:
        """Make the mention of a name from one word to another; `cut` letters at its end belong to the next sentence."""
        start, end = self.starts[first], self.ends[last] - cut
        shown = self.text[start:end]
        if prefix:
            shown = self._without(prefix, shown)
            start += len(prefix) if self.text[start:end].endswith(shown) else 0
        return Mention(
            first, last, start, end, shown.replace("_", " "), entries,
            locative="ب" in prefix, joined=prefix.startswith("و"), sentence=self.sentence_of[first],
        )  # fmt: skip

    @staticmethod
    def _without(prefix: str, shown: str) -> str:
        rest = shown[len(prefix) :]
        return "ا" + rest if prefix.endswith("ل") and rest.startswith("ل") else rest
