"""Texts as comparable words.

The normalizer has repaired the text; what is left to even out is spelling that varies between outlets without a
change of meaning (forms of alef, final ya, ta marbuta, digits), so that a copy stays a copy.
"""

import re
from collections.abc import Sequence
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
    if "@" in text or "/" in text:
        text = _LINK.sub(" ", text)
    text = _MARKS.sub("", text).lower()
    for letter, plain in _LETTERS:
        text = text.replace(letter, plain)
    return text.translate(_DIGITS) if _EASTERN.search(text) else text


def words(text: str) -> list[str]:
    """The words and figures of a text, in order, spelled comparably."""
    return _WORD.findall(comparable(text))


def codes(of: Sequence[str]) -> list[int]:
    """One 32-bit number a word (CRC-32): the same everywhere and always, so that it may be stored."""
    return [*map(crc32, " ".join(of).encode("utf-8", "surrogatepass").split(b" "))] if of else []


_FACTORS: Final = tuple(np.uint64(factor) for factor in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F))
_SHIFT: Final = np.uint64(29)
_DROP: Final = np.uint64(16)


def shingles(of: Sequence[int], size: int = 4) -> Hashes:
    """Sorted distinct 32-bit hashes of every run of `size` words, given as codes; a shorter text is one run."""
    if not of:
        return np.empty(0, np.uint32)
    size = min(size, len(of), len(_FACTORS))
    every = np.array(of, np.uint64)
    length = len(every) - size + 1
    mixed = every[:length] * _FACTORS[0]
    mixed ^= mixed >> _SHIFT
    for place in range(1, size):
        mixed ^= every[place : length + place]
        mixed *= _FACTORS[place]
        mixed ^= mixed >> _SHIFT
    runs = (mixed >> _DROP).astype(np.uint32)
    runs.sort()
    again = runs[1:] == runs[:-1]
    return np.delete(runs, np.flatnonzero(again)) if np.count_nonzero(again) else runs
