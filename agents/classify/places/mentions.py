"""Names of places in a text: what the gazetteer knows, and what a word like "village of" announces.

One pass over the words; each is looked up once for every prefix that it may carry, so the time is linear in the text.
"""

from agents.classify.places.around import joined, surroundings
from agents.classify.places.gazetteer import Gazetteer
from agents.classify.places.mention import Mention, Scan
from agents.classify.places.quarters import quarters
from agents.classify.places.unlisted import Unlisted

_MOST = 400
"""Names after which reading stops: no text with so many tells of one incident."""


def scan(text: str, gazetteer: Gazetteer) -> Scan:
    """Find every name of a place in a text."""
    return _Scanner(text, gazetteer).scan()


class _Scanner(Unlisted):
    """The state of one pass."""

    def scan(self) -> Scan:
        found: list[Mention] = []
        behind = 0
        self.quarters = quarters(self, self.gazetteer)
        for at in self._openings():
            if at < behind or self.masked[at]:
                continue
            mention = self._at(at)
            if mention is not None:
                mention = surroundings(self, mention)
                found.append(joined(self, found[-1], mention) if found else mention)
                behind = mention.last + 1
                if len(found) == _MOST:
                    break
        return Scan(self.forms, self.starts, self.sentence_of, tuple(found))

    def _openings(self) -> list[int]:
        """The words at which a name may begin: most words are none, and nothing further is asked of them."""
        types, heads, starts = self.cues.types, self.cues.heads, self.gazetteer.starts
        countryside = self.cues.countryside
        found = set(self.places_of(form for form in self.distinct if form in types or form in heads or starts(form)))
        found |= set(self.capitals)
        for at in self.places_of(form for form in self.distinct if form in countryside):
            found |= {at - 1, at - 2} if at > 1 else {0} if at else set()  # `سرمدا بريف`, `سرمدا في ريف`
        return sorted(found | self.quarters.keys())

    def _at(self, at: int) -> Mention | None:
        """Find a name that begins here: a known one, an announced one, or one said to lie in a countryside."""
        arabic = self.is_arabic(at)
        mention = self.quarters.get(at)
        if mention is not None:
            return mention
        if self.gazetteer.starts(self.forms[at]):
            name = self.name(at)
            if name is not None and self.idle(name):
                return None
            mention = None if name is None else self.of(name)
        if mention is None and (self.forms[at] in self.cues.types if arabic else self.begins_large(at)):
            mention = self.announced(at)
        if mention is None and arabic and self.is_countryside(at + 1):
            mention = self.contained(at)
        if mention is None and arabic:
            mention = self.respelt(at)
        return mention
