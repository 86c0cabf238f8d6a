"""Train the relevance models: `python -m agents.train SHARED [ar|en]` writes `agents/classify/model/<language>.*`.

SHARED is the folder with `eval/sets` and `train`. Numbers are out of fold: five folds, texts of one incident, document
or headline never on both sides. The texts stay outside; only weights are written. Needs scikit-learn (development).
"""

import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from agents.classify.classifier import Classifier
from agents.classify.features import SIZE, place
from agents.classify.model import FOLDER, values_of
from agents.normalize import normalize
from schemas.codec import decode
from schemas.ids import digest
from schemas.kinds import SourceKind
from schemas.records import Post, Source

WORD_SCALE: Final = {"ar": 6.0, "en": 1.5}
STRENGTH: Final = {"ar": 0.2, "en": 0.2}
"""Inverse of the regularisation."""
_SMALLEST: Final = 0.004
"""Weights below it change no decision and are left out of the file."""
_FIRST_WORDS: Final = 14
_LEARNED_AT: Final = datetime(2020, 1, 1, tzinfo=UTC)
_QUIET_SECTIONS: Final = re.compile("sport|culture|economy|technology|science|tamazight")
Floats = npt.NDArray[np.float64]


class Example(NamedTuple):
    """A post with its label, what it counts, which set it is from, and what must stay in its fold."""

    post: Post
    label: bool
    weight: float
    origin: str
    group: str


def examples(shared: Path, language: str) -> Iterator[Example]:
    """All labelled posts of a language."""
    yield from _written(language)
    if language == "en":
        yield from _english(shared)
        return
    for post, gold in _set(shared, "ar_incidents"):
        yield Example(post, True, 1.0, "ar_incidents", gold["incident_id"])
        yield Example(_plain(post), True, 0.3, "ar_incidents, first line", gold["incident_id"])
    for post, gold in _set(shared, "ar_sentences"):
        document = str(post.native_id).rsplit("-", 1)[0]
        weight = 1.5 if gold["difficulty"] == "difficult no" else 2.5
        yield Example(post, gold["relevant"], weight, "ar_sentences", document)
    for post, _ in _set(shared, "ar_not_security"):
        yield Example(post, False, 2.0, "ar_not_security", digest(post.title or post.text))
    yield from _newspapers(shared)


def _english(shared: Path) -> Iterator[Example]:
    """Reports of violence against a broadcaster's ordinary news.

    The set's own labels are not used: they call bombings and abductions irrelevant and party politics relevant.
    """
    for post, _ in _set(shared, "en_relevance"):
        incident = post.source.id.startswith("satp")
        group = digest(post.text[:200])
        yield Example(post, incident, 1.0, post.source.id, group)
        yield Example(_plain(post), incident, 0.5, post.source.id + ", first line", group)


def _written(language: str) -> Iterator[Example]:
    """Short posts written for marqab, dialects among them: kinds of incident that the sets do not hold."""
    for line in (FOLDER / "written.tsv").read_text("utf-8").splitlines():
        label, code, text = line.split("\t")
        if code == language:
            yield Example(_post("", text), label == "1", 2.0, "written", digest(text))


def _plain(post: Post) -> Post:
    """The post as one line: the first words that say something, without hashtags and addresses."""
    lines = (re.sub(r"#\S+|https?://\S+|[#_|]", " ", line).strip() for line in post.text.splitlines())
    first = next((line for line in lines if len(line) > 25), post.text)
    return _post("", " ".join(re.split(r"(?<=[.!؟])\s", first)[0].split()[:_FIRST_WORDS]))


def _set(shared: Path, name: str) -> Iterator[tuple[Post, dict[str, Any]]]:
    with (shared / "eval" / "sets" / f"{name}.jsonl").open("rb") as lines:
        for line in lines:
            yield decode(line, Post), json.loads(line)["gold"]


def _newspapers(shared: Path) -> Iterator[Example]:
    """Headlines judged by reading, and articles of quiet sections."""
    labels: dict[str, int] = json.loads((FOLDER / "headlines.json").read_text("utf-8"))["labels"]
    chance = random.Random(7)
    for path in sorted((shared / "train").glob("ar_*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                article = json.loads(line)
                title, text = (article.get("title") or "").strip(), article["text"]
                label = labels.get(digest(title))
                if label is not None:
                    for body in ("", text[:1500]):
                        yield Example(_post(title, body), bool(label), 2.0, "headlines", digest(title))
                    yield Example(_post("", title), bool(label), 1.0, "headlines as prose", digest(title))
                elif _QUIET_SECTIONS.search(article.get("section", "")) and chance.random() < 0.4:
                    body = text[:1500] if chance.random() < 0.5 else ""
                    plain = not body and chance.random() < 0.5
                    post = _post("", title) if plain else _post(title, body)
                    yield Example(post, False, 0.5, "sections", digest(title))


def _post(title: str, text: str) -> Post:
    source = Source(id="train", kind=SourceKind.FEED)
    return Post(source=source, native_id=digest(title), title=title, text=text, published_at=_LEARNED_AT)


def matrix(classifier: Classifier, found: Iterable[Example], scale: float) -> csr_matrix:
    """One row of hashed features an example; every feature stands for all genres and for its own."""
    pointers, places, values = [0], [], []
    for example in found:
        observed = classifier.observe(normalize(example.post))
        row = values_of(observed, scale)
        places += [place(name) for name in row] + [place(f"{observed.genre}|{name}") for name in row]
        values += [*row.values(), *row.values()]
        pointers.append(len(places))
    return csr_matrix((values, places, pointers), shape=(len(pointers) - 1, SIZE), dtype=np.float64)


def out_of_fold(x: csr_matrix, y: npt.NDArray[np.bool_], weights: Floats, groups: list[str], c: float) -> Floats:
    """Log-odds of every example by a model that has not seen its group."""
    odds = np.zeros(len(y))
    for inside, outside in GroupKFold(5, shuffle=True, random_state=1).split(x, y, groups):
        model = _fit(x[inside], y[inside], weights[inside], c)
        odds[outside] = model.decision_function(x[outside])
    return odds


def _fit(x: csr_matrix, y: npt.NDArray[np.bool_], weights: Floats, c: float) -> LogisticRegression:
    return LogisticRegression(C=c, solver="liblinear", max_iter=300).fit(x, y, sample_weight=weights)


def report(found: list[Example], called: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Out-of-fold counts by set."""
    table: dict[str, dict[str, int]] = {}
    for example, yes in zip(found, called, strict=True):
        row = table.setdefault(example.origin, {"tp": 0, "fp": 0, "fn": 0, "tn": 0})
        row[("t" if example.label == yes else "f") + ("p" if yes else "n")] += 1
    return table


def best_threshold(found: list[Example], odds: Floats) -> float:
    """The probability with the best mean F1 over the sets that hold both kinds, out of fold."""
    origins = np.array([e.origin for e in found])
    y = np.array([e.label for e in found])
    mixed = [origins == o for o in set(origins) if 0 < y[origins == o].mean() < 1] or [np.ones(len(y), dtype=bool)]

    def mean_f1(threshold: float) -> float:
        called = odds >= threshold
        return float(np.mean([2 * (called & y)[s].sum() / (called[s].sum() + y[s].sum()) for s in mixed]))

    return float(1 / (1 + np.exp(-max(np.arange(-2.5, 1.0, 0.1), key=mean_f1))))


def main() -> None:
    """Train, tell the out-of-fold numbers, write the files."""
    shared, language = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "ar"
    found = list(examples(shared, language))
    x = matrix(Classifier.default(), found, WORD_SCALE[language])
    y = np.array([e.label for e in found])
    weights = np.array([e.weight for e in found])
    odds = out_of_fold(x, y, weights, [e.group for e in found], STRENGTH[language])
    slope, shift = _platt(odds, y, weights)
    calibrated = slope * odds + shift
    threshold = round(best_threshold(found, calibrated), 3)
    card = {
        "language": language,
        "examples": len(found),
        "positive": int(y.sum()),
        "threshold": threshold,
        "out_of_fold": report(found, calibrated >= np.log(threshold / (1 - threshold))),
        "word_scale": WORD_SCALE[language],
        "slope": round(slope, 4),
        "shift": round(shift, 4),
    }
    write(language, _fit(x, y, weights, STRENGTH[language]), card)


def _platt(odds: Floats, y: npt.NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """Slope and shift that make out-of-fold log-odds probabilities (Platt 1999)."""
    model = LogisticRegression(C=1e6).fit(odds.reshape(-1, 1), y, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write(language: str, model: LogisticRegression, card: dict[str, Any]) -> None:
    """The weights that are not zero as half floats, and the card beside them."""
    weights = np.where(np.abs(model.coef_[0]) < _SMALLEST, 0.0, model.coef_[0]).astype(np.float16)
    places = np.flatnonzero(weights).astype(np.uint32)
    np.savez_compressed(FOLDER / f"{language}.npz", places=places, weights=weights[places])
    version = f"{language}-{digest(weights.tobytes().hex())[:8]}"
    card = {"version": version, "bias": round(float(model.intercept_[0]), 5), **card}
    (FOLDER / f"{language}.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(card, indent=1) + "\n")


if __name__ == "__main__":
    main()
