"""Names of places in a text: what the gazetteer knows, and what a word like "village of" announces.

One pass over the words; each is looked up once for every prefix that it may carry, so the time is linear in the text.
"""

from agents.classify.places.around import joined, surroundings
from agents.classify.places.gazetteer import Gazetteer
from agents.classify.places.mention import Mention, Scan
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
        at = 0
        while at < len(self.words) and len(found) < _MOST:
            mention = None if self.masked[at] else self._at(at)
            if mention is not None:
                mention = surroundings(self, mention)
                found.append(joined(self, found[-1], mention) if found else mention)
                at = mention.last + 1
            else:
                at += 1
        return Scan(tuple(self.words), tuple(self.sentence_of), tuple(found))

    def _at(self, at: int) -> Mention | None:
        """Find a name that begins here: a known one, an announced one, or one said to lie in a countryside."""
        word = self.words[at]
        mention = None
        if self.gazetteer.starts(word.form):
            mention = self.known(at)
            if mention is not None and self.idle(mention):
                return None
        if mention is None and (word.capital if not word.arabic else word.form in self.cues.types):
            mention = self.announced(at)
        if mention is None and word.arabic and self.is_countryside(at + 1):
            mention = self.contained(at)
        if mention is None and word.arabic:
            mention = self.respelt(at)
        return mention
