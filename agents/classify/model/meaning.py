"""What a text is about: the mean of its words' vectors, so that words never seen with a label help to decide.

Words that stand in like company in a great many articles have like vectors (Levy, Goldberg and Dagan 2015: truncated
decomposition of the positive pointwise mutual information). `python -m agents.train_words` makes them from texts
without labels; only vectors and hashes of word roots are shipped. All sums are of whole numbers, so that every
machine decides alike to the last bit.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from agents.remembered import remembered
from schemas.errors import Misconfigured

Whole = npt.NDArray[np.int64]
ROOT: Final = "s:"
"""What names of features begin with that are roots of words; see `features.words`."""
WEIGHT_STEP: Final = 2.0**-12
"""Weights are kept as multiples of this."""


def key(root: str) -> int:
    """The number under which a root's vector is kept."""
    return crc32(root.encode("utf-8", "replace"))


class Vectors:
    """Vectors of whole numbers from -127 to 127, by word root."""

    def __init__(self, keys: npt.NDArray[np.uint32], table: npt.NDArray[np.int8]) -> None:
        """Take the roots' keys and a row for each."""
        self._table = table
        rows = {int(root): row for row, root in enumerate(keys)}

        def row(name: str) -> int | None:
            return rows.get(key(name[len(ROOT) :]))

        self._row = remembered(row, 65_536)
        self.dimensions = int(table.shape[1])

    def sum(self, names: Iterable[str]) -> Whole | None:
        """The sum of the vectors of all roots among features' names; None where no root is known."""
        known = [row for name in names if name[:2] == ROOT and (row := self._row(name)) is not None]
        if not known:
            return None
        total: Whole = self._table[known].astype(np.int32).sum(axis=0).astype(np.int64)
        return total if total.any() else None

    def direction(self, names: Iterable[str]) -> npt.NDArray[np.float64]:
        """The same with length 1; zeros where no root is known."""
        total = self.sum(names)
        if total is None:
            return np.zeros(self.dimensions)
        return total / math.sqrt(int(total @ total))


class Meaning(NamedTuple):
    """What a text's direction adds to the log-odds: weights for all texts, and for each genre."""

    vectors: Vectors
    scales: Mapping[str, float]
    """What the direction counts, by genre; "" for the others."""
    weights: Mapping[str, Whole]
    """In steps of `WEIGHT_STEP`, those for all texts and those of the genre already added; "" for other genres."""

    def part(self, genre: str, names: Iterable[str]) -> float:
        """The part of the log-odds, before calibration."""
        total = self.vectors.sum(names)
        if total is None:
            return 0.0
        weights = self.weights.get(genre, self.weights[""])
        scale = self.scales.get(genre, self.scales[""])
        return scale * WEIGHT_STEP * int(total @ weights) / math.sqrt(int(total @ total))


def meaning(card: Mapping[str, Any], weights: npt.NDArray[np.int32], vectors: Vectors) -> Meaning:
    """What a model's card and its rows of weights (all texts, then each genre of the card) say.

    Raises:
        ValueError: the two do not fit each other, or the vectors.
    """
    genres: Sequence[str] = card["genres"]
    if weights.shape != (1 + len(genres), vectors.dimensions):
        raise ValueError(f"weights of shape {weights.shape} for {len(genres)} genres and {vectors.dimensions} numbers")
    everywhere = weights[0].astype(np.int64)
    rows = {genre: everywhere + row for genre, row in zip(genres, weights[1:], strict=True)}
    return Meaning(vectors, card["meaning_scales"], {"": everywhere, **rows})


@lru_cache(maxsize=8)
def vectors(folder: Path, language: str) -> Vectors | None:
    """The vectors that ship for a language; None where there are none.

    Raises:
        Misconfigured: the file is damaged.
    """
    path = folder / f"{language}_words.npz"
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            return Vectors(stored["keys"], stored["vectors"])
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(f"the word vectors {path.name} cannot be read: {error}; make them anew") from error
