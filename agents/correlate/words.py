"""Texts as comparable words.

The normalizer has repaired the text; what is left to even out is spelling that varies between outlets without a
change of meaning (forms of alef, final ya, ta marbuta, digits), so that a copy stays a copy.
"""

import re
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]

_MARKS: Final = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
"""Harakat, tatweel and invisible direction marks."""
_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ٱ", "ا"), ("ى", "ي"), ("ة", "ه"), ("ؤ", "و"), ("ئ", "ي"))
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_EASTERN: Final = re.compile("[٠-٩۰-۹]")
_LINK: Final = re.compile(r"https?://\S+|\bt\.me/\S+|@\w+")


def comparable(text: str) -> str:
    """The text in lower case with one spelling for letters that outlets write in several ways."""
    text = _MARKS.sub("", _LINK.sub(" ", text)).lower()
    for letter, plain in _LETTERS:
        text = text.replace(letter, plain)
    return text.translate(_DIGITS) if _EASTERN.search(text) else text


def words(text: str) -> list[str]:
    """The words and figures of a text, in order, spelled comparably."""
    return _WORD.findall(comparable(text))


_FACTORS: Final = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F], dtype=np.uint64)


def shingles(of: list[str], size: int = 4) -> Hashes:
    """Sorted distinct 32-bit hashes of every run of `size` words; a shorter text is one run.

    The hash depends on nothing but the words (CRC-32 of each, mixed), so that it may be stored.
    """
    if not of:
        return np.empty(0, np.uint32)
    codes = np.fromiter((crc32(word.encode("utf-8", "surrogatepass")) for word in of), np.uint64, len(of))
    size = min(size, len(of))
    mixed = np.zeros(len(of) - size + 1, np.uint64)
    for place in range(size):
        mixed = (mixed ^ codes[place : len(of) - size + 1 + place]) * _FACTORS[place % 4]
        mixed ^= mixed >> np.uint64(29)
    return np.unique((mixed >> np.uint64(16)).astype(np.uint32))
