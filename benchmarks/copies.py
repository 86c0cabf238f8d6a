"""How fast, how surely and at what memory copies are found, beside the fastest library measured for the same work.

    python -m benchmarks.copies [--remembered 1000000] [--checked 5000]

Texts are invented short posts of 20 to 40 words; of those checked, half are copies with a few words changed, so that
their exact Jaccard similarity spreads from nothing to one. `rensa` (MinHash, 32 bands) is given the same texts and its
candidates are verified exactly, too. Times are CPU times, splitting into words included. Prints one JSON object.
"""

import argparse
import json
import os
import random
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import rensa

from agents.correlate.copies import CopyIndex, likeness, sketch
from agents.correlate.words import Hashes, codes, shingles, words
from benchmarks.alone import alone

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
JACCARD, CONTAINMENT = 0.5, 2.0


class Texts:
    """Invented posts, each made anew from its number."""

    def __init__(self) -> None:
        chance = random.Random(3)
        self.words = ["".join(chance.choices(LETTERS, k=chance.randint(3, 8))) for _ in range(50_000)]

    def original(self, number: int) -> list[str]:
        """The words of a remembered post."""
        chance = random.Random(number)
        return [self.words[int(len(self.words) * chance.random() ** 2)] for _ in range(chance.randint(20, 40))]

    def altered(self, number: int, share: float) -> list[str]:
        """A copy in which about that share of the words were changed."""
        chance = random.Random(-number - 1)
        return [chance.choice(self.words) if chance.random() < share else word for word in self.original(number)]


def runs_of(of: list[str]) -> Hashes:
    """What the index stores of a text."""
    return shingles(codes(words(" ".join(of))))


def checked_texts(texts: Texts, remembered: int, number: int) -> list[tuple[list[str], int | None]]:
    """Texts to check: copies of remembered ones (with the number of the original) and new ones, in turn."""
    chance = random.Random(5)
    found: list[tuple[list[str], int | None]] = []
    for n in range(number):
        if n % 2:
            found.append((texts.original(remembered + n), None))
        else:
            original = chance.randrange(remembered)
            found.append((texts.altered(original, chance.choice((0.0, 0.02, 0.05, 0.1, 0.15, 0.2))), original))
    return found


def resident() -> int:
    """Bytes of memory that this process has (Linux)."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ours(texts: Texts, remembered: int, heard: list[tuple[list[str], int | None]]) -> dict[str, Any]:
    """Our index: remember, then check."""
    before = resident()
    index = CopyIndex(jaccard=JACCARD, containment=CONTAINMENT, most=remembered)
    began = time.process_time()
    for number in range(remembered):
        index.add(str(number), sketch(runs_of(texts.original(number))))
    filling, held = time.process_time() - began, resident() - before
    lines = [(" ".join(of), original) for of, original in heard]
    began = time.process_time()
    answers = [index.like(sketch(shingles(codes(words(line))))) for line, _ in lines]
    seconds = time.process_time() - began
    expected = hit = false = 0
    for (of, original), answer in zip(heard, answers, strict=True):
        runs = runs_of(of)
        if original is not None and likeness(runs, runs_of(texts.original(original))).jaccard >= JACCARD:
            expected += 1
            hit += str(original) in answer
        false += sum(likeness(runs, runs_of(texts.original(int(k)))).jaccard < JACCARD for k in answer)
    return {
        "checked_per_second": round(len(heard) / seconds),
        "remembered_per_second": round(remembered / filling),
        "recall_against_exact_jaccard": round(hit / expected, 4),
        "pairs": expected,
        "false": false,
        "resident_bytes_per_remembered_post": round(held / remembered),
    }


def with_rensa(texts: Texts, remembered: int, heard: list[tuple[list[str], int | None]]) -> dict[str, Any]:
    """The library for the same work: MinHash of the same word runs, locality-sensitive hashing, exact verification."""

    def sketch(of: list[str]) -> rensa.RMinHash:
        found = rensa.RMinHash(num_perm=128, seed=42)
        found.update([" ".join(of[n : n + 4]) for n in range(len(of) - 3)])
        return found

    before = resident()
    index = rensa.RMinHashLSH(threshold=JACCARD, num_perm=128, num_bands=32)
    kept: list[Hashes] = []
    began = time.process_time()
    for number in range(remembered):
        of = texts.original(number)
        index.insert(number, sketch(of))
        kept.append(runs_of(of))
    filling, held = time.process_time() - began, resident() - before
    lines = [(" ".join(of), original) for of, original in heard]
    expected = hit = 0
    began = time.process_time()
    answers = []
    for line, _ in lines:
        of = words(line)
        runs = shingles(codes(of))
        answers.append({n for n in index.query(sketch(of)) if likeness(runs, kept[n]).jaccard >= JACCARD})
    seconds = time.process_time() - began
    for (of, original), answer in zip(heard, answers, strict=True):
        if original is not None and likeness(runs_of(of), kept[original]).jaccard >= JACCARD:
            expected += 1
            hit += original in answer
    return {
        "checked_per_second": round(len(heard) / seconds),
        "remembered_per_second": round(remembered / filling),
        "recall_against_exact_jaccard": round(hit / expected, 4),
        "resident_bytes_per_remembered_post": round(held / remembered),
    }


def memory(texts: Texts, remembered: int) -> int:
    """Bytes for each remembered post, its key included."""
    sketches = [(f"p-{number:020d}", sketch(runs_of(texts.original(number)))) for number in range(remembered)]
    tracemalloc.start()
    index = CopyIndex(jaccard=JACCARD, containment=CONTAINMENT)
    for key, text in sketches:
        index.add(key, text)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(held / remembered)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--remembered", type=int, default=1_000_000)
    parser.add_argument("--checked", type=int, default=5_000)
    parser.add_argument("--rensa-remembered", type=int, default=100_000)
    options = parser.parse_args()
    texts = Texts()
    small = min(options.remembered, options.rensa_remembered)
    heard, fewer = (checked_texts(texts, n, options.checked) for n in (options.remembered, small))
    found = {
        "remembered": options.remembered,
        "ours": alone(ours, texts, options.remembered, heard),
        "side_by_side": {
            "remembered": small,
            "ours": alone(ours, texts, small, fewer),
            "rensa": alone(with_rensa, texts, small, fewer),
        },
        "bytes_per_remembered_post": memory(texts, 50_000),
    }
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
