"""What of a sighting speaks for or against its telling of the same incident as another.

One row of numbers a post, so that a post is compared with a hundred others in one go, and a remembered post costs half
a kilobyte.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from agents.correlate import places
from agents.correlate.claims import is_claim
from agents.correlate.deeds import deeds, victims
from agents.correlate.words import words
from schemas.kinds import Accuracy, ActorRole, DocRole, EventType, Modality, Party, TimeBasis, TollKind
from schemas.records import Place, Sighting
from schemas.taxonomy import CODING

WORDS: Final = 40
"""Weightiest words kept of a text."""
NAMES: Final = 6
"""Place names kept of a post."""

Row = NDArray[np.void]
"""An array of `TRAITS`; a single post is an array of length 1."""

TRAITS: Final = np.dtype(
    [
        ("published", "f8"),  # seconds since 1970
        ("start", "f8"),
        ("end", "f8"),
        ("dated", "?"),  # the time was said, not assumed from publication
        ("fine", "?"),  # a place is known by name below the subdistrict
        ("lat", "f4"),
        ("lon", "f4"),  # not a number where unknown
        ("rank", "u1"),  # rank of the main place's accuracy, 0 the most exact
        ("names", "u4", (NAMES,)),  # codes of the fine places' names, the main one first, 0 for none
        ("bones", "u4"),  # code of the main name's consonants, for names spelled in several ways or scripts
        ("at", "?"),  # the main fine place has coordinates of its own
        ("town", "u4"),  # the town that the main place is or lies in
        ("inside", "?"),  # the main place is a quarter or site of that town
        ("admin1", "u4"),
        ("country", "u4"),
        ("spots", "u1"),  # how many fine places are told of
        ("kind", "u1"),
        ("family", "u1"),
        ("kinds", "u8"),  # one bit an event type
        ("rare", "u8"),  # of these, kinds that one town seldom sees
        ("deeds", "u1"),  # one bit a way of attacking (`deeds`)
        ("victims", "u1"),  # whether civilians or armed men were killed
        ("attackers", "u8"),  # one bit an actor, by code
        ("claimants", "u8"),
        ("killed", "i4"),  # victims in all, -1 for unknown
        ("wounded", "i4"),
        ("words", "u4", (WORDS,)),  # codes of the weightiest words, 0 for none
        ("weights", "f4", (WORDS,)),
        ("source", "u4"),
        ("language", "u4"),
        ("leaf", "?"),
        ("claim", "?"),
        ("test", "?"),
        ("follows", "?"),  # tells how an incident goes on, and names no quarter or site
        ("another", "?"),  # says of itself that it is not the first: "a second bomb"
    ],
    align=True,  # columns that lie across the words of memory are three times as slow to compare
)

_WHOLE: Final = np.dtype((np.void, TRAITS.itemsize))


def taken(rows: Row, which: NDArray[np.intp]) -> Row:
    """Some of the rows, copied whole; numpy by itself would copy them field by field."""
    return rows.view(_WHOLE)[which].view(TRAITS)


COARSE: Final = places.RANK[Accuracy.SUBDISTRICT]
"""From this rank on a place does not tell one incident from another."""
_LEAF_TAGS: Final = frozenset({"roundup", "harvest"})
_LEAF_MODALITIES: Final = frozenset({Modality.HISTORICAL, Modality.NEGATED})
_KINDS: Final = {kind: number for number, kind in enumerate(EventType, start=1)}
_RARE: Final = sum(
    1 << _KINDS[kind]
    for kind in (EventType.PRISON_ATTACK, EventType.JAILBREAK, EventType.SUICIDE_BOMBING, EventType.CHEMICAL)
)
_FAMILIES: Final = {name: n for n, name in enumerate(sorted({c.acled_event_type for c in CODING.values()}), start=1)}
_ARTICLE: Final = "ال"


def code(text: str) -> int:
    """A name as a number that is never 0."""
    return crc32(text.encode("utf-8", "surrogatepass")) or 1


def bits(names: Iterable[str]) -> int:
    """A set of names as a set of bits; two sets that share a name share a bit."""
    found = 0
    for name in names:
        found |= 1 << (code(name) & 63)
    return found


@lru_cache(maxsize=65_536)
def place_code(name: str) -> int:
    """A place name as a number, however its article, hamzas and spaces are written."""
    return code(_plain(name))


@lru_cache(maxsize=65_536)
def bones_code(name: str) -> int:
    """A place name's consonants in order as a number; the whole name's where only two are left.

    Small places are in no list, and outlets write their names as they hear them: فركيا and فريكا are one village.
    """
    plain = _plain(name)
    bones = plain.translate(_SOFT)
    return code(bones if len(bones) >= _ENOUGH_BONES else plain)


@lru_cache(maxsize=65_536)
def sounds_code(name: str) -> int:
    """A quarter's name in Latin letters as a number, whoever transcribed it: "Homs – Al Hamidiya", "Hamidiyyeh".

    Vowels, h, w, y and articles fall away, and letters that transcriptions confuse become one.
    """
    spoken = name.rpartition(_OF_CITY)[2].lower().replace("-", " ")
    plain = "".join(c for c in unicodedata.normalize("NFKD", spoken) if not unicodedata.combining(c))
    named = "".join(word for word in plain.split() if word not in _LATIN_ARTICLES)
    for written, sound in _SOUNDS:
        named = named.replace(written, sound)
    return code(_DOUBLED.sub(r"\1", named.translate(_SOFT_LATIN)) or plain)


_OF_CITY: Final = " – "
_LATIN_ARTICLES: Final = frozenset(
    ("al", "el", "as", "ash", "ad", "ar", "an", "at", "az", "es", "esh", "ed", "er", "en", "et", "ez", "ul", "l", "d")
)
_SOUNDS: Final = (
    ("tch", "S"), ("sh", "S"), ("ch", "S"), ("kh", "X"), ("gh", "k"), ("th", "t"), ("dh", "d"), ("q", "k"), ("c", "k"),
    ("g", "k"), ("p", "b"), ("v", "f"),
)  # fmt: skip
_SOFT_LATIN: Final = {ord(letter): None for letter in "aeiouhwy'`\u2019\u02bf\u02be "}
_DOUBLED: Final = re.compile(r"(.)\1+")


_SOFT: Final = {ord(letter): None for letter in "اويهءaeiouyh'’"}
_ENOUGH_BONES: Final = 3
_CALLED: Final = frozenset({"قريه", "بلده", "مدينه", "منطقه", "ناحيه", "حي", "قريتي", "بلدتي", "مدينتي", "حيي"})
"""A village, town, city, area, subdistrict, quarter of that name, or two of them."""


def _plain(name: str) -> str:
    named = words(name)
    if len(named) > 1 and named[0] in _CALLED:
        named = named[1:]
    plain = "".join(named)
    return plain.removeprefix(_ARTICLE) if len(plain) > 4 else plain


def traits(sighting: Sighting, codes: Sequence[int], weights: Sequence[float], *, another: bool = False) -> Row:
    """What comparing needs to know of a sighting and its text.

    Args:
        sighting: what the post says.
        codes: its text's weightiest words.
        weights: how much each weighs.
        another: the text calls what it tells of a further one (`tells_of_another`).
    """
    claim = is_claim(sighting)
    main = sighting.event_type
    kinds = 0
    for kind in (*sighting.event_types, *((main,) if main else ())):
        kinds |= 1 << _KINDS[kind]
    none = WORDS - len(codes)
    row = (
        sighting.published_at.timestamp(),
        sighting.time.event_start.timestamp(),
        sighting.time.event_end.timestamp(),
        sighting.time.basis in _DATED,
        *_place(sighting),
        _KINDS[main] if main else 0,
        _FAMILIES[CODING[main].acled_event_type] if main else 0,
        kinds,
        kinds & _RARE,
        deeds(main, sighting.event_types),
        victims(sighting),
        bits(a.actor_id for a in sighting.actors if a.role is ActorRole.ATTACKER and is_named(a.actor_id)),
        bits(c.claimant for c in sighting.claims if c.claimed),
        _victims(sighting, TollKind.KILLED),
        _victims(sighting, TollKind.WOUNDED),
        (*codes, *(0,) * none),
        (*weights, *(0.0,) * none),
        code(sighting.source.id),
        code(sighting.language),
        claim or is_leaf(sighting),
        claim,
        sighting.test,
        sighting.doc_role is DocRole.UPDATE and (sighting.place is None or sighting.place.accuracy not in _INSIDE),
        another,
    )
    return np.array([row], TRAITS)


_DATED: Final = frozenset({TimeBasis.EXPLICIT, TimeBasis.RELATIVE})


def moment(mark: Row) -> float:
    """The latest moment of which a post can tell: its publication, or the end of an earlier time that it names.

    Where a post says "yesterday", it is compared with what was told yesterday, and does not open the day's incident.
    """
    published, end = float(mark["published"][0]), float(mark["end"][0])
    return min(published, end) if mark["dated"][0] else published


def is_named(actor_id: str) -> bool:
    """Whether an actor is somebody: "unknown gunmen" contradict nobody and are nobody's name."""
    return not actor_id.startswith("unknown")


def is_leaf(sighting: Sighting) -> bool:
    """Whether a post speaks of several incidents or looks back, and so must not connect any."""
    return (
        sighting.doc_role is DocRole.BACKGROUND
        or sighting.modality in _LEAF_MODALITIES
        or not _LEAF_TAGS.isdisjoint(sighting.tags)
        or is_roundup(sighting)
        or _scattered(places.event_places(sighting))
    )


_MANY_KINDS: Final = 3
_MANY_PLACES: Final = 3


def is_roundup(sighting: Sighting) -> bool:
    """Whether a post sums up a day: tagged so, or several kinds of attack at places far from one another."""
    if not _LEAF_TAGS.isdisjoint(sighting.tags):
        return True
    attacks = {CODING[kind].acled_sub_event_type for kind in sighting.event_types if _is_attack(kind)}
    return len(attacks) >= _MANY_KINDS and len(_apart(places.event_places(sighting))) >= _MANY_PLACES


def _is_attack(kind: EventType) -> bool:
    """Whether it happens to people; what authorities do about an attack makes no roundup of a report."""
    return CODING[kind].acled_event_type not in _NO_ATTACK


_NO_ATTACK: Final = frozenset({"", "Strategic developments"})


_KINDS_OF_ATTACK: Final = frozenset(
    [
        *("عبوه", "انفجار", "تفجير", "قصف", "غاره", "غارات", "هجوم", "استهداف", "اغتيال", "مجزره", "ضربه", "رمايات"),
        *("bomb", "blast", "explosion", "attack", "strike", "raid", "shelling", "rocket", "killing"),
    ]
)
_FURTHER: Final = frozenset(["ثانيه", "ثاني", "ثان", "ثالثه", "ثالث", "جديده", "جديد", "اخري", "اخر"])
_FURTHER_EN: Final = frozenset(["another", "second", "third", "new", "fresh"])
_REACH: Final = 3


def tells_of_another(words: Sequence[str]) -> bool:
    """Whether a text calls its incident a further one: `عبوة ناسفة ثانية` (a second bomb), "another attack"."""
    for number, word in enumerate(words):
        if word in _FURTHER:
            near = words[max(0, number - _REACH) : number]
        elif word in _FURTHER_EN:
            near = words[number + 1 : number + 1 + _REACH]
        else:
            continue
        if any(other.removeprefix("ال") in _KINDS_OF_ATTACK for other in near):
            return True
    return False


_SCATTERED: Final = 4
_APART_KM: Final = 8.0


def _scattered(told: Sequence[Place]) -> bool:
    """Whether a post tells of places all over the country: a roundup, tagged or not."""
    return len(told) >= _SCATTERED and len(_apart(told)) >= _SCATTERED


def _apart(told: Sequence[Place]) -> list[Place]:
    """Fine places of which none is near another."""
    apart: list[Place] = []
    for place in _fine(told):
        if place.lat is not None and all((places.distance_km(place, other) or 0.0) > _APART_KM for other in apart):
            apart.append(place)
    return apart


def _place(sighting: Sighting) -> tuple[bool, float, float, int, tuple[int, ...], int, bool, int, bool, int, int, int]:
    """The columns from `fine` to `spots`."""
    told = places.event_places(sighting)
    fine = list(_fine(told))
    main = fine[0] if fine else told[0] if told else None
    if main is None:
        return False, np.nan, np.nan, 255, (0,) * NAMES, 0, False, 0, False, 0, 0, 0
    placed = bool(fine) and main.lat is not None and main.lon is not None
    admin = next((p.admin1 for p in (main, *told) if p.admin1), None)
    names = list(dict.fromkeys(place_code(_one_name(p)) for p in fine))
    return (
        bool(fine),
        main.lat if placed and main.lat is not None else np.nan,
        main.lon if placed and main.lon is not None else np.nan,
        _VILLAGE if fine and _is_unlisted(main) else places.RANK[main.accuracy],
        tuple((names + [0] * NAMES)[:NAMES]),
        _bones(main) if fine else 0,
        placed and not _is_unlisted(main),
        _town(main, told) if fine else 0,
        bool(fine) and main.accuracy in _INSIDE,
        code(admin) if admin else 0,
        code(main.country) if main.country else 0,
        min(len(names), 255),
    )


_INSIDE: Final = frozenset({Accuracy.EXACT, Accuracy.NEARBY_LANDMARK, Accuracy.STREET, Accuracy.NEIGHBOURHOOD})


_TOWNS: Final = frozenset({Accuracy.TOWN, Accuracy.CITY, Accuracy.VILLAGE})
_WITHIN_KM: Final = 15.0
_QUARTER_KM: Final = 3.0


def _town(main: Place, told: Sequence[Place]) -> int:
    """The code of the town's name: of the main place itself, or of the one told beside a quarter or site of it."""
    if main.accuracy not in _INSIDE:
        return place_code(_one_name(main))
    around = (p for p in told if p.accuracy in _TOWNS and (places.distance_km(p, main) or 0.0) <= _WITHIN_KM)
    town = next(around, None)
    return place_code(_one_name(town)) if town is not None else 0


def _fine(told: Sequence[Place]) -> Iterator[Place]:
    """Places that can tell incidents apart, and not what they are told to lie in."""
    quarters = [p for p in told if p.accuracy in _INSIDE]
    named = [p for p in told if places.RANK[p.accuracy] < COARSE or _is_unlisted(p)]
    exact = [p for p in named if not _is_countryside(p)]
    for place in exact or named:
        if place.accuracy in _TOWNS and any((places.distance_km(place, q) or 0.0) < _QUARTER_KM for q in quarters):
            continue
        yield place


def _is_countryside(place: Place) -> bool:
    """Whether only the surroundings of a town are told, بريف إدلب (in the countryside of Idlib)."""
    return place.accuracy is Accuracy.NEAR and not _is_unlisted(place) and (place.radius_m or 0) >= _COUNTRYSIDE_M


_COUNTRYSIDE_M: Final = 15_000


def _bones(place: Place) -> int:
    """What is left of a name however it was spelled; of a quarter's by its sound, since two scripts tell of it."""
    if place.accuracy is Accuracy.NEIGHBOURHOOD and place.site is None and place.name_en:
        return sounds_code(place.name_en)
    return bones_code(_one_name(place))


def _one_name(place: Place) -> str:
    """One name in whatever language and spelling a listed place was told; a site has none but its own."""
    if place.accuracy in _INSIDE and place.site is not None:
        return place.name
    if place.neighbourhood and place.name_ar is None:
        return place.neighbourhood  # without "district of"
    return place.name_ar or place.name


def _is_unlisted(place: Place) -> bool:
    """Whether it is a settlement that no list knows: it has a name, and at most the coordinates of a place around.

    Names in Latin letters are left out: they cannot be compared with the Arabic ones.
    """
    if place.method != _BY_PATTERN or place.accuracy in _INSIDE:
        return False
    return "\u0600" <= place.name[:1] <= "\u06ff"


_BY_PATTERN: Final = "pattern"
_VILLAGE: Final = places.RANK[Accuracy.VILLAGE]


def _victims(sighting: Sighting, kind: TollKind) -> int:
    """The post's own highest figure of victims, -1 where it has none."""
    lows = [
        t.low
        for t in sighting.tolls
        if t.kind is kind and t.low is not None and not t.superseded and t.party is not Party.PERPETRATORS
    ]
    return max(lows, default=-1)
