"""Make `frequent_words.txt.gz`: words that ordinary newspapers use often, and villages may be called.

Usage: python -m agents.classify.places.background TEXTS.jsonl … (newspaper articles: a JSON object with `text` a line).
A path that ends in .txt is a plain list of words instead (one a line; those in lower case count).
Sections of foreign news are left out: they name places, which is what the list must not hold. Only the words are kept.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from agents.classify.places.cues import cues
from agents.classify.places.fold import fold, tokens
from agents.classify.places.ordinary import FREQUENT_WORDS

PER_MILLION = 1.5
NAMED_SHARE = 0.06
FOREIGN = frozenset({"internationalNews", "jazeera/politics"})


def frequent(texts: Iterable[str], per_million: float = PER_MILLION) -> list[str]:
    """Return the folded words that stand at least so often in a million words of these texts, sorted.

    A word that often follows "city of", "village of" is a place's name first of all, and left out.
    """
    counts: Counter[str] = Counter()
    named: Counter[str] = Counter()
    types = cues().types
    for text in texts:
        forms = [token.form for token in tokens(text)]
        counts.update(forms)
        named.update(word for before, word in pairwise(forms) if before in types)
    least = counts.total() * per_million / 1e6
    return sorted(
        word
        for word, count in counts.items()
        if count >= least and not word.isdecimal() and named[word] < max(2, count * NAMED_SHARE)
    )


def listed(paths: Iterable[str]) -> Iterator[str]:
    """Yield the lower-case words of word lists, folded; possessives are left out."""
    for path in paths:
        for line in Path(path).read_text(encoding="utf8").splitlines():
            if line.islower() and "'" not in line:
                yield fold(line)


def main(paths: list[str]) -> None:
    """Read the articles and write the list."""

    def texts() -> Iterable[str]:
        for path in (path for path in paths if not path.endswith(".txt")):
            with Path(path).open(encoding="utf8") as lines:
                for line in lines:
                    article = json.loads(line)
                    if article.get("section") not in FOREIGN:
                        yield f"{article.get('title') or ''}\n{article.get('text') or ''}"

    words = sorted({*frequent(texts()), *listed(path for path in paths if path.endswith(".txt"))})
    with FREQUENT_WORDS.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write("\n".join(words).encode())
    sys.stdout.write(f"{len(words)} words in {FREQUENT_WORDS}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
