"""Lists of names: "الشهداء: …" (the dead: …) with a name a line says how many, though no number stands there.

A list begins behind a heading and goes on as long as every item starts as a person's name does, or is numbered; it
tells of at least as many people as it has items. One that breaks off ("…") tells nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from agents.classify.events import Scene
from agents.classify.matching import Hit
from agents.classify.persons import GIVEN, TITLE, has, starts
from agents.classify.places.fold import fold
from agents.classify.places.ordinary import frequent_words
from agents.classify.quantities import Counter
from agents.classify.text import Reading
from agents.classify.toll_rows import Row
from schemas.kinds import TollKind

_MARTYR: Final = frozenset({"الشهيد", "الشهيده", "شهيد", "شهيده", "والشهيد", "والشهيده"})
_LONGEST_ITEM: Final = 14
_LONGEST_NAME: Final = 4
_MOST_ITEMS: Final = 200
_BULLETS: Final = frozenset(",-_•|/▪◾🔹🔸+*")
_WHO: Final = frozenset({"وهم", "هم", "وهن", "هن", "اسماوهم", "اسمائهم"})
_TITLES: Final = 3
_SURE: Final = 2
"""Names that are known after which unknown words in the same place are names as well."""

Found = tuple[list[Row], list[tuple[int, int]]]


def name_lists(counter: Counter, reading: Reading, scenes: Sequence[Scene]) -> Found:
    """The rows that lists of names give, and the tokens that these lists take up (first and behind the last)."""
    headings = _headings(counter, scenes)
    begins = {at: begin for at in sorted(headings) if (begin := _begins(reading, at)) is not None}
    if not begins and _MARTYR.isdisjoint(reading.forms):
        return [], []
    tagged = {at: here for scene in scenes for at, here in scene.at.items()}
    rows: list[Row] = []
    spans: list[tuple[int, int]] = []
    for at, begin in begins.items():
        if spans and at < spans[-1][1]:
            continue
        count, end = _numbered(reading, tagged, begin, headings) if reading.forms[begin] == "1" else (0, begin)
        if count < 2:
            count, end = _named(reading, tagged, begin)
        if count >= 2 and not _breaks_off(reading, begin, end):
            rows.append(_row(reading, headings[at], count, begin, end))
            spans.append((begin, end))
    if not any(row.kind is TollKind.KILLED for row in rows):
        rows += _martyrs(reading, tagged)
    return rows, spans


def _headings(counter: Counter, scenes: Sequence[Scene]) -> dict[int, TollKind]:
    """The bare plurals for the dead and for the wounded."""
    headings: dict[int, TollKind] = {}
    for scene in scenes:
        for hit in scene.hits:
            noun = counter.nouns.get(hit.tag)
            if noun is not None and noun.kind in ("killed", "wounded") and noun.stands_for is None:
                headings[hit.first] = TollKind(noun.kind)
    return headings


def _row(reading: Reading, kind: TollKind, count: int, begin: int, end: int) -> Row:
    sentence = reading.sentence_of[begin]
    return Row(kind, count, None, begin, end - 1, sentence, "toll.names", named=True)


def _breaks_off(reading: Reading, begin: int, end: int) -> bool:
    stop = end + _LONGEST_ITEM // 2
    told = reading.folded[reading.starts[begin] : reading.starts[stop] if stop < len(reading.starts) else None]
    return "..." in told or "\u2026" in told


def _begins(reading: Reading, at: int) -> int | None:
    """Where a heading's list begins: behind a colon, a line end, or before the number 1; None where none follows."""
    behind = at + 1
    for _ in range(2):
        if behind >= len(reading.forms):
            return None
        if reading.forms[behind] in _WHO:
            behind += 1
    if behind >= len(reading.forms):
        return None
    line_end = reading.sentence_of[behind] != reading.sentence_of[at]
    return behind if line_end or ":" in reading.breaks[behind] or reading.forms[behind] == "1" else None


def _numbered(
    reading: Reading, tagged: Mapping[int, Sequence[Hit]], begin: int, headings: Mapping[int, TollKind]
) -> tuple[int, int]:
    """How many items 1, 2, 3 … follow one another, and where the last one ends."""
    count, end = 0, begin
    for at in range(begin, min(begin + _MOST_ITEMS * _LONGEST_ITEM, len(reading.forms))):
        if at - end > _LONGEST_ITEM:
            break
        following = has(tagged, at + 1, "toll_unit") or at + 1 >= len(reading.forms)
        if reading.forms[at] == str(count + 1) and not following:
            count, end = count + 1, at
        elif at in headings and (_begins(reading, at) is not None or _numbers_on(reading, at, count)):
            return count, at
    return count, min(end + 2, len(reading.forms))


def _numbers_on(reading: Reading, heading: int, count: int) -> bool:
    """Whether the numbers go on behind another heading: "the dead 1 … 2 … the wounded 3 …"."""
    return heading + 1 < len(reading.forms) and reading.forms[heading + 1] == str(count + 1)


def _named(reading: Reading, tagged: Mapping[int, Sequence[Hit]], begin: int) -> tuple[int, int]:
    """How many items that start with a person's name follow one another, and where the last one ends."""
    count, started, at = 0, begin, begin
    while at < len(reading.forms) and count < _MOST_ITEMS:
        if at == begin or _new_item(reading, tagged, at):
            if not _person(reading, tagged, at) and (count < _SURE or not _may_be_name(reading, tagged, at)):
                break
            count, started = count + 1, at
        elif at - started > _LONGEST_ITEM:
            break
        at += 1
    return count, at


def _may_be_name(reading: Reading, tagged: Mapping[int, Sequence[Hit]], at: int) -> bool:
    """Whether a short item of rare words, in the place of a name, is one."""
    stop = at + 1
    while stop < len(reading.forms) and not _new_item(reading, tagged, stop) and stop - at <= _LONGEST_NAME:
        stop += 1
    words = range(at, min(stop, len(reading.forms)))
    plain = not any(tagged.get(i) or reading.forms[i].isdecimal() for i in words if not has(tagged, i, GIVEN))
    return 1 < len(words) <= _LONGEST_NAME and plain and fold(reading.forms[at]) not in frequent_words()


def _new_item(reading: Reading, tagged: Mapping[int, Sequence[Hit]], at: int) -> bool:
    if reading.sentence_of[at] != reading.sentence_of[at - 1] or _BULLETS & set(reading.breaks[at]):
        return True
    form = reading.forms[at]
    return form.startswith("و") and (has(tagged, at, TITLE) or starts(reading, tagged, at, len(reading.forms)))


def _person(reading: Reading, tagged: Mapping[int, Sequence[Hit]], at: int) -> bool:
    end = len(reading.forms)
    for place in range(at, min(at + _TITLES, end)):
        if starts(reading, tagged, place, end):
            return True
        if not has(tagged, place, TITLE) and reading.forms[place] not in _MARTYR:
            return False
    return False


def _martyrs(reading: Reading, tagged: Mapping[int, Sequence[Hit]]) -> list[Row]:
    """Two or more people whom a post calls "the martyr", each by name, without a heading."""
    named: dict[str, int] = {}
    sure = 0
    end = len(reading.forms)
    for at, form in enumerate(reading.forms):
        if form not in _MARTYR or not reading.own[at]:
            continue
        place = at + 1
        while place < min(at + 1 + _TITLES, end) and has(tagged, place, TITLE):
            place += 1
        known = starts(reading, tagged, place, end)
        if known or (place < end and not tagged.get(place) and not reading.breaks[place]):
            sure += known
            named.setdefault(" ".join(reading.forms[place : place + 2]), at)
    if sure < _SURE:
        return []
    first, last = min(named.values()), max(named.values())
    return [_row(reading, TollKind.KILLED, len(named), first, last + 1)]
