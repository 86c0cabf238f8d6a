"""How much it says that two texts share a word: little for a word of every tenth article, much for a rare name.

The weight of a word is ln(articles / articles with the word). Counts come from newspaper articles of all sections, so
that they do not depend on the stream (what a stream has seen so far depends on the order in which it came). Words
that are in no list weigh as much as the rarest. `python -m agents.correlate.commonness FILES…` makes the list anew
from JSON lines with `title` and `text`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from math import log
from pathlib import Path
from typing import Final

import numpy as np

from agents.correlate.words import codes, words

_LIST: Final = Path(__file__).with_name("commonness.npz")
_LEVELS: Final = 24.0
"""Weights are kept in steps of 1/24."""
_LEAST: Final = 6
"""Words of fewer articles are left out of the list."""


@cache
def _known() -> tuple[dict[int, float], float]:
    with np.load(_LIST, allow_pickle=False) as stored:
        levels = stored["levels"].astype(np.float64) / _LEVELS
        return dict(zip(stored["codes"].tolist(), levels.tolist(), strict=True)), float(stored["rarest"]) / _LEVELS


def vector(of: Sequence[int], most: int) -> tuple[list[int], list[float]]:
    """The weightiest words of a text (as codes) and their weights, of unit length together, weightiest first."""
    known, rarest = _known()
    weights = {code: -known.get(code, rarest) for code in of}
    if len(weights) < len(of):
        for code, count in Counter(of).items():
            if count > 1:
                weights[code] *= 1.0 + log(count)
    weight_of = weights.__getitem__
    order = sorted(weights)
    order.sort(key=weight_of)  # of words of one weight the lowest code comes first
    length = sum([weight * weight for weight in map(weight_of, order)]) ** 0.5 or 1.0
    kept = order[:most]
    return kept, [-weight / length for weight in map(weight_of, kept)]


def count(texts: Iterable[str]) -> tuple[int, Counter[int]]:
    """Number of texts, and in how many each word stands."""
    number, seen = 0, Counter[int]()
    for text in texts:
        number += 1
        seen.update(set(codes(words(text))))
    return number, seen


def _texts(files: Iterable[str]) -> Iterable[str]:
    for name in files:
        with Path(name).open(encoding="utf-8") as lines:
            for one in lines:
                article = json.loads(one)
                yield f"{article.get('title') or ''}\n{article.get('text') or ''}"


def main() -> int:
    """Write the list; the exit code is 0."""
    number, seen = count(_texts(sys.argv[1:]))
    kept = sorted((code, n) for code, n in seen.items() if n >= _LEAST)
    np.savez_compressed(
        _LIST,
        codes=np.array([code for code, _ in kept], np.uint32),
        levels=np.array([round(log(number / n) * _LEVELS) for _, n in kept], np.uint8),
        rarest=np.array(round(log(number) * _LEVELS), np.int32),
    )
    sys.stderr.write(f"{len(kept)} words of {number} articles written to {_LIST.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
