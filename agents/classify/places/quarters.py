"""Quarters of a city in English: `the Akrama district of Homs`, `Homs' Akrama district`, `Akrama, a suburb of Homs`.

English has one word for a quarter and for an administrative unit ("district"), so a name becomes a quarter only where
the text ties it to a city: "of" or "in" with the city behind it, or the city's name in the genitive before it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from agents.classify.places.draft import ARTICLES
from agents.classify.places.gazetteer import Entry, Gazetteer, Kind, distance_km
from agents.classify.places.mention import Mention
from agents.classify.places.words import Words

REACH_KM = 12.0
"""How far from a city's middle its quarters lie."""
_BESIDE_KM = 60.0
_LONGEST = 3
"""Capitalized words of a quarter's or city's name."""
_TOWNS = frozenset({Kind.CITY, Kind.TOWN})
_TIES = frozenset({"of", "in"})
_BEFORE_CITY = frozenset({"the", "city", "of", "central", "downtown"})
"""Words between "in" and a city, beside directions: "in the eastern city of"."""


class _Span(NamedTuple):
    first: int
    last: int


def quarters(seen: Words, gazetteer: Gazetteer) -> dict[int, Mention]:
    """Find the names that a text calls a quarter of a city, by the first word of each."""
    if not seen.cased or seen.cues.quarters.isdisjoint(seen.forms):
        return {}
    found = {}
    for at, form in enumerate(seen.forms):
        if form in seen.cues.quarters:
            for name, city in _tied(seen, gazetteer, at):
                mention = _mention(seen, gazetteer, name, city, at)
                if mention is not None:
                    found[mention.first] = mention
                    break
    return found


def _tied(seen: Words, gazetteer: Gazetteer, at: int) -> Iterator[tuple[_Span, tuple[Entry, ...]]]:
    """The names around a type word that may be a quarter of a city, each with the city."""
    unit = seen.forms[at] == "district"
    city = () if unit and seen.begins_large(at) else _city_behind(seen, gazetteer, at + 1)  # `Gaya District of Bihar`
    if (name := _name_before(seen, at)) and not _describes(seen, name):
        if found := city or _owner(seen, gazetteer, name.first):
            yield name, found
        owner = () if unit else _city(seen, gazetteer, *name)
        if owner and (part := _name_from(seen, at + 2)) and seen.forms[at + 1] == "of":
            yield part, owner  # `the Beirut suburb of Dahiyeh`
    elif city and (name := _apposed(seen, at)):  # `in Akrama, a neighbourhood of Homs`
        yield name, city
    part = _name_from(seen, at + 2) if seen.forms[at + 1 : at + 2] == ["of"] else None
    if part and (city := _city_behind(seen, gazetteer, part.last + 1)):
        yield part, city  # `the district of Akrama in Homs`


def _mention(seen: Words, gazetteer: Gazetteer, name: _Span, city: tuple[Entry, ...], at: int) -> Mention | None:
    """The mention of a name tied to a city; None where the gazetteer knows it as something else around there."""
    forms = seen.forms[name.first : name.last + 1]
    if _describes(seen, name):
        return None
    known = gazetteer.find(" ".join(forms)) or (gazetteer.find(" ".join(forms[1:])) if forms[0] in ARTICLES else ())
    close = tuple(entry for entry in known if any(distance_km(entry, c) <= REACH_KM for c in city))
    if any(entry.kind is Kind.COUNTRY or entry.ref == c.ref for entry in known for c in city):
        return None
    if any(entry.kind in _TOWNS for entry in close) and seen.forms[at] == "suburb":
        return None  # a town of its own that lies beside the city
    if not close and any(e.kind is not Kind.NEIGHBOURHOOD and _apart(e, c) for e in known for c in city):
        return None  # `the Azaz district of Aleppo`, `Douma, a suburb of Damascus`: a unit or town beside the city
    start, end = seen.starts[name.first], seen.ends[name.last]
    shown = seen.text[start:end]
    behind = at == name.last + 1
    return Mention(
        name.first, name.last, start, seen.ends[at] if behind else end, shown,
        tuple(e for e in close if e.kind is Kind.NEIGHBOURHOOD) or close,
        called=f"{shown} {seen.forms[at]}", within=city, sentence=seen.sentence_of[name.first],
    )  # fmt: skip


def _apart(entry: Entry, city: Entry) -> bool:
    """Tell whether a place beyond a city's reach lies in its governorate or beside it."""
    return (entry.country, entry.admin1) == (city.country, city.admin1) or distance_km(entry, city) <= _BESIDE_KM


def _describes(seen: Words, name: _Span) -> bool:
    """Tell whether capitalized words are no name: `the Christian quarter`, `the Health District`."""
    return all(form in seen.cues.no_quarters or form in ARTICLES for form in seen.forms[name.first : name.last + 1])


def _is_name(seen: Words, at: int) -> bool:
    return seen.is_capital(at) and seen.forms[at] not in seen.cues.quarters and not seen.masked[at]


def _genitive(seen: Words, at: int) -> bool:
    """Tell whether a word ends in an apostrophe, with or without an s: `Baghdad's`, `Homs'`."""
    end = seen.ends[at]
    return seen.text[end - 2 : end] in {"'s", "\u2019s"} or seen.text[end : end + 1] in {
        "'",
        "\u2019",
    }


def _name_before(seen: Words, at: int, *, comma: bool = False) -> _Span | None:
    """The capitalized words, with articles among them, that end right before a word, or before a comma there."""
    first, named = at, 0
    while first > 0 and (seen.soft[first] or (first == at and comma)) and named < _LONGEST:
        before = first - 1
        if _is_name(seen, before) and not _genitive(seen, before):
            named += 1
        elif not (seen.forms[before] in ARTICLES and first < at):
            break
        first = before
    if first and first < at and seen.soft[first] and seen.forms[first - 1] in ARTICLES:
        first -= 1
    return _Span(first, at - 1) if named else None


def _name_from(seen: Words, at: int) -> _Span | None:
    """The capitalized words, with articles among them, that begin here."""
    last, named = at - 1, 0
    while last + 1 < len(seen.forms) and seen.soft[last + 1] and named < _LONGEST:
        if _is_name(seen, last + 1):
            named += 1
        elif seen.forms[last + 1] not in ARTICLES:
            break
        last += 1
    return _Span(at, last) if named and _is_name(seen, last) else None


def _apposed(seen: Words, at: int) -> _Span | None:
    """The name before a comma and "a", "the": something must be said to be there, else it is a person's."""
    article = at - 1
    while article > at - 4 and article > 0 and seen.soft[article + 1] and seen.forms[article] not in {"a", "an", "the"}:
        article -= 1
    if article < 2 or seen.forms[article] not in {"a", "an", "the"}:
        return None
    if seen.text[seen.ends[article - 1] : seen.starts[article]] != ", ":
        return None
    name = _name_before(seen, article, comma=True)
    if name is None or name.first == 0 or not seen.soft[name.first]:
        return None
    return name if seen.read(seen.forms[name.first - 1], {}) is not None else None


def _owner(seen: Words, gazetteer: Gazetteer, first: int) -> tuple[Entry, ...]:
    """The city in the genitive right before a name."""
    if first == 0 or not _genitive(seen, first - 1):
        return ()
    return next((found for n in range(_LONGEST, 0, -1) if (found := _city(seen, gazetteer, first - n, first - 1))), ())


def _city_behind(seen: Words, gazetteer: Gazetteer, at: int) -> tuple[Entry, ...]:
    """The city behind "of" or "in", unless it is named as a governorate ("of Aleppo province")."""
    if at + 1 >= len(seen.forms) or not seen.soft[at] or seen.forms[at] not in _TIES:
        return ()
    at += 1
    while at + 1 < len(seen.forms) and seen.soft[at] and (f := seen.forms[at]) and not _is_name(seen, at):
        if f not in _BEFORE_CITY and f not in seen.cues.directions:
            break
        at += 1
    for last in range(min(at + _LONGEST, len(seen.forms)) - 1, at - 1, -1):
        if found := _city(seen, gazetteer, at, last):
            after = seen.forms[last + 1] if last + 1 < len(seen.forms) and seen.soft[last + 1] else ""
            return () if seen.cues.kinds.get(after) is Kind.GOVERNORATE or after == "countryside" else found
    return ()


def _city(seen: Words, gazetteer: Gazetteer, first: int, last: int) -> tuple[Entry, ...]:
    if first < 0 or not seen.begins_large(first) or not all(seen.soft[first + 1 : last + 1]) or not seen.soft[first]:
        return ()
    entries = gazetteer.find(" ".join(seen.forms[first : last + 1]))
    if any(entry.kind is Kind.COUNTRY for entry in entries):
        return ()
    towns = tuple(entry for entry in entries if entry.kind in _TOWNS and not entry.common)
    return tuple(entry for entry in towns if entry.kind is Kind.CITY) or towns
