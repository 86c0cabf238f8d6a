"""Places being gathered for a gazetteer file, and the spellings under which each may be looked up."""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agents.classify.places import fold, store
from agents.classify.places.gazetteer import Kind, km
from agents.classify.places.ordinary import frequent_words

NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text(encoding="utf8"))
TYPE_WORDS = frozenset(map(fold.key, NAMES["types"]))
"""Words of a source that say what a place is, not what it is called; the name counts with and without them."""
SITE_WORDS = frozenset(map(fold.key, NAMES["sites"]))
ARTICLES = fold.LATIN_ARTICLES
ORDINARY = frozenset(fold.key(name).removeprefix("ال") for name in NAMES["ordinary"])
"""Names of places, some large, that are ordinary words all the same: they need a word like "city of" beside them."""

FOCUS = frozenset({"SY", "IQ"})
"""Countries whose villages are believed without further sign: those of which the project watches most sources."""
ARABIC = frozenset({"SY", "IQ", "LB", "JO", "PS", "YE", "LY", "SD", "EG", "SA"})
"""Countries whose Arabic names are looked for under any transcription."""
SETTLED = frozenset({Kind.CITY, Kind.TOWN, Kind.VILLAGE})
REPEATING = 2
"""The one source (incidents) that lists a place once for every incident; entries of the others are distinct places."""
PROTECTED_POPULATION, FAR_POPULATION = 100_000, 1_000_000
"""A name of a city of this size stays unmistakable however often newspapers write it."""


@dataclass(eq=False)
class Draft:
    """One place as its sources tell of it. `admin` are the units that it lies in, largest first (None: unknown)."""

    kind: Kind
    country: str
    source: int
    name_ar: str = ""
    name_en: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: int = 0
    population: int = 0
    pcode: str = ""
    admin: tuple["Draft | None", "Draft | None", "Draft | None"] = (None, None, None)
    aliases: set[str] = field(default_factory=set)
    far: bool = False
    """Outside the region that the project watches first."""

    @property
    def spellings(self) -> set[str]:
        """Every spelling that a source gives."""
        return {name for name in (self.name_ar, self.name_en, *self.aliases) if name}


def variants(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the keys under which a name may be written, each with whether we derived it (`weak`)."""
    words = fold.key(name).split(" ")
    if not words[0]:
        return
    yield " ".join(words), False
    while len(words) > 1 and words[0] in TYPE_WORDS:
        words = words[1:]
        yield " ".join(words), False
    if words[-1] in TYPE_WORDS and words[-1].isascii() and not set(words[:-1]) <= frequent_words():
        words = words[:-1]
        yield " ".join(words), False
    yield from _arabic(words) if words[0][0] > "\u05ff" else _latin(words)


def _arabic(words: list[str]) -> Iterator[tuple[str, bool]]:
    first, rest = words[0], words[1:]
    if first.startswith("ال") and len(first) > 4:
        yield " ".join([first[2:], *rest]), True
    elif len(first) > 2:
        yield " ".join(["ال" + first, *rest]), True
    if len(words) == 2 and len(first) <= 4:  # `دير الزور`, `ديرالزور` (Deir ez-Zor); `تل رفعت`, `تلرفعت` (Tall Rifat)
        yield "".join(words), False


def _latin(words: list[str]) -> Iterator[tuple[str, bool]]:
    if len(words) > 1 and words[0] in ARTICLES and sum(map(len, words[1:])) > 3:
        yield " ".join(words[1:]), True
        yield " ".join(["al", *words[1:]]), False
    if len(words) == 3 and words[1] in ARTICLES:  # Deir ez Zor, Deir Ezzor, Deirezzor
        yield " ".join([words[0], words[1] + words[2]]), False
        yield "".join(words), False
        yield " ".join([words[0], "al", words[2]]), False


def is_common(key: str, draft: Draft) -> bool:
    """Tell whether a name is also an ordinary word or a person's name, and so needs a sign that a place is meant."""
    words = key.split(" ")
    if key.removeprefix("ال") in ORDINARY or (
        draft.far and len(key) < 5 and key > "\u05ff" and draft.kind is not Kind.COUNTRY
    ):
        return True
    if len(words) > 1:
        return all(word in frequent_words() for word in words) and draft.kind >= Kind.CITY and not _large(draft)
    if draft.kind is Kind.NEIGHBOURHOOD:
        return True
    bare = words[0].removeprefix("ال")
    if key.isascii():
        return key in frequent_words() and draft.kind is not Kind.COUNTRY
    often = words[0] in frequent_words() or bare in frequent_words() or len(bare) < 3
    return often and not _large(draft)


def _large(draft: Draft) -> bool:
    least = FAR_POPULATION if draft.far else PROTECTED_POPULATION
    known = draft.kind is Kind.CITY and draft.country in FOCUS
    return known or draft.kind in {Kind.COUNTRY, Kind.GOVERNORATE} or draft.population >= least


def merge(drafts: Iterable[Draft], within_km: float = 6.0) -> list[Draft]:
    """Join drafts of one settlement that several sources tell of: same country, a common spelling, close together.

    Earlier drafts win where two sources disagree. Administrative units are never joined with settlements.
    """
    kept: list[Draft] = []
    named: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in drafts:
        keys = {key for name in draft.spellings for key, weak in variants(name) if not weak}
        twin = next(
            (old for key in sorted(keys) for old in named[draft.country, key] if _same(old, draft, within_km)), None
        )
        if twin is None:
            kept.append(draft)
        else:
            _absorb(twin, draft)
        for key in keys:
            if (target := twin or draft) not in named[draft.country, key]:
                named[draft.country, key].append(target)
    return kept


def _same(a: Draft, b: Draft, within_km: float) -> bool:
    if a.source == b.source and a.source != REPEATING:
        return False
    if (a.kind < Kind.CITY) != (b.kind < Kind.CITY) or (a.kind < Kind.CITY and a.kind is not b.kind):
        return False
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return a.kind is b.kind and a.admin == b.admin
    return km(a.lat, a.lon, b.lat, b.lon) <= within_km * (
        3 if max(a.population, b.population) > PROTECTED_POPULATION else 1
    )


def _absorb(into: Draft, other: Draft) -> None:
    into.aliases |= other.spellings
    if into.kind >= Kind.CITY and other.kind >= Kind.CITY:
        into.kind = min(into.kind, other.kind)
    into.name_ar = into.name_ar or other.name_ar
    into.name_en = into.name_en or other.name_en
    into.population = max(into.population, other.population)
    into.pcode = into.pcode or other.pcode
    if into.lat is None:
        into.lat, into.lon = other.lat, other.lon
    into.admin = tuple(mine or theirs for mine, theirs in zip(into.admin, other.admin, strict=True))  # type: ignore[assignment]


def save(path: Path, drafts: list[Draft], sources: list[str], attribution: list[str]) -> None:
    """Write drafts as a gazetteer file, every spelling and derived spelling a name."""
    index = {id(draft): number for number, draft in enumerate(drafts)}
    names = store.Names()
    rows = []
    for number, draft in enumerate(drafts):
        one, two, three = (None if unit is None else index.get(id(unit)) for unit in draft.admin)
        row = store.Row(
            kind=int(draft.kind),
            source=draft.source,
            radius_m=draft.radius_m,
            country=draft.country,
            lat=draft.lat,
            lon=draft.lon,
            population=draft.population,
            admin1=one,
            admin2=two,
            admin3=three,
            name_ar=draft.name_ar,
            name_en=draft.name_en,
            pcode=draft.pcode,
        )
        rows.append(row)
        for name in sorted(draft.spellings):
            for key, weak in variants(name):
                if weak and draft.kind is Kind.COUNTRY and key.startswith("ال"):
                    continue  # `السورية` (Syrian) is no name of `سورية` (Syria)
                flags = (store.COMMON if is_common(key, draft) else 0) | (store.WEAK if weak else 0)
                if key not in TYPE_WORDS and (len(key) > 3 or not key.isascii() or name == draft.name_en):
                    names.add(key, number, flags)
        if draft.kind in SETTLED and draft.country in FOCUS:
            for name in sorted(draft.spellings):
                bones = fold.skeleton(fold.key(name).split(" "))
                if bones != "~":
                    names.add(bones, number)
        if draft.country in ARABIC and Kind.DISTRICT <= draft.kind <= Kind.VILLAGE:
            for name in sorted({draft.name_ar, draft.name_en} - {""}):
                bones = fold.latin_skeleton(fold.key(name.removeprefix("مركز ")).split(" "))
                if len(bones) > 2:
                    names.add(bones, number)
    store.write(path, rows, names, sources, attribution)


def nearest(lat: float, lon: float, units: Iterable[Draft]) -> Draft | None:
    """Return the unit whose centre is nearest to a point; None without units that have coordinates."""
    best, shortest = None, math.inf
    for unit in units:
        if unit.lat is not None and unit.lon is not None and (far := km(lat, lon, unit.lat, unit.lon)) < shortest:
            best, shortest = unit, far
    return best
