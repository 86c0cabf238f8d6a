"""Texts as comparable words.

The normalizer has repaired the text; what is left to even out is spelling that varies between outlets without a
change of meaning (forms of alef, final ya, ta marbuta, digits), so that a copy stays a copy.
"""

import re
from collections.abc import Sequence
from itertools import chain, pairwise
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


RUN: Final = 4
"""Words of a run."""
_FACTORS: Final = tuple(np.uint64(factor) for factor in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F))
_SHIFT: Final = np.uint64(29)
_DROP: Final = np.uint64(16)
_TEXT: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)


def shingles(of: Sequence[int]) -> Hashes:
    """Sorted distinct 32-bit hashes of every run of four words, given as codes; a shorter text is one run."""
    if not of:
        return np.empty(0, np.uint32)
    runs = _mixed(np.array(of, np.uint64), min(RUN, len(of))).astype(np.uint32)
    runs.sort()
    again = runs[1:] == runs[:-1]
    return np.delete(runs, np.flatnonzero(again)) if np.count_nonzero(again) else runs


def shingles_of_all(texts: Sequence[Sequence[int]]) -> list[Hashes]:
    """The same of every text, worked out together: for short texts that takes a tenth of the time."""
    long = [of if len(of) >= RUN else () for of in texts]
    lengths = np.array([len(of) for of in long])
    if lengths.sum() < RUN:
        return [shingles(of) for of in texts]
    every = np.fromiter(chain.from_iterable(long), np.uint64, int(lengths.sum()))
    text = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
    within = text[: 1 - RUN] == text[RUN - 1 :]
    runs = ((_mixed(every, RUN) & _LOW) | text[: 1 - RUN] << _TEXT)[within]
    runs.sort()
    runs = runs[np.append(True, runs[1:] != runs[:-1])]
    first = np.searchsorted(runs, np.arange(len(texts) + 1, dtype=np.uint64) << _TEXT).tolist()
    plain = runs.astype(np.uint32)
    return [plain[a:b] if b > a else shingles(of) for of, (a, b) in zip(texts, pairwise(first), strict=True)]


def _mixed(every: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A hash of every run of so many words, in the lowest 32 of its bits."""
    length = len(every) - size + 1
    mixed = every[:length] * _FACTORS[0]
    mixed ^= mixed >> _SHIFT
    for place in range(1, size):
        mixed ^= every[place : length + place]
        mixed *= _FACTORS[place]
        mixed ^= mixed >> _SHIFT
    mixed >>= _DROP
    return mixed
