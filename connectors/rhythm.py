"""A source's own rhythm, and when its silence says something: pure.

A quiet source is not a broken one, and a feed that still answers may have stopped telling anything (an archive page in
its place, a publisher's changed system). So silence is measured against the source itself: it is silent when nothing
has come for longer than 99 of 100 of its own pauses, nights and weekends among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Final

KEEP: Final = 300
"""Publications remembered per source."""
ENOUGH_PAUSES: Final = 20
"""Fewer pauses than this say nothing about the next one."""
SHARE: Final = 0.99
SHORTEST_SILENCE_SECONDS: Final = 3600.0
"""A source that publishes in bursts has tiny pauses; an hour without a post is never worth a word."""


def merged(known: Iterable[float], fresh: Iterable[float], now: float) -> list[float]:
    """Moments of publication (Unix seconds) in order, each once, the newest `KEEP` of them; future ones left out."""
    return sorted({moment for moment in (*known, *fresh) if moment <= now})[-KEEP:]


@dataclass(frozen=True)
class Pauses:
    """What a source's own pauses tell.

    Attributes:
        usual: the median, in seconds: how often to expect a post.
        longest: seconds that 99 of 100 pauses do not exceed, at least an hour; a longer one is silence.
    """

    usual: float
    longest: float


def pauses_of(published: list[float]) -> Pauses | None:
    """The pauses between these publications, given as `merged` gives them; None where there are too few to tell."""
    pauses = sorted(later - earlier for earlier, later in pairwise(published))
    if len(pauses) < ENOUGH_PAUSES:
        return None
    return Pauses(median(pauses), max(pauses[ceil(SHARE * len(pauses)) - 1], SHORTEST_SILENCE_SECONDS))


def is_silent(published: list[float], now: float) -> bool:
    """Whether the present pause is longer than the longest usual one."""
    pauses = pauses_of(published)
    return pauses is not None and now - published[-1] > pauses.longest
