"""Numbers and counted nouns: "ستة من", "three policemen", "عنصرين", "dozens of civilians".

A number word is read with the language's table; parts are joined as the language joins them. A noun may carry its
own number (singular, dual) and may say what happened to those counted ("قتيلان", two dead).
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Final, NamedTuple

from agents.classify.languages import Language
from agents.classify.lexicon import Lexicon, Noun
from agents.classify.matching import Hit
from agents.classify.text import Reading
from agents.remembered import remembered

_TEN_WORDS: Final = frozenset({"عشر", "عشره"})
_ONE_OF: Final = frozenset({"احد", "احدي"})
"""Part of 11, 21, 31 …; otherwise "one of"."""
_LARGEST: Final = 10_000_000
_OF_TOLLS: Final = ("pre.", "post.", "total.", "toll_", "noun:", "vague:")
_WEEKDAYS: Final = ("الاثنين", "الاحد")
"""Monday and Sunday, and not "the two", "the one"."""


class Quantity(NamedTuple):
    """How many of whom, at tokens `first` to `last`."""

    first: int
    last: int
    low: int | None
    high: int | None
    vague_word: str | None
    noun: Noun | None
    numbered: bool
    """A number or a vague word stands there; else the noun's own form counts."""
    named: bool = False
    """A person's name stands there, of one who is killed, wounded or taken."""


class Counter:
    """Reads quantities in one language."""

    def __init__(self, lexicon: Lexicon, language: Language) -> None:
        """Take the language's tables of numbers and nouns."""
        self._lexicon = lexicon
        self._language = language
        self.number_of = remembered(self._number_of, 16_384)
        self.scale_of = remembered(self._scale_of, 16_384)
        self.counts = remembered(self._counts, 65_536)
        self.nouns = {f"noun:{i}": noun for i, noun in enumerate(lexicon.nouns)}
        """The counted nouns by their tags."""
        self.tags = frozenset(tag for _, tag, _ in self.phrases())
        """Tags of counted nouns and of vague words."""
        self.victims = frozenset(tag for tag, noun in self.nouns.items() if noun.kind)
        """Tags of nouns that say what happened: "the dead"."""

    def phrases(self) -> list[tuple[str, str, bool]]:
        """Nouns and vague words for a `Matcher`."""
        nouns = [(w, tag, True) for tag, noun in self.nouns.items() for w in noun.words]
        return nouns + [(w, f"vague:{floor}", True) for w, floor in self._lexicon.vague.items()]

    def noun(self, hit: Hit) -> Noun:
        """The noun that a hit stands for."""
        return self.nouns[hit.tag]

    def describes(self, form: str, here: Sequence[Hit]) -> bool:
        """Whether a word may stand between an English number and its noun: "three trainee priests"."""
        if self._lexicon.language != "en" or form in _NO_ADJECTIVE or not form.isalpha() or self.counts(form):
            return False
        return not any(hit.tag.startswith(_OF_TOLLS) for hit in here)

    def _number_of(self, form: str) -> int | None:
        if form[0].isdecimal():
            digits = form.replace(",", "").replace(".", "")
            return int(digits) if len(digits) <= 9 else None
        if form.endswith(_WEEKDAYS):
            return None
        exact, _ = self._language.keys(form)
        return next((self._lexicon.numbers[key] for key in exact if key in self._lexicon.numbers), None)

    def _scale_of(self, form: str) -> int | None:
        exact, _ = self._language.keys(form)
        return next((self._lexicon.scales[key] for key in exact if key in self._lexicon.scales), None)

    def _counts(self, form: str) -> bool:
        """Whether the token itself can begin a quantity, whatever the lexicon found there."""
        return (
            self.number_of(form) is not None
            or self.scale_of(form) is not None
            or form.removeprefix("و").removeprefix("ب").removeprefix("ل") in _ONE_OF
        )

    def number_at(self, reading: Reading, at: int, end: int) -> tuple[int, int] | None:
        """The number that starts at a token and its last token, or None."""
        forms = reading.forms
        value = self.number_of(forms[at])
        if value is None:
            scale = self.scale_of(forms[at])
            return (scale, at) if scale and not _plain(forms[at]) else None
        last = at
        digits = forms[at][0].isdecimal()
        if not digits and last + 1 < end and forms[last + 1] in _TEN_WORDS and 1 <= value <= 9:
            value, last = value + 10, last + 1
        elif forms[at].removeprefix("و") in _ONE_OF:
            return self._one_and(reading, at, end)
        elif not digits:
            value, last = self._joined(reading, value, last, end)
        if last + 1 < end and (scale := self.scale_of(forms[last + 1])):
            value, last = value * scale, last + 1
            if not digits:
                value, last = self._joined(reading, value, last, end)
        return (value, last) if value <= _LARGEST else None

    def _one_and(self, reading: Reading, at: int, end: int) -> tuple[int, int] | None:
        """21, 31 … told with "أحد" or "إحدى"; alone these mean "one of"."""
        value, last = self._joined(reading, 1, at, end)
        return (value, last) if value > 1 else None

    def _joined(self, reading: Reading, value: int, last: int, end: int) -> tuple[int, int]:
        forms, join = reading.forms, self._language.NUMBER_JOIN
        for _ in range(3):
            nearest = last + 1
            if nearest >= end or any(c in reading.breaks[nearest] for c in ",;:("):
                break
            if forms[nearest] == join and nearest + 1 < end:
                part, at = self.number_of(forms[nearest + 1]), nearest + 1
                if join == "and" and value < 100:
                    break
            elif (join == "و" and forms[nearest].startswith(join)) or join in ("", "and"):
                part, at = self.number_of(forms[nearest]), nearest
            else:
                break
            if (
                part is None
                or forms[at][0].isdecimal()
                or not _fits(value, part, smallest_tens=10 if join == "" else 20)
            ):
                break
            value, last = value + part, at
        return value, last


def _plain(form: str) -> bool:
    return not form.endswith(("الف", "الاف", "hundred", "thousand"))


def _fits(value: int, part: int, smallest_tens: int) -> bool:
    """Whether two number words belong to one number: 5 and 20, 20 and 5, 100 and 25; not 5 and 6."""
    if value < 10:
        return part in range(20, 100, 10)
    if value < 100:
        return value % 10 == 0 and value >= smallest_tens and part < 10
    return part < min(value, 1000)


def quantities(
    counter: Counter, reading: Reading, first: int, end: int, tagged: Mapping[int, Sequence[Hit]]
) -> dict[int, Quantity]:
    """Every quantity between two tokens, by its first token; of overlapping ones the first stands."""
    found: dict[int, Quantity] = {}
    free = first
    for at in _openings(counter, reading, first, end, tagged):
        if at >= free:
            quantity = _at(counter, reading, at, end, tagged)
            if quantity is not None:
                found[at] = quantity
                free = quantity.last + 1
    return found


def _openings(
    counter: Counter, reading: Reading, first: int, end: int, tagged: Mapping[int, Sequence[Hit]]
) -> list[int]:
    """The tokens at which a quantity may begin: a number, a noun that is counted, a vague word."""
    opens = set(compress(range(first, end), map(counter.counts, reading.forms[first:end])))
    for at, here in tagged.items():
        if first <= at < end:
            for hit in here:
                if hit.tag in counter.tags:
                    opens.add(at)
    return sorted(opens)


def _at(counter: Counter, reading: Reading, at: int, end: int, tagged: Mapping[int, Sequence[Hit]]) -> Quantity | None:
    here = tagged.get(at, ())
    vague = max((h for h in here if h.tag.startswith("vague:")), key=lambda h: h.last, default=None)
    if vague is not None:
        noun = _noun(counter, tagged, vague.last + 1, end, skip=reading.forms, vague=True)
        word = reading.report.text[slice(*reading.span(vague.first, vague.last))]
        floor = int(vague.tag.removeprefix("vague:")) or None
        return Quantity(at, noun[1] if noun else vague.last, floor, None, word, noun[0] if noun else None, True)
    number = counter.number_at(reading, at, end)
    if number is not None and _is_of_one_person(counter, reading, at, tagged):
        return None
    if number is not None and not _is_date(reading, at, number[1]):
        return _numbered(counter, reading, at, end, tagged, number)
    if reading.forms[at].removeprefix("و").removeprefix("ب").removeprefix("ل") in _ONE_OF and at + 1 < end:
        return _one_of(counter, tagged, at, end)
    own = _noun(counter, tagged, at, end)
    if own is None or reading.forms[at].endswith(_WEEKDAYS):
        return None
    noun_, last = own
    low = high = noun_.stands_for
    if noun_.stands_for is None:
        said = counter.number_at(reading, last + 1, end) if last + 1 < end and not reading.breaks[last + 1] else None
        definite = last + 1 < end and reading.forms[last + 1].startswith("ال")
        if said and (said[0] == 2 or definite) and not reading.forms[last + 1][0].isdecimal():
            low = high = said[0]  # "their seven children", a dual made plain
            last = said[1]
    elif last + 1 < end and not reading.forms[last + 1][0].isdecimal() and not reading.breaks[last + 1]:
        said = counter.number_at(reading, last + 1, end)
        if said and said[0] == noun_.stands_for:
            last = said[1]
    many = None if low is not None else reading.report.text[slice(*reading.span(own[1], own[1]))]
    return Quantity(at, last, low, high, many, noun_, False)


_PARENTS: Final = frozenset({"father", "mother", "parent", "widow", "widower"})
_PARENTS_AR: Final = frozenset({"اب", "ام", "والد", "والده", "معيل", "معيله", "وام", "واب"})


def _is_of_one_person(counter: Counter, reading: Reading, at: int, tagged: Mapping[int, Sequence[Hit]]) -> bool:
    """Whether a number tells an age or somebody's children: "a boy of nine", "a father of four", "أم لخمسة أطفال"."""
    if not at:
        return False
    forms = reading.forms
    if forms[at].startswith("ل") and forms[at - 1] in _PARENTS_AR:
        return True
    if forms[at - 1] == "aged":
        return True
    if forms[at - 1] != "of" or at < 2 or reading.breaks[at]:
        return False
    nouns = [counter.noun(hit) for hit in tagged.get(at - 2, ()) if hit.tag.startswith("noun:")]
    return forms[at - 2] in _PARENTS or any(noun.stands_for == 1 and not noun.kind for noun in nouns)


def _one_of(counter: Counter, tagged: Mapping[int, Sequence[Hit]], at: int, end: int) -> Quantity | None:
    """One person of "one of the notables", where people or an unknown word stand behind it."""
    noun = _noun(counter, tagged, at + 1, end)
    if noun is not None:
        return Quantity(at, noun[1], 1, 1, None, noun[0]._replace(kind="", stands_for=1), False)
    victim_of = any(h.tag.startswith("pre.") for h in tagged.get(at - 1, ()))
    return Quantity(at, at + 1, 1, 1, None, None, False) if victim_of else None


def _numbered(
    counter: Counter,
    reading: Reading,
    at: int,
    end: int,
    tagged: Mapping[int, Sequence[Hit]],
    number: tuple[int, int],
) -> Quantity | None:
    low, last = number
    high = low
    top = _top(counter, reading, at, last, end, tagged)
    if top is not None and top[0] > low:
        high, last = top
    noun = _noun(counter, tagged, last + 1, end, skip=reading.forms)
    if noun is None and low == 1 and not reading.forms[at][0].isdecimal():
        return None  # "one" alone says little: "of one family", "one of the towns"
    if noun is not None and noun[0].stands_for == 2 and low == high == 1:
        low = high = 2  # "a couple"
    return Quantity(at, noun[1] if noun else last, low, high, None, noun[0] if noun else None, True)


_OR: Final = frozenset({"او", "or"})
_TO: Final = frozenset({"الي", "to"})
_RISE_REACH: Final = 8


def _top(
    counter: Counter, reading: Reading, at: int, last: int, end: int, tagged: Mapping[int, Sequence[Hit]]
) -> tuple[int, int] | None:
    """The upper figure and its last token in "5-7", "5 or 7", "from 5 to 7", "between 5 and 7"; else None."""
    if last + 2 > end:
        return None
    forms = reading.forms
    if reading.breaks[last + 1] == "-":
        return counter.number_at(reading, last + 1, end)
    if last + 2 < end and forms[last + 1] in _OR:
        return counter.number_at(reading, last + 2, end)
    before = tagged.get(at - 1, ()) if at else ()
    between = any(h.tag == "toll_between" for h in before) or (at and forms[at - 1] in ("from", "من"))
    rising = any(h.tag == "toll_rise" for place in range(max(at - _RISE_REACH, 0), at) for h in tagged.get(place, ()))
    to = forms[last + 1] in _TO and not rising
    if last + 2 < end and (to or (between and forms[last + 1] in ("و", "and"))):
        return counter.number_at(reading, last + 2, end)
    if not between:
        return None
    return counter.number_at(reading, last + 1, end) if forms[last + 1].startswith("و") else None


_SKIPPED: Final = frozenset({
    "من", "of", "other", "more", "young", "innocent", "unarmed", "armed", "local", "suspected", "alleged", "police",
    "army", "security", "israeli", "palestinian", "syrian", "iraqi", "turkish", "russian", "afghan", "pakistani",
    "indian", "foreign", "senior", "unidentified", "the", "these", "kurdish", "civilian", "unknown", "female", "male",
    "islamic", "state", "taliban", "iranian", "lebanese", "yemeni", "its", "their", "his", "off-duty", "wanted",
})  # fmt: skip
"""Words that may stand between a number and its noun."""
_NO_ADJECTIVE: Final = frozenset({
    "in", "on", "at", "by", "for", "with", "to", "from", "and", "or", "were", "was", "are", "is", "have", "has", "had",
    "when", "after", "before", "as", "who", "that", "which", "into", "near", "over", "under", "against", "the", "but",
    "than", "between", "during", "while", "behind", "across", "along", "not", "no", "said", "says",
})  # fmt: skip


def _noun(
    counter: Counter,
    tagged: Mapping[int, Sequence[Hit]],
    at: int,
    end: int,
    skip: Sequence[str] | None = None,
    *,
    vague: bool = False,
) -> tuple[Noun, int] | None:
    for place in range(at, min(at + 3, end)):
        hits = [h for h in tagged.get(place, ()) if h.tag.startswith("noun:")]
        if hits and skip is not None and place == at and not vague:
            with_and = skip[place].startswith("و") and not any(
                word.split()[0] == skip[place] for h in hits for word in counter.noun(h).words
            )
            if with_and or skip[place].startswith(("وال", "ال")):
                return None  # "5, and the wounded": a number's own noun carries neither "and" nor "the"
        if hits:
            hit = max(hits, key=lambda h: (h.last, counter.noun(h).kind != ""))
            return counter.noun(hit), hit.last
        if skip is None or not (skip[place] in _SKIPPED or counter.describes(skip[place], tagged.get(place, ()))):
            return None
    return None


def _is_date(reading: Reading, first: int, last: int) -> bool:
    """Whether the number is part of a date, a time, a share or a decimal: 20/11, 11:30, 12-11-2024, 5 %."""
    forms, breaks = reading.forms, reading.breaks
    if not forms[first][0].isdecimal():
        return False
    behind = breaks[last + 1] if last + 1 < len(forms) else ""
    if behind[:1] == "%" or breaks[first][-1:] == "%":
        return True
    joints = {"/", ":", "-", ".", "_"}
    before_number = first > 0 and forms[first - 1][0].isdecimal() and breaks[first] in joints
    next_number = last + 1 < len(forms) and forms[last + 1][0].isdecimal() and behind in joints - {"-"}
    dashed_twice = (
        behind == "-"
        and last + 2 < len(forms)
        and forms[last + 1][0].isdecimal()
        and breaks[last + 2] == "-"
        and forms[last + 2][0].isdecimal()
    )
    return before_number or next_number or dashed_twice
