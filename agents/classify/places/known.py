"""Names that the gazetteer knows, with what may be glued to them."""

from typing import NamedTuple

from agents.classify.places.draft import ARTICLES
from agents.classify.places.gazetteer import Entry, Gazetteer, Kind
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


class Name(NamedTuple):
    """A name that the gazetteer knows, as it stands in the text."""

    first: int
    last: int
    form: str
    """Its first word without what is glued to it."""
    prefix: str
    entries: tuple[Entry, ...]
    cut: int
    """Letters at its end that belong to the next sentence."""

    def weak(self) -> bool:
        """Tell whether only derived spellings of names are written so."""
        return self.entries[0].weak and all(entry.weak for entry in self.entries)


class Names(Words):
    """The words of one text, of which some are names in a gazetteer."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        """Cut a text into words; names are looked up in the gazetteer."""
        super().__init__(text)
        self.gazetteer = gazetteer

    def known(self, at: int) -> Mention | None:
        """Find the longest known name that begins at a word."""
        name = self.name(at)
        return None if name is None else self.of(name)

    def of(self, name: Name) -> Mention:
        """Make the mention of a known name."""
        mention = self.mention(name.first, name.last, name.entries, name.prefix, name.cut)
        return self._of_its_city(mention, name.form) if name.last > name.first and not name.weak() else mention

    def name(self, at: int) -> Name | None:
        """Find the longest known name that begins at a word."""
        if not self.is_arabic(at) and not self._may_name(at):
            return None
        spare: Name | None = None
        reach = 0
        for prefix, form, longest in self.gazetteer.starts(self.forms[at]):
            if prefix and (self.is_tagged(at) or (at and self.soft[at] and self.forms[at - 1] in self.cues.types)):
                continue  # neither `#فليون` nor `بلدة فليون` (the town of Falyun) is "so Lyon"
            if longest > 1 and not reach:
                reach = self.stretch(at)
            for count in range(min(longest, reach) if longest > 1 else 1, 0, -1):
                if count == 1 and (self.is_cue(form) or (form in self.cues.heads and self.goes_on(at))):
                    continue
                name = self._named(at, at + count - 1, form, prefix)
                if name is not None and not name.weak():
                    return name
                spare = spare or (name if not prefix else None)
        return spare

    def _of_its_city(self, mention: Mention, form: str) -> Mention:
        """Take a quarter that is called after its city for one: `درعا البلد` (Daraa al-Balad) needs no "quarter of"."""
        if any(entry.kind is not Kind.NEIGHBOURHOOD for entry in mention.entries):
            return mention
        units = {entry.admin1 for entry in mention.entries}
        cities = (entry for entry in self.gazetteer.find(form) if entry.kind is Kind.CITY and not entry.common)
        return mention._replace(cue=Kind.NEIGHBOURHOOD) if any(c.admin1 in units for c in cities) else mention

    def _named(self, first: int, last: int, form: str, prefix: str) -> Name | None:
        """Look up the name from one word to another; what may be glued to its last word is tried without."""
        if last > first:
            before, written = " ".join([form, *self.forms[first + 1 : last], ""]), self.forms[last]
        else:
            before, written = "", form
        for cut, end in _cuts(written):
            if entries := self.gazetteer.find(before + end):
                return Name(first, last, form, prefix, entries, cut)
        return None

    def _may_name(self, at: int) -> bool:
        """Tell whether a Latin word can begin a name: capitalized where the text has capitals, and no acronym."""
        form = self.forms[at]
        if form.isdecimal() or form in self.cues.calendar:
            return False
        acronym = self.text[self.starts[at] : self.ends[at]].isupper() and len(form) < 6
        if acronym and any(entry.kind is Kind.COUNTRY for entry in self.gazetteer.find(form)):
            return True  # "UK", "UAE"
        if len(form) < 3 and form not in ARTICLES:
            return False
        return not self.cased or (self.begins_large(at) and not acronym)

    def idle(self, name: Name) -> bool:
        """Tell early that an ordinary word stands without any sign that a place is meant."""
        at = name.first
        if "ب" in name.prefix or name.prefix.startswith("و") or not all(entry.common for entry in name.entries):
            return False
        if at == 0 or self.text[self.starts[at] - 1] == "#" or self.text[self.starts[at - 1] - 1] == "#":
            return at == 0 and self.text[: self.starts[0]][-1:] != "#"
        after = self.forms[name.last + 1] if name.last + 1 < len(self.forms) else ""
        signs = self.forms[at - 1] in self.cues.signs or after in self.cues.kinds or after in self.cues.signs
        return not signs and self.forms[at - 1] != "و"
