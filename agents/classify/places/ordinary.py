"""Words that ordinary newspapers use often: a place called like one needs a sign that it is meant."""

import gzip
from functools import cache
from pathlib import Path

FREQUENT_WORDS = Path(__file__).parent / "frequent_words.txt.gz"


@cache
def frequent_words() -> frozenset[str]:
    """Return the folded words that `background` counted often."""
    with gzip.open(FREQUENT_WORDS, "rt", encoding="utf8") as lines:
        return frozenset(line.strip() for line in lines)
