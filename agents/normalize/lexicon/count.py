"""Count the words of ordinary Arabic.

Usage: python -m agents.normalize.lexicon.count TEXTS.jsonl … | gzip -9n > agents/normalize/lexicon/ar_words.tsv.gz

Reads JSON lines with `title` and `text`, writes `word<TAB>texts` for every word that at least `MINIMUM` texts use, the
most used first. Counts are facts about a language: they may be shipped where the texts may not. The list in this folder
was made from 24,266 newspaper articles of Morocco, Tunisia, Qatar and Saudi Arabia (2015–2022).
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from agents.normalize.letters import STANDARD
from agents.normalize.words import clean_words

MINIMUM = 6


class _Text(msgspec.Struct):
    text: str
    title: str | None = None


def count(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word of standard letters stands."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word in clean_words(text) if not set(word) - set(STANDARD)})
    return counts


def main(paths: list[str]) -> None:
    """Print the list of the words in these files."""
    decoder = msgspec.json.Decoder(_Text)
    texts = (
        f"{entry.title or ''}\n{entry.text}"
        for path in paths
        for line in Path(path).read_bytes().splitlines()
        for entry in [decoder.decode(line)]
    )
    counts = count(texts)
    for word, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if number >= MINIMUM:
            sys.stdout.write(f"{word}\t{number}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
