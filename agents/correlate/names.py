"""Names of places as numbers, so that one name is one number however it was spelled or transcribed."""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from zlib import crc32

from agents.correlate.words import words

_ARTICLE: Final = "ال"


def code(text: str) -> int:
    """A name as a number that is never 0."""
    return crc32(text.encode("utf-8", "surrogatepass")) or 1


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
