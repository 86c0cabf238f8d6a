"""Train the relevance models: `python -m agents.train SHARED [ar|en]` writes `agents/classify/model/<language>.*`.

SHARED is the folder with `eval/sets` and `train`. Numbers are out of fold: five folds, cut three ways, texts of one
incident, document or headline never on both sides; bars are chosen on the other folds. The texts stay outside; only
weights are written. Needs scikit-learn (development).
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
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from agents.classify.classifier import Classifier
from agents.classify.features import SENTENCE, SIZE, place
from agents.classify.model import FOLDER, values_of
from agents.classify.model.meaning import WEIGHT_STEP, vectors
from agents.normalize import normalize
from schemas.codec import decode
from schemas.ids import digest
from schemas.kinds import SourceKind
from schemas.records import Post, Source

WORD_SCALE: Final = {"ar": 6.0, "en": 1.5}
STRENGTH: Final = {"ar": 0.2, "en": 0.2}
"""Inverse of the regularisation."""
MEANING_SCALES: Final = {"": 3.0, SENTENCE: 2.0}
"""What a text's direction counts (decision 32): more than that, and texts of articles are judged by their topic."""
AS_HEADLINE: Final = 0.5
"""What a written text counts as a headline: newspapers' headlines know few mines, seizures, exchanges and bodies found.

English headlines come without a title in the sets, so there nothing is gained by it.
"""
SEEDS: Final = (1, 2, 3, 4, 5, 6)
"""Ways to cut the folds: one way alone is a matter of luck (F1 on sentences .60 to .66)."""
_MIXED: Final = 0.05
_FEWEST: Final = 250
"""A set has a say in the bars when it holds both kinds, and enough texts."""
_FOLDS: Final = 5
_SMALLEST: Final = 0.004
"""Weights below it change no decision and are left out of the file."""
_FIRST_WORDS: Final = 14
_LEARNED_AT: Final = datetime(2020, 1, 1, tzinfo=UTC)
_QUIET_SECTIONS: Final = re.compile("sport|culture|economy|technology|science|tamazight")
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


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
            if code == "ar":
                yield Example(_post(text, ""), label == "1", AS_HEADLINE, "written as headlines", digest(text))


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
                    yield Example(_post(title, ""), bool(label), 2.0, "headlines", digest(title))
                    yield Example(_post(title, text[:1500]), bool(label), 2.0, "articles", digest(title))
                    yield Example(_post("", title), bool(label), 1.0, "headlines as prose", digest(title))
                elif _QUIET_SECTIONS.search(article.get("section", "")) and chance.random() < 0.4:
                    body = text[:1500] if chance.random() < 0.5 else ""
                    plain = not body and chance.random() < 0.5
                    post = _post("", title) if plain else _post(title, body)
                    yield Example(post, False, 0.5, "sections", digest(title))


def _post(title: str, text: str) -> Post:
    source = Source(id="train", kind=SourceKind.FEED)
    return Post(source=source, native_id=digest(title), title=title, text=text, published_at=_LEARNED_AT)


def matrix(classifier: Classifier, found: Iterable[Example], language: str) -> tuple[csr_matrix, list[str]]:
    """One row of features an example, and its genre; every feature stands for all genres and for its own.

    Hashed ones first, then the directions: for all genres, and for each in the order of its name.
    """
    scale, known = WORD_SCALE[language], vectors(FOLDER, language)
    pointers, places, values, genres, about = [0], [], [], [], []
    for example in found:
        observed = classifier.observe(normalize(example.post))
        row = values_of(observed, scale)
        places += [place(name) for name in row] + [place(f"{observed.genre}|{name}") for name in row]
        values += [*row.values(), *row.values()]
        pointers.append(len(places))
        genres.append(observed.genre)
        if known is not None:
            counts = MEANING_SCALES.get(observed.genre, MEANING_SCALES[""])
            about.append(counts * known.direction(observed.roots))
    hashed = csr_matrix((values, places, pointers), shape=(len(pointers) - 1, SIZE), dtype=np.float64)
    if known is None:
        return hashed, genres
    directions, kinds = np.array(about), np.array(genres)
    own = [directions * (kinds == genre)[:, None] for genre in sorted(set(genres))]
    return csr_matrix(hstack([hashed, *map(csr_matrix, [directions, *own])])), genres


def out_of_fold(
    x: csr_matrix, y: Bools, weights: Floats, groups: list[str], c: float, seed: int
) -> tuple[Floats, npt.NDArray[np.int_]]:
    """Log-odds of every example by a model that has not seen its group, and the example's fold.

    A group's fold comes from its name alone: texts added to the training cut nothing else anew, so that figures before
    and after compare (another cut alone moves F1 on sentences by .03).
    """
    odds = np.zeros(len(y))
    folds = np.array([int(digest(str(seed), group)[:8], 16) % _FOLDS for group in groups])
    for fold in range(_FOLDS):
        inside, outside = folds != fold, folds == fold
        odds[outside] = _fit(x[inside], y[inside], weights[inside], c).decision_function(x[outside])
    return odds, folds


def _fit(x: csr_matrix, y: Bools, weights: Floats, c: float) -> LogisticRegression:
    return LogisticRegression(C=c, solver="liblinear", max_iter=300).fit(x, y, sample_weight=weights)


def report(found: list[Example], called: Bools) -> dict[str, Any]:
    """Out-of-fold counts by set."""
    table: dict[str, dict[str, int]] = {}
    for example, yes in zip(found, called, strict=True):
        row = table.setdefault(example.origin, {"tp": 0, "fp": 0, "fn": 0, "tn": 0})
        row[("t" if example.label == yes else "f") + ("p" if yes else "n")] += 1
    return table


def best_bars(found: list[Example], genres: npt.NDArray[np.str_], odds: Floats) -> dict[str, float]:
    """The log-odds with the best mean F1 over the sets that hold both kinds: for sentences, and for all other texts."""
    bars = {}
    for kind, chosen in (("", genres != SENTENCE), (SENTENCE, genres == SENTENCE)):
        here = np.flatnonzero(chosen)
        origins = np.array([found[i].origin for i in here])
        y = np.array([found[i].label for i in here], dtype=np.bool_)
        sets = [origins == o for o in sorted(set(origins)) if (origins == o).sum() >= _FEWEST]
        mixed = [s for s in sets if _MIXED <= y[s].mean() <= 1 - _MIXED]
        bars[kind] = _best(odds[here], y, mixed or [np.ones(len(y), dtype=np.bool_)])
    return bars


def _best(odds: Floats, y: Bools, sets: list[Bools]) -> float:
    def mean_f1(bar: float) -> float:
        called = odds >= bar
        return float(np.mean([2 * (called & y)[s].sum() / (called[s].sum() + y[s].sum()) for s in sets]))

    return float(max(np.arange(-2.5, 1.0, 0.1), key=mean_f1))


def _above(bars: dict[str, float], genres: npt.NDArray[np.str_], odds: Floats) -> Bools:
    return odds >= np.where(genres == SENTENCE, bars[SENTENCE], bars[""])


def nested(found: list[Example], genres: npt.NDArray[np.str_], odds: Floats, folds: npt.NDArray[np.int_]) -> Bools:
    """Which examples are called relevant when the bars, too, are chosen on the other folds."""
    called = np.zeros(len(found), dtype=np.bool_)
    for fold in range(folds.max() + 1):
        inside, outside = np.flatnonzero(folds != fold), folds == fold
        bars = best_bars([found[i] for i in inside], genres[inside], odds[inside])
        called[outside] = _above(bars, genres[outside], odds[outside])
    return called


def main() -> None:
    """Train, tell the out-of-fold numbers, write the files."""
    shared, language = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "ar"
    found = list(examples(shared, language))
    x, kinds = matrix(Classifier.default(), found, language)
    genres = np.array(kinds)
    y = np.array([e.label for e in found])
    weights = np.array([e.weight for e in found])
    runs, shifts, bars = [], [], []
    for seed in SEEDS:
        odds, folds = out_of_fold(x, y, weights, [e.group for e in found], STRENGTH[language], seed)
        slope, shift = _platt(odds, y, weights)
        calibrated = slope * odds + shift
        runs.append(report(found, nested(found, genres, calibrated, folds)))
        shifts.append((slope, shift))
        bars.append(best_bars(found, genres, calibrated))
    slope, shift = np.mean(shifts, axis=0)
    card = {
        "language": language,
        "examples": len(found),
        "positive": int(y.sum()),
        "threshold": _probability([b[""] for b in bars]),
        "bars": {SENTENCE: _probability([b[SENTENCE] for b in bars])},
        "out_of_fold": _mean(runs),
        "word_scale": WORD_SCALE[language],
        "slope": round(float(slope), 4),
        "shift": round(float(shift), 4),
    }
    if vectors(FOLDER, language) is not None:
        card |= {"meaning_scales": MEANING_SCALES, "genres": sorted(set(kinds))}
    write(language, _fit(x, y, weights, STRENGTH[language]), card)


def _probability(odds: list[float]) -> float:
    return round(float(1 / (1 + np.exp(-np.mean(odds)))), 3)


def _mean(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts by set, the mean of several ways to cut the folds; F1 where a set holds both kinds."""
    table = {}
    for origin in runs[0]:
        row = {part: round(float(np.mean([run[origin][part] for run in runs])), 1) for part in runs[0][origin]}
        if row["tp"] + row["fn"] and row["fp"] + row["tn"]:
            row["f1"] = round(2 * row["tp"] / (2 * row["tp"] + row["fp"] + row["fn"]), 3)
        table[origin] = row
    return table


def _platt(odds: Floats, y: Bools, weights: Floats) -> tuple[float, float]:
    """Slope and shift that make out-of-fold log-odds probabilities (Platt 1999)."""
    model = LogisticRegression(C=1e6).fit(odds.reshape(-1, 1), y, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def write(language: str, model: LogisticRegression, card: dict[str, Any]) -> None:
    """The weights that are not zero as half floats, those of directions as whole numbers, and the card beside them."""
    learned = model.coef_[0][:SIZE]
    weights = np.where(np.abs(learned) < _SMALLEST, 0.0, learned).astype(np.float16)
    places = np.flatnonzero(weights).astype(np.uint32)
    about = np.rint(model.coef_[0][SIZE:] / WEIGHT_STEP).astype(np.int32)
    rows = about.reshape(1 + len(card["genres"]), -1) if about.size else about
    np.savez_compressed(FOLDER / f"{language}.npz", places=places, weights=weights[places], meaning=rows)
    version = f"{language}-{digest((weights.tobytes() + about.tobytes()).hex())[:8]}"
    card = {"version": version, "bias": round(float(model.intercept_[0]), 5), **card}
    (FOLDER / f"{language}.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(card, indent=1) + "\n")


if __name__ == "__main__":
    main()
