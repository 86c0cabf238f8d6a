"""The gazetteer: which places a name may mean.

A gazetteer is one or more files (`store`): the built-in one and those that an operator imported. It answers for a
name in folded form; deciding which of several places is meant is `resolve`'s work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Self

from agents.classify.places.fold import strips
from agents.classify.places.ordinary import frequent_words
from agents.classify.places.store import COMMON, WEAK, Store
from agents.remembered import remembered

_SAME_KM = 4.0
_REMEMBERED = 32_768
"""Answers kept at hand; most words of most texts are the same."""
BUILT_IN = Path(__file__).parent / "built_in.gaz"


class Kind(IntEnum):
    """What a place is, largest first; the numbers are part of the file format."""

    COUNTRY = 1
    REGION = 2
    GOVERNORATE = 3
    DISTRICT = 4
    SUBDISTRICT = 5
    CITY = 6
    TOWN = 7
    VILLAGE = 8
    NEIGHBOURHOOD = 9
    CAMP = 10
    SITE = 11
    AREA = 12
    """A desert, mountain, plain or river: no settlement."""


RADIUS_M = {
    Kind.COUNTRY: 400_000,
    Kind.REGION: 150_000,
    Kind.GOVERNORATE: 60_000,
    Kind.DISTRICT: 25_000,
    Kind.SUBDISTRICT: 10_000,
    Kind.CITY: 5_000,
    Kind.TOWN: 2_500,
    Kind.VILLAGE: 1_500,
    Kind.NEIGHBOURHOOD: 1_000,
    Kind.CAMP: 1_000,
    Kind.SITE: 500,
    Kind.AREA: 15_000,
}
"""How far from its coordinates a place of a kind reaches, where its source does not say."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the gazetteer. Admin units are named in English, as OCHA writes them."""

    ref: tuple[int, int]
    kind: Kind
    name_ar: str
    name_en: str
    country: str
    admin1: str
    admin2: str
    admin3: str
    pcode: str
    lat: float | None
    lon: float | None
    radius_m: int
    population: int
    common: bool = False
    """The name by which it was found is also an ordinary word or a person's name."""
    weak: bool = False
    """The name by which it was found is a derived spelling (article added or dropped)."""
    admin1_ar: str = ""


def distance_km(a: Entry, b: Entry) -> float:
    """Great-circle distance; infinite where either place has no coordinates."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return float("inf")
    return km(a.lat, a.lon, b.lat, b.lon)


def _alike(a: Entry, b: Entry) -> bool:
    """Tell whether two files speak of one place: alike in kind, and close together or in one unit."""
    if a.country != b.country or a.ref[0] == b.ref[0] or (a.kind < Kind.CITY and a.kind is not b.kind):
        return False
    if a.kind <= Kind.GOVERNORATE:
        return a.kind is b.kind
    return (b.kind >= Kind.CITY or a.kind is b.kind) and distance_km(a, b) <= _SAME_KM


def km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres between two points in degrees."""
    lat1, lon1, lat2, lon2 = radians(lat1), radians(lon1), radians(lat2), radians(lon2)
    square = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 12742 * asin(sqrt(min(1.0, square)))


class Gazetteer:
    """Names to places, from one or more files; immutable and safe to share between threads.

    Attributes:
        starts: tells what names a folded word may begin, once for every prefix that it may carry: the prefix, the rest
            of the word, and how many words the longest name has; empty for most words.
        find: returns every place that bears the name with a key (folded words joined by blanks).
    """

    starts: Callable[[str], tuple[tuple[str, str, int], ...]]
    find: Callable[[str], tuple[Entry, ...]]

    def __init__(self, *paths: Path) -> None:
        self._stores = tuple(Store(path) for path in paths)
        self.starts = remembered(self._starts, _REMEMBERED)
        self.find = remembered(self._find, _REMEMBERED)

    @classmethod
    def default(cls, imported: Path | None = None) -> Self:
        """Open the built-in gazetteer, with an imported file (or every `*.gaz` of a folder) beside it.

        Raises:
            Misconfigured: a file is missing or damaged.
        """
        if imported is None:
            return cls(BUILT_IN)
        return cls(BUILT_IN, *(sorted(imported.glob("*.gaz")) if imported.is_dir() else [imported]))

    @property
    def names(self) -> int:
        """Number of names (keys), over all files."""
        return sum(store.names for store in self._stores)

    @property
    def places(self) -> int:
        """Number of places, over all files."""
        return sum(store.places for store in self._stores)

    @property
    def attribution(self) -> tuple[str, ...]:
        """Whom the licences ask to name."""
        return tuple(dict.fromkeys(line for store in self._stores for line in store.attribution))

    def _longest(self, word: str) -> int:
        return max((found[0] for store in self._stores if (found := store.find(word))), default=0)

    def _starts(self, word: str) -> tuple[tuple[str, str, int], ...]:
        ordinary = word in frequent_words()
        found = []
        for prefix, rest in strips(word):
            if prefix and ordinary and rest not in frequent_words():
                continue  # `وجيزة` (brief) is not "and Giza"
            if longest := self._longest(rest):
                found.append((prefix, rest, longest))
        return tuple(found)

    def _find(self, key: str) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for number, store in enumerate(self._stores):
            hit = store.find(key)
            fresh = [self._entry(number, store, ref) for ref in hit[1]] if hit else []
            found += [entry for entry in fresh if number == 0 or not any(_alike(entry, old) for old in found)]
        return tuple(found)

    def _entry(self, number: int, store: Store, ref: int) -> Entry:
        index, flags = store.split(ref)
        row = store.row(index)
        kind = Kind(row.kind)

        def name(admin: int | None) -> str:
            return "" if admin is None else store.row(admin).name_en

        return Entry(
            ref=(number, index),
            kind=kind,
            name_ar=row.name_ar,
            name_en=row.name_en,
            country=row.country,
            admin1=name(row.admin1),
            admin2=name(row.admin2),
            admin3=name(row.admin3),
            pcode=row.pcode,
            lat=row.lat,
            lon=row.lon,
            radius_m=row.radius_m or RADIUS_M[kind],
            population=row.population,
            common=bool(flags & COMMON),
            weak=bool(flags & WEAK),
            admin1_ar="" if row.admin1 is None else store.row(row.admin1).name_ar,
        )
