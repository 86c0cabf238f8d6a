"""Names that the gazetteer knows, with what may be glued to them."""

from agents.classify.places.draft import ARTICLES
from agents.classify.places.gazetteer import Gazetteer, Kind
from agents.classify.places.mention import Mention
from agents.classify.places.ordinary import frequent_words
from agents.classify.places.words import Words
from agents.remembered import remembering


@remembering(65_536)
def _cuts(form: str) -> tuple[tuple[int, str], ...]:
    """Return the ways to read a word that may have the next sentence glued to it: (letters cut off, rest), whole first.

    Pages that lose their line breaks write `تشريناستشهاد` (Tishrin + martyrdom); only frequent words are cut off.
    """
    whole = ((0, form),)
    if len(form) < 9 or form.isascii() or form in frequent_words():
        return whole
    places = range(len(form) - 4, 3, -1)
    return whole + tuple((len(form) - at, form[:at]) for at in places if form[at:] in frequent_words())


class Names(Words):
    """The words of one text, of which some are names in a gazetteer."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        """Cut a text into words; names are looked up in the gazetteer."""
        super().__init__(text)
        self.gazetteer = gazetteer

    def known(self, at: int) -> Mention | None:
        """Find the longest known name that begins at a word."""
        word = self.words[at]
        if not word.arabic and not self._may_name(at):
            return None
        spare: Mention | None = None
        for prefix, form, longest in self.gazetteer.starts(word.form):
            if prefix and (self.is_tagged(at) or (at and self.soft[at] and self.forms[at - 1] in self.cues.types)):
                continue  # neither `#فليون` nor `بلدة فليون` (the town of Falyun) is "so Lyon"
            for count in range(min(longest, self.stretch(at)) if longest > 1 else 1, 0, -1):
                if count == 1 and (self.is_cue(form) or (form in self.cues.heads and self.goes_on(at))):
                    continue
                mention = self._named(at, at + count - 1, form, prefix)
                if mention is not None and not all(entry.weak for entry in mention.entries):
                    return self._of_its_city(mention, form) if count > 1 else mention
                spare = spare or (mention if not prefix else None)
        return spare

    def _of_its_city(self, mention: Mention, form: str) -> Mention:
        """Take a quarter that is called after its city for one: `درعا البلد` (Daraa al-Balad) needs no "quarter of"."""
        if any(entry.kind is not Kind.NEIGHBOURHOOD for entry in mention.entries):
            return mention
        units = {entry.admin1 for entry in mention.entries}
        cities = (entry for entry in self.gazetteer.find(form) if entry.kind is Kind.CITY and not entry.common)
        return mention._replace(cue=Kind.NEIGHBOURHOOD) if any(c.admin1 in units for c in cities) else mention

    def _named(self, first: int, last: int, form: str, prefix: str) -> Mention | None:
        """Look up the name from one word to another; what may be glued to its last word is tried without."""
        before = " ".join([form, *self.forms[first + 1 : last], ""]) if last > first else ""
        for cut, end in _cuts(self.forms[last] if last > first else form):
            if entries := self.gazetteer.find(before + end):
                return self.mention(first, last, entries, prefix, cut)
        return None

    def _may_name(self, at: int) -> bool:
        """Tell whether a Latin word can begin a name: capitalized where the text has capitals, and no acronym."""
        word = self.words[at]
        if word.form.isdecimal() or word.form in self.cues.calendar:
            return False
        acronym = self.text[word.start : word.end].isupper() and len(word.form) < 6
        if acronym and any(entry.kind is Kind.COUNTRY for entry in self.gazetteer.find(word.form)):
            return True  # "UK", "UAE"
        if len(word.form) < 3 and word.form not in ARTICLES:
            return False
        return not self.cased or (word.capital and not acronym)

    def idle(self, mention: Mention) -> bool:
        """Tell early that an ordinary word stands without any sign that a place is meant."""
        at = mention.first
        if mention.locative or mention.joined or not all(entry.common for entry in mention.entries):
            return False
        if at == 0 or self.text[self.words[at].start - 1] == "#" or self.text[self.words[at - 1].start - 1] == "#":
            return at == 0 and self.text[: self.words[0].start][-1:] != "#"
        after = self.words[mention.last + 1].form if mention.last + 1 < len(self.words) else ""
        signs = self.words[at - 1].form in self.cues.signs or after in self.cues.kinds or after in self.cues.signs
        return not signs and self.words[at - 1].form != "و"
