"""What a text is about: directions of word vectors, and what they weigh in the decision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.classify.model import FOLDER, Linear, Observed, shipped
from agents.classify.model.meaning import WEIGHT_STEP, Vectors, key, meaning, vectors

ROOTS = ("bomb", "blast", "goal")
KNOWN = Vectors(
    np.array([key(root) for root in ROOTS], dtype=np.uint32),
    np.array([[100, 20], [90, 30], [-10, 110]], dtype=np.int8),
)
CARD = {"genres": ["headline"], "meaning_scales": {"": 5.0, "headline": 2.0}}
STEPS = round(1 / WEIGHT_STEP)


def test_a_direction_is_the_mean_of_the_roots_with_length_one():
    about = KNOWN.direction(["s:bomb", "s:goal", "w:bomb", "s:never seen"])
    assert math.hypot(*about) == pytest.approx(1)
    assert about[1] / about[0] == pytest.approx(130 / 90)
    assert not KNOWN.direction(["s:never seen", "w:bomb"]).any()


@given(st.permutations(["s:bomb", "s:blast", "s:goal", "s:bomb", "s:unknown"]))
def test_the_order_of_words_changes_no_bit(names):
    meant = meaning(CARD, np.array([[STEPS, 0], [0, 3]], dtype=np.int32), KNOWN)
    assert meant.part("headline", names) == meant.part("headline", sorted(names))


def test_a_genre_adds_its_own_weights_and_counts_by_its_own_scale():
    meant = meaning(CARD, np.array([[STEPS, 0], [STEPS, 0]], dtype=np.int32), KNOWN)
    east = 100 / math.hypot(100, 20)
    assert meant.part("post", ["s:bomb"]) == pytest.approx(5 * east)
    assert meant.part("headline", ["s:bomb"]) == pytest.approx(2 * (east + east))
    assert meant.part("post", ["s:unknown"]) == 0


def test_words_without_a_weight_of_their_own_decide_by_their_company():
    card = {**CARD, "bias": 0.0, "word_scale": 1.0, "slope": 1.0, "shift": 0.0, "version": "t", "threshold": 0.5}
    meant = meaning(card, np.array([[2 * STEPS, -2 * STEPS], [0, 0]], dtype=np.int32), KNOWN)
    model = Linear(np.zeros(1 << 18, dtype=np.float32), card, meant)
    blast, goal = (model.score(Observed("post", [], [f"s:{root}"], {}), "") for root in ("blast", "goal"))
    assert blast.probability > 0.9 > 0.1 > goal.probability
    assert blast.strongest[0][0] == "meaning", "and the decision says so"


def test_rows_that_do_not_fit_the_card_are_refused():
    with pytest.raises(ValueError, match="1 genres and 2 numbers"):
        meaning(CARD, np.zeros((3, 2), dtype=np.int32), KNOWN)


def test_the_shipped_model_finds_like_words_near_each_other():
    assert shipped("ar") is not None
    known = vectors(FOLDER, "ar")
    assert known is not None
    about = {root: known.direction([f"s:{root}"]) for root in ("انفجار", "تفجير", "مبارا")}  # explosion, bombing, match
    assert all(direction.any() for direction in about.values())
    assert about["انفجار"] @ about["تفجير"] > 0.5 > about["انفجار"] @ about["مبارا"]
    assert vectors(FOLDER, "tr") is None
