"""Names of places in a text: what the gazetteer knows, and what a word like "village of" announces.

One pass over the words; each is looked up once for every prefix that it may carry, so the time is linear in the text.
"""

import re
from functools import lru_cache
from typing import Any

from agents.classify.places.cues import Cues, cues
from agents.classify.places.draft import ARTICLES
from agents.classify.places.fold import latin_skeleton, skeleton, tokens
from agents.classify.places.gazetteer import Entry, Gazetteer, Kind
from agents.classify.places.mention import Mention, Scan
from agents.classify.places.ordinary import frequent_words

_SOFT = re.compile(r"[ \u00a0_#\-\u2010-\u2013\"“”«»]{1,4}")
"""What may stand between two words of one name."""
_SENTENCE = re.compile(r"[.!?؟\n؛…]|،\s*و?(?:في حين|بينما)")
_POSSESSIVE = ("هم", "ها", "كم", "نا", "هن")
"""Endings of "their", "its", "your", "our": a word with one is no name."""
_TYPED = frozenset(
    {"village", "town", "camp", "prison", "neighbourhood", "neighborhood", "suburb", "hamlet", "airbase"}
)
"""English words beside which an unknown capitalized name is a place."""
_LEAD = 8
"""Characters that may stand before a place that opens a line: a hashtag, a bullet."""
_MOST = 400
"""Names after which reading stops: no text with so many tells of one incident."""
_LONGEST_NAME = 5
_LOOK_BACK = 4


def scan(text: str, gazetteer: Gazetteer) -> Scan:
    """Find every name of a place in a text."""
    return _Scanner(text, gazetteer).scan()


@lru_cache(maxsize=65536)
def _cuts(form: str) -> tuple[tuple[int, str], ...]:
    """Return the ways to read a word that may have the next sentence glued to it: (letters cut off, rest), whole first.

    Pages that lose their line breaks write `تشريناستشهاد` (Tishrin + martyrdom); only frequent words are cut off.
    """
    whole = ((0, form),)
    if len(form) < 9 or form.isascii() or form in frequent_words():
        return whole
    places = range(len(form) - 4, 3, -1)
    return whole + tuple((len(form) - at, form[:at]) for at in places if form[at:] in frequent_words())


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
        self.cased = any(word.capital for word in latin)

    def scan(self) -> Scan:
        found: list[Mention] = []
        at = 0
        while at < len(self.words) and len(found) < _MOST:
            mention = None if self.masked[at] else self._at(at)
            if mention is not None:
                mention = self._surroundings(mention)
                found.append(self._joined(found[-1], mention) if found else mention)
                at = mention.last + 1
            else:
                at += 1
        return Scan(tuple(self.words), tuple(self.sentence_of), tuple(found))

    def _at(self, at: int) -> Mention | None:
        """Find a name that begins here: a known one, an announced one, or one said to lie in a countryside."""
        word = self.words[at]
        mention = None
        if self.gazetteer.starts(word.form):
            mention = self._known(at)
            if mention is not None and self._idle(mention):
                return None
        if mention is None and (word.capital if not word.arabic else word.form in self.cues.types):
            mention = self._announced(at)
        if mention is None and word.arabic and self._is_countryside(at + 1):
            mention = self._contained(at)
        return mention

    def _idle(self, mention: Mention) -> bool:
        """Tell early that an ordinary word stands without any sign that a place is meant."""
        at = mention.first
        if mention.locative or mention.joined or not all(entry.common for entry in mention.entries):
            return False
        if at == 0 or self.text[self.words[at].start - 1] == "#" or self.text[self.words[at - 1].start - 1] == "#":
            return at == 0 and self.text[: self.words[0].start][-1:] != "#"
        after = self.words[mention.last + 1].form if mention.last + 1 < len(self.words) else ""
        signs = self.words[at - 1].form in self.cues.signs or after in self.cues.kinds or after in self.cues.signs
        return not signs and self.words[at - 1].form != "و"

    def _is_countryside(self, at: int) -> bool:
        """Tell whether "in the countryside" (or "in") stands here."""
        if at >= len(self.words):
            return False
        form = self.words[at].form
        return form == "في" or form in self.cues.countryside

    def _masks(self) -> list[bool]:
        masked = [False] * len(self.words)
        for at, word in enumerate(self.words):
            for phrase in self.cues.masks.get(word.form, ()):
                if len(phrase) > 1 and tuple(w.form for w in self.words[at + 1 : at + len(phrase)]) == phrase[1:]:
                    masked[at : at + len(phrase)] = [True] * len(phrase)
        return masked

    def _known(self, at: int) -> Mention | None:
        word = self.words[at]
        if not word.arabic and not self._may_name(at):
            return None
        spare: Mention | None = None
        whole = self._is_tagged(at) or (at > 0 and self.soft[at] and self.words[at - 1].form in self.cues.types)
        for prefix, form, longest in self.gazetteer.starts(word.form):
            if prefix and whole:
                continue  # neither `#فليون` nor `بلدة فليون` (the town of Falyun) is "so Lyon"
            for count in range(min(longest, self._stretch(at)), 0, -1):
                if count == 1 and (self._is_cue(form) or (form in self.cues.heads and self._goes_on(at))):
                    continue
                mention = self._named(at, at + count - 1, form, prefix)
                if mention is not None and not all(entry.weak for entry in mention.entries):
                    return mention
                spare = spare or (mention if not prefix else None)
        return spare

    def _named(self, first: int, last: int, form: str, prefix: str) -> Mention | None:
        """Look up the name from one word to another; what may be glued to its last word is tried without."""
        words = [form, *(word.form for word in self.words[first + 1 : last + 1])]
        for cut, end in _cuts(words[-1]):
            if entries := self.gazetteer.find(" ".join([*words[:-1], end])):
                return self._mention(first, last, entries, prefix, cut)
        return None

    def _is_cue(self, form: str) -> bool:
        return form in self.cues.directions or form in self.cues.types or form in self.cues.near

    def _may_name(self, at: int) -> bool:
        """Tell whether a Latin word can begin a name: capitalized where the text has capitals, and no acronym."""
        word = self.words[at]
        if word.form.isdigit() or (len(word.form) < 3 and word.form not in ARTICLES) or word.form in self.cues.calendar:
            return False
        acronym = self.text[word.start : word.end].isupper() and len(word.form) < 6
        return not self.cased or (word.capital and not acronym)

    def _goes_on(self, at: int) -> bool:
        return at + 1 < len(self.words) and self.soft[at + 1] and self.words[at + 1].form not in self.cues.not_names

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
        if not self.words[at].arabic:
            return self._announced_latin(at)
        hit = self.cues.types.get(self.words[at].form)
        nxt = at + 1
        if hit is None or not self.words[at].arabic or nxt >= len(self.words) or not self.soft[nxt]:
            return None
        kind = self.cues.kinds[hit[1]]
        if (
            kind is Kind.GOVERNORATE
            or (kind is Kind.DISTRICT and not self._is_tagged(nxt))
            or self.masked[nxt]
            or not self._is_name(nxt, kind)
            or self._known(nxt)
        ):
            return None
        last = self._name_end(nxt)
        alike = self.gazetteer.find(skeleton([word.form for word in self.words[nxt : last + 1]]))
        return self._mention(nxt, last, alike, "")._replace(misspelt=bool(alike))

    def _announced_latin(self, at: int) -> Mention | None:
        """Find "Makrana village" and "the village of Makrana": capitalized words beside a type word."""
        last, limit = at, at + 3
        if not self.cased or not self._is_capital(at) or (at and self.soft[at] and self._is_capital(at - 1)):
            return None
        while last + 1 < min(limit, len(self.words)) and self.soft[last + 1] and self._is_capital(last + 1):
            last += 1
        if alike := self._transcribed(at):
            return alike
        follows = last + 1 < len(self.words) and self.soft[last + 1] and self.words[last + 1].form in _TYPED
        leads = at >= 2 and self.soft[at] and self.words[at - 1].form == "of" and self.words[at - 2].form in _TYPED
        return self._mention(at, last, (), "") if follows or leads else None

    def _transcribed(self, at: int) -> Mention | None:
        """Find a capitalized name behind "near" or "in" that is a known one in another transcription: `al-Udhaim`."""
        begin = at - 1 if at and self.words[at - 1].form in ARTICLES and self.soft[at] else at
        if begin == 0 or not self.soft[begin] or self._read(self.words[begin - 1].form, {}) is None:
            return None
        last = at
        while last - at < 2 and self._goes_on(last) and self._is_capital(last + 1):
            last += 1
        entries = self.gazetteer.find(latin_skeleton([word.form for word in self.words[at : last + 1]]))
        return self._mention(begin, last, entries, "")._replace(misspelt=True) if entries else None

    def _contained(self, at: int) -> Mention | None:
        """Find an unusual word said to lie in a countryside: `في سرمدا بريف إدلب` (in Sarmada, Idlib countryside)."""
        word = self.words[at]
        if not word.arabic or len(word.form) < 4 or word.form in frequent_words() or not self._goes_on(at):
            return None
        nxt = self.words[at + 1].form
        hit = self.cues.countryside.get(nxt)
        inside = hit is not None and "ب" in hit[0]
        if not inside and nxt == "في" and self._goes_on(at + 1):
            inside = self.cues.countryside.get(self.words[at + 2].form) is not None
        if not inside or not self._is_name(at, Kind.VILLAGE) or at == 0:
            return None
        said = self._read(self.words[at - 1].form, {}) is not None or self.text[word.start - 1 : word.start] == "#"
        return self._mention(at, at, (), "") if said else None

    def _name_end(self, at: int) -> int:
        """Return the last word of an unknown name that begins here."""
        last = at
        if self._goes_on(at) and (self.words[at].form in self.cues.heads or self._is_second(at + 1)):
            last = at + 1
        form = self.words[last + 1].form if self._goes_on(last) else ""
        definite = form.startswith("ال") and self.words[last].form.startswith("ال")
        if (form in self.cues.sides and form.startswith("ال")) or (
            definite and not self._is_tagged(last + 1) and form not in self.cues.types
        ):  # `غريبة الشرقية` (Eastern Ghariba)
            last += 1
        return last

    def _is_tagged(self, at: int) -> bool:
        return self.text[max(0, self.words[at].start - 1) : self.words[at].start] == "#"

    def _is_second(self, at: int) -> bool:
        """Tell whether an unusual word closes a name: a side, a preposition, another place or nothing follows it."""
        form = self.words[at].form
        if form in frequent_words() or form.startswith(("و", "ب", "ل", "ف")) or self._read(form, {}) or len(form) < 3:
            return False
        return not self._goes_on(at) or self._read(self.words[at + 1].form, {}) is not None

    def _is_name(self, at: int, kind: Kind) -> bool:
        form = self.words[at].form
        if form in self.cues.not_names or not self.words[at].arabic or len(form) < 3:
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

    def _mention(self, first: int, last: int, entries: tuple[Entry, ...], prefix: str, cut: int = 0) -> Mention:
        start, end = self.words[first].start, self.words[last].end - cut
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

    def _surroundings(self, mention: Mention) -> Mention:
        """Read the type words, directions and prepositions on both sides of a name."""
        start, at = mention.start, mention.first - 1
        changes: dict[str, Any] = {}
        for _ in range(_LOOK_BACK):
            if at < 0 or not self.soft[at + 1]:
                break
            form = self.words[at].form
            read = self._read(form, changes)
            if read is None:
                break
            if changes.get("called") == "" and self._is_capital(at - 1):
                del changes["cue"], changes["called"]  # the type word belongs to the name before it
                break
            prefix, binds = read
            if "ب" in prefix:
                changes["locative"] = True
            start = self.words[at].start + len(prefix) if binds else start
            if changes.get("called") == "":
                changes["called"] = f"{self.text[start : self.words[at].end]} {mention.name}"
            at -= 1
        before = self.text[max(0, self.words[at + 1].start - 1) : self.words[at + 1].start]
        hashtag = before == "#" or self.text[max(0, mention.start - 1) : mention.start] == "#"
        changes["begin"] = at + 1
        changes["linked"] = at >= 0 and self.words[at].form in self.cues.links
        if self._leads(at + 1, mention.end):
            changes["lead"] = True
        after = mention.last + 1
        if after < len(self.words) and self.soft[after]:
            side = self.cues.sides.get(self.words[after].form)
            if side and (changes.get("countryside") or self.words[after].form.startswith("ال")):
                changes["direction"] = changes.get("direction") or side
        end = mention.end
        if not self.words[mention.first].arabic:
            changes |= self._latin_after(mention)
            end = max(end, changes.pop("end", 0))
        return mention._replace(start=start, end=end, hashtag=hashtag, **changes)

    def _leads(self, first: int, end: int) -> bool:
        """Tell whether a name opens a line and stands before a colon or bar."""
        start = self.words[first].start
        line = self.text[max(0, start - _LEAD) : start].rpartition("\n")[2]
        opens = not line.strip(" #\u200f\u2022*") and (len(line) < _LEAD or start <= _LEAD)
        return opens and self.text[end : end + 3].lstrip()[:1] in {":", "|"}

    def _latin_after(self, mention: Mention) -> dict[str, Any]:
        """Read what follows a Latin name: its type word ("Raqqa province") or more of a longer name."""
        after, changes = mention.last + 1, {"uncased": not self.cased}
        if after < len(self.words) and self.soft[after]:
            word = self.words[after]
            if word.form in self.cues.kinds:
                called = f"{mention.name} {self.text[word.start : word.end]}"
                return {**changes, "cue": self.cues.kinds[word.form], "called": called, "end": word.end}
            changes["partial"] = self._is_capital(after)
        return {**changes, "partial": changes.get("partial", False) or self._is_capital(mention.first - 1)}

    def _is_capital(self, at: int) -> bool:
        """Tell whether a Latin word looks like part of a name: capitalized, joined to its right neighbour, no cue."""
        if not 0 <= at < len(self.words) or self.words[at].arabic or not self.words[at].capital or not self.cased:
            return False
        form = self.words[at].form
        cue = form in self.cues.kinds or form in self.cues.calendar or self._read(form, {}) is not None
        return not cue and not form.isdigit() and (at + 1 >= len(self.words) or self.soft[at + 1] or self.soft[at])

    def _joined(self, previous: Mention, mention: Mention) -> Mention:
        """Let "and" carry over what was said of the place before: `في بلدتي نوى وطفس` (the towns of Nawa and Tafas)."""
        alone = self.words[mention.first - 1].form == "و" and previous.last + 2 == mention.first
        joined = alone or (mention.joined and previous.last + 1 == mention.first)
        if not joined:
            return mention._replace(joined=False)
        if mention.cue or mention.countryside or mention.near:
            return mention
        return mention._replace(
            cue=previous.cue,
            near=previous.near or previous.between,
            countryside=previous.countryside,
            locative=mention.locative or previous.locative,
            origin=mention.origin or previous.origin,
            joined=True,
        )

    def _read(self, form: str, changes: dict[str, Any]) -> tuple[str, bool] | None:
        """Note what one word before a name says; return its prefix and whether it belongs to the place."""
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
