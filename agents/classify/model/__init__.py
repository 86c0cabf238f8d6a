"""The decision's linear model: a table of weights, read from `.npz` and JSON, never from pickles.

`python -m agents.train` makes the files; numpy alone reads them.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from agents.classify.features import SIZE, places
from agents.classify.model.meaning import Meaning, meaning, vectors
from schemas.errors import Misconfigured

FOLDER: Final = Path(__file__).parent
_MOST_NAMES: Final = 5


class Observed(NamedTuple):
    """What the decision looks at in one report."""

    genre: str
    words: Sequence[str]
    """Names of the features that are words and pairs of words, repeated as often as they occur."""
    roots: Sequence[str]
    """The same of words cut down to their roots."""
    rules: Mapping[str, float]
    """Names and values of what the rules found."""


class Scored(NamedTuple):
    """A probability and the features that moved it most."""

    probability: float
    strongest: tuple[tuple[str, float], ...]
    bar: float | None = None
    """The probability from which this kind of text is called relevant, where it is not the scorer's threshold."""


class Scorer(Protocol):
    """Anything that can judge a report: the shipped linear model, or a plug-in (`agents.classify.plugins`)."""

    version: str
    threshold: float
    """Probability from which a report is called relevant."""

    def score(self, observed: Observed, text: str) -> Scored:
        """The probability that the report is relevant.

        Args:
            observed: hashed features, for linear models.
            text: the report's repaired text, for models that read it themselves.
        """
        ...


class Linear:
    """A logistic regression over hashed features and what a text is about, with a calibration of its log-odds."""

    def __init__(self, weights: npt.NDArray[np.float32], card: Mapping[str, Any], meant: Meaning | None = None) -> None:
        """Take the weights and their card, and what the directions of texts weigh where the model knows any.

        Raises:
            Misconfigured: the two do not fit each other.
        """
        if weights.shape != (SIZE,):
            raise Misconfigured(f"the model's weights have the shape {weights.shape}, not ({SIZE},): train it anew")
        self._weights = weights.astype(np.float32)  # half the memory to look through of what sums are made in
        self._bias = float(card["bias"])
        self._word_scale = float(card["word_scale"])
        self._slope, self._shift = float(card["slope"]), float(card["shift"])
        self.version = str(card["version"])
        self.threshold = float(card["threshold"])
        self._bars: Mapping[str, float] = {genre: float(bar) for genre, bar in card.get("bars", {}).items()}
        self._meant = meant

    def score(self, observed: Observed, text: str) -> Scored:  # noqa: ARG002
        """The probability and the features that moved it most."""
        genre = observed.genre
        values = values_of(observed, self._word_scale)
        everywhere, here = places(values, genre)
        weights = self._weights[everywhere].astype(np.float64) + self._weights[here]
        parts = np.fromiter(values.values(), np.float64, len(values)) * weights
        if self._meant is not None:
            values["meaning"] = 1.0
            parts = np.append(parts, self._meant.part(genre, observed.roots))
        logit = self._slope * (math.fsum(parts.tolist()) + self._bias) + self._shift
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        return Scored(probability, _strongest(list(values), parts), self._bars.get(genre))


def _strongest(names: Sequence[str], parts: npt.NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
    """The features that move a score most, the strongest first, equal ones by name."""
    sizes = np.abs(parts)
    least = np.partition(sizes, -_MOST_NAMES)[-_MOST_NAMES] if len(sizes) > _MOST_NAMES else 0.0
    among = [(names[at], float(parts[at])) for at in np.flatnonzero(sizes >= least).tolist()]
    return tuple(sorted(among, key=lambda part: (-abs(part[1]), part[0]))[:_MOST_NAMES])


def values_of(observed: Observed, scale: float) -> dict[str, float]:
    """Features and their values, each once; `features.genre` tells why linear models count them twice.

    Counts of words are damped by their logarithm, and words and roots each brought to one length, so that long texts
    weigh no more than short ones.
    """
    values = dict(observed.rules)
    values["genre:" + observed.genre] = 1.0
    for names in (observed.words, observed.roots):
        counts = Counter(names)
        damped = {name: 1 + math.log(count) for name, count in counts.items() if count > 1}
        once = float(len(counts) - len(damped))
        length = math.sqrt(math.fsum([once, *(value * value for value in damped.values())])) or 1.0
        factor = scale / length
        values |= dict.fromkeys(counts, factor)
        values |= {name: factor * value for name, value in damped.items()}
    return values


@lru_cache(maxsize=8)
def shipped(language: str) -> Linear | None:
    """The model that ships for a language; None where there is none.

    Raises:
        Misconfigured: its files are damaged.
    """
    card_path, weights_path = FOLDER / f"{language}.json", FOLDER / f"{language}.npz"
    if not card_path.is_file():
        return None
    try:
        card = json.loads(card_path.read_text("utf-8"))
        with np.load(weights_path, allow_pickle=False) as stored:
            weights = np.zeros(SIZE, dtype=np.float32)
            weights[stored["places"]] = stored["weights"].astype(np.float32)
            known = vectors(FOLDER, language) if "meaning_scales" in card else None
            meant = None if known is None else meaning(card, stored["meaning"], known)
        return Linear(weights, card, meant)
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(f"the model {weights_path.name} cannot be read: {error}; train it anew") from error
