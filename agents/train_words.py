"""Make the word vectors: `python -m agents.train_words SHARED` writes `agents/classify/model/ar_words.npz`.

SHARED is the folder with `train`: articles without labels of use here. The vectors are those of Levy, Goldberg and
Dagan (2015, "Improving distributional similarity with lessons learned from word embeddings"): positive pointwise
mutual information of neighbours, contexts smoothed by .75, the first hundred directions weighted by the root of their
strength. The texts stay outside. Needs scipy (development); five minutes.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from agents.classify.features import Stems
from agents.classify.languages import LANGUAGES
from agents.classify.model import FOLDER
from agents.classify.model.meaning import key
from agents.classify.text import fold, tokens

DIMENSIONS: Final = 100
WINDOW: Final = 5
"""Neighbours on each side; the n-th counts 1/n."""
FEWEST: Final = 15
"""Roots seen less often say little of their company."""
SMOOTHING: Final = 0.75
_LONGEST: Final = 6_000
_AT_ONCE: Final = 5_000_000
_SENTENCE_END: Final = re.compile(r"[.!?\n;]")


def sentences(shared: Path) -> Iterator[list[str]]:
    """The roots of every sentence."""
    stems = Stems(LANGUAGES["ar"], "arabic")
    for path in sorted((shared / "train").glob("ar_*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                article = json.loads(line)
                text = fold(f"{article.get('title') or ''} . {article['text']}"[:_LONGEST])
                for sentence in _SENTENCE_END.split(text):
                    yield [stems.of(form)[1] for form in tokens(sentence)]


def neighbours(told: list[list[str]], row_of: dict[str, int]) -> csr_matrix:
    """How often each root stands near each other one, nearer ones counting more."""
    size = len(row_of)
    counted = csr_matrix((size, size))
    rows, columns, values = [], [], []
    for roots in told:
        at = [row_of.get(root, -1) for root in roots]
        for first, row in enumerate(at):
            for apart, column in enumerate(at[first + 1 : first + 1 + WINDOW], 1):
                if row >= 0 <= column:
                    rows.append(row)
                    columns.append(column)
                    values.append(1 / apart)
        if len(rows) > _AT_ONCE:
            counted = counted + csr_matrix((values, (rows, columns)), shape=(size, size))
            rows, columns, values = [], [], []
    counted = counted + csr_matrix((values, (rows, columns)), shape=(size, size))
    return counted + counted.T


def information(counted: csr_matrix) -> csr_matrix:
    """Positive pointwise mutual information."""
    often = np.asarray(counted.sum(axis=1)).ravel()
    smoothed = often**SMOOTHING / (often**SMOOTHING).sum()
    pairs = counted.tocoo()
    known = np.log(pairs.data / (often[pairs.row] * smoothed[pairs.col]))
    kept = known > 0
    return csr_matrix((known[kept], (pairs.row[kept], pairs.col[kept])), shape=counted.shape)


def directions(matrix: csr_matrix) -> npt.NDArray[np.int8]:
    """Unit vectors in whole numbers, the longest component anywhere being 127."""
    left, strength, _ = svds(matrix, k=DIMENSIONS, v0=np.ones(matrix.shape[0]))
    rows = left * np.sqrt(strength)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    whole: npt.NDArray[np.int8] = np.rint(rows * (127 / np.abs(rows).max())).astype(np.int8)
    return whole


def main() -> None:
    """Count, decompose, write."""
    told = list(sentences(Path(sys.argv[1])))
    often = Counter(root for roots in told for root in roots)
    by_key = {key(root): root for root, times in often.items() if times >= FEWEST}  # of two with one key, the last
    row_of = {root: row for row, root in enumerate(by_key.values())}
    table = directions(information(neighbours(told, row_of)))
    keys = np.array(list(by_key), dtype=np.uint32)
    np.savez_compressed(FOLDER / "ar_words.npz", keys=keys, vectors=table)
    sys.stdout.write(json.dumps({"roots": len(row_of), "words": sum(often.values()), "sentences": len(told)}) + "\n")


if __name__ == "__main__":
    main()
