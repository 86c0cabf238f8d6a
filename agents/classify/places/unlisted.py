"""Names that no list has: what a word like "village of" announces, or a countryside contains."""

from collections import Counter
from functools import cached_property

from agents.classify.places.draft import ARTICLES
from agents.classify.places.fold import latin_skeleton, skeleton
from agents.classify.places.gazetteer import Kind
from agents.classify.places.known import Names
from agents.classify.places.mention import Mention
from agents.classify.places.ordinary import frequent_words

_POSSESSIVE = ("هم", "ها", "كم", "نا", "هن")
"""Endings of "their", "its", "your", "our": a word with one is no name."""
_TYPED = frozenset(
    {"village", "town", "camp", "prison", "neighbourhood", "neighborhood", "suburb", "hamlet", "airbase"}
)
"""English words beside which an unknown capitalized name is a place."""


_NATIONS = frozenset({
    "syrian", "iraqi", "turkish", "iranian", "lebanese", "jordanian", "saudi", "yemeni", "egyptian", "libyan",
    "sudanese", "tunisian", "algerian", "moroccan", "kurdish", "palestinian", "israeli", "somali", "afghan",
    "pakistani", "indian", "nigerian", "malian", "russian", "ukrainian",
})  # fmt: skip
"""Beside "city" and behind a direction they are no names: "in the northern Syrian city of Raqqa"."""


_LONGER, _SOME = 4, 4
"""Letters of a longer word, and words in a sentence, from which its capitals can be judged."""


class Unlisted(Names):
    """The words of one text, of which some are names only by what stands beside them."""

    def announced(self, at: int) -> Mention | None:
        """Find a name that the gazetteer does not know after a type word: `حي الانتفاضة` (the Intifada quarter)."""
        if not self.is_arabic(at):
            return self._announced_latin(at)
        hit = self.cues.types.get(self.forms[at])
        nxt = at + 1
        if hit is None or not self.is_arabic(at) or nxt >= len(self.forms) or not self.soft[nxt]:
            return None
        kind = self.cues.kinds[hit[1]]
        if (
            kind is Kind.GOVERNORATE
            or (kind is Kind.DISTRICT and not self.is_tagged(nxt))
            or self.masked[nxt]
            or not self._is_name(nxt, kind)
            or self.known(nxt)
        ):
            return None
        last = self._name_end(nxt)
        alike = self.gazetteer.find(skeleton(self.forms[nxt : last + 1]))
        return self.mention(nxt, last, alike, "")._replace(misspelt=bool(alike))

    @cached_property
    def _in_capitals(self) -> frozenset[int]:
        """Sentences of which every longer word is capitalized, "ISIS Attempts Prison Break": no sign of names."""
        capital, longer = Counter[int](), Counter[int]()
        for at, (form, sentence) in enumerate(zip(self.forms, self.sentence_of, strict=True)):
            if not self.is_arabic(at) and len(form) >= _LONGER:
                longer[sentence] += 1
                capital[sentence] += self.begins_large(at)
        return frozenset(sentence for sentence, all_of in longer.items() if _SOME <= all_of == capital[sentence])

    def _announced_latin(self, at: int) -> Mention | None:
        """Find "Makrana village" and "the village of Makrana": capitalized words beside a type word."""
        last, limit = at, at + 3
        if self.forms[at] in _NATIONS or self.sentence_of[at] in self._in_capitals:
            return None
        if not self.cased or not self.is_capital(at) or (at and self.soft[at] and self.is_capital(at - 1)):
            return None
        while last + 1 < min(limit, len(self.forms)) and self.soft[last + 1] and self.is_capital(last + 1):
            last += 1
        if alike := self._transcribed(at):
            return alike
        follows = last + 1 < len(self.forms) and self.soft[last + 1] and self.forms[last + 1] in _TYPED
        leads = at >= 2 and self.soft[at] and self.forms[at - 1] == "of" and self.forms[at - 2] in _TYPED
        return self.mention(at, last, (), "") if follows or leads else None

    def _transcribed(self, at: int) -> Mention | None:
        """Find a capitalized name behind "near" or "in" that is a known one in another transcription: `al-Udhaim`."""
        begin = at - 1 if at and self.forms[at - 1] in ARTICLES and self.soft[at] else at
        if begin == 0 or not self.soft[begin] or self.read(self.forms[begin - 1], {}) is None:
            return None
        last = at
        while last - at < 2 and self.goes_on(last) and self.is_capital(last + 1):
            last += 1
        entries = self.gazetteer.find(latin_skeleton(self.forms[at : last + 1]))
        return self.mention(begin, last, entries, "")._replace(misspelt=True) if entries else None

    def contained(self, at: int) -> Mention | None:
        """Find an unusual word said to lie in a countryside: `في سرمدا بريف إدلب` (in Sarmada, Idlib countryside)."""
        form, start = self.forms[at], self.starts[at]
        if not self.is_arabic(at) or len(form) < 4 or form in frequent_words() or not self.goes_on(at):
            return None
        nxt = self.forms[at + 1]
        hit = self.cues.countryside.get(nxt)
        inside = hit is not None and "ب" in hit[0]
        if not inside and nxt == "في" and self.goes_on(at + 1):
            inside = self.cues.countryside.get(self.forms[at + 2]) is not None
        if not inside or not self._is_name(at, Kind.VILLAGE) or at == 0:
            return None
        said = self.read(self.forms[at - 1], {}) is not None or self.text[start - 1 : start] == "#"
        return self.mention(at, at, (), "") if said else None

    def respelt(self, at: int) -> Mention | None:
        """Find a name of two words in another spelling: `معرة النعسان` for Maarat Nasan."""
        if self.forms[at] not in self.cues.heads or not self.goes_on(at) or self.masked[at + 1]:
            return None
        entries = self.gazetteer.find(skeleton(self.forms[at : at + 2]))
        return self.mention(at, at + 1, entries, "")._replace(misspelt=True) if entries else None

    def _name_end(self, at: int) -> int:
        """Return the last word of an unknown name that begins here."""
        last = at
        if self.goes_on(at) and (self.forms[at] in self.cues.heads or self._is_second(at + 1)):
            last = at + 1
        form = self.forms[last + 1] if self.goes_on(last) else ""
        definite = form.startswith("ال") and self.forms[last].startswith("ال")
        if (form in self.cues.sides and form.startswith("ال")) or (
            definite and not self.is_tagged(last + 1) and form not in self.cues.types
        ):  # `غريبة الشرقية` (Eastern Ghariba)
            last += 1
        return last

    def _is_second(self, at: int) -> bool:
        """Tell whether an unusual word closes a name: a side, a preposition, another place or nothing follows it."""
        form = self.forms[at]
        if form in frequent_words() or form.startswith(("و", "ب", "ل", "ف")) or self.read(form, {}) or len(form) < 3:
            return False
        return not self.goes_on(at) or self.read(self.forms[at + 1], {}) is not None

    def _is_name(self, at: int, kind: Kind) -> bool:
        form = self.forms[at]
        if form in self.cues.not_names or not self.is_arabic(at) or len(form) < 3:
            return False
        if form in self.cues.near or form in self.cues.countryside or form in self.cues.between:
            return False
        if form in self.cues.types or form in self.cues.directions:
            return False
        if form in self.cues.heads:
            return True
        if form.endswith(_POSSESSIVE) and not form.startswith("ال"):
            return False
        if form not in frequent_words():
            return kind is not Kind.SITE or not (
                form[0] == "ي" or "ال" + form in frequent_words() or form.startswith(("لل", "ب", "ل", "و"))
            )
        if form.startswith("لل") or "ال" + form in frequent_words():
            return False
        return form.startswith("ال") and kind is not Kind.SITE
