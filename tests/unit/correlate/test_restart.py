"""A correlator that is built anew from its stored rows decides as one that kept running: restarts change nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.correlate.copies import CopyIndex, sketch
from agents.routes import Routes
from agents.stages import shipped
from schemas.codec import decode, encode
from schemas.records import Sighting
from tests.contracts.posts import posts

POSTS = [post for post in posts(320) if not post.backfill]


def told(rebuilt_every: int) -> list[bytes]:
    """All that the incidents come to, with the correlator built anew from its rows every so many posts."""
    stages, routes, rows, out = shipped(), Routes(), {}, []
    correlator = stages.correlator()
    for number, post in enumerate(POSTS):
        if rebuilt_every and number % rebuilt_every == 0:
            correlator = stages.correlator()
            correlator.load(sorted(rows.items()))
        sighting = stages.classify(stages.normalize(post))
        theatre, puts = routes.route(sighting)
        routes.apply(puts)
        if not theatre:
            continue
        fold = correlator.fold(decode(encode(sighting), Sighting), theatre)
        rows |= dict(fold.puts)
        rows = {key: value for key, value in rows.items() if value is not None}
        correlator.apply(fold.puts)
        out += [encode(incident) for incident in fold.incidents]
    return out


def test_restarts_change_nothing() -> None:
    undisturbed = told(0)
    assert len(undisturbed) > 200
    assert told(23) == undisturbed


TEXTS = st.lists(st.integers(0, 40), min_size=1, max_size=30).map(
    lambda told: sketch(np.unique(np.array(told, np.uint32)))
)


@given(st.lists(st.tuples(st.integers(0, 60), TEXTS), max_size=90), st.randoms(use_true_random=False))
def test_an_index_of_copies_is_a_function_of_the_texts_that_stand(steps, chance) -> None:
    """Texts come, are replaced and go in any order; what is found depends on what is there alone."""
    kept, standing = CopyIndex(jaccard=0.4, containment=0.8), {}
    for number, (key, text) in enumerate(steps):
        if number % 5 == 4:
            kept.discard(str(key))
            standing.pop(str(key), None)
        else:
            kept.add(str(key), text, key + 1)
            standing[str(key)] = text
    anew = CopyIndex(jaccard=0.4, containment=0.8)
    for key, text in chance.sample(list(standing.items()), len(standing)):
        anew.add(key, text, int(key) + 1)
    for text in standing.values():
        assert kept.like(text) == anew.like(text)
        assert list(kept.like(text)) == list(anew.like(text))


def test_an_index_that_grew_finds_what_one_built_in_another_order_finds() -> None:
    """Growing files all texts anew at once: of every fingerprint the latest texts still count, and no others."""
    chance = np.random.default_rng(1)
    texts = {n: sketch(np.unique(chance.integers(0, 3000, 30).astype(np.uint32))) for n in range(700)}
    one, other = CopyIndex(jaccard=0.1, containment=0.3), CopyIndex(jaccard=0.1, containment=0.3)
    for n, text in texts.items():
        one.add(str(n), text, n + 1)
    for n in chance.permutation(700).tolist():
        other.add(str(n), texts[n], n + 1)
    assert one._aside  # so full that not every text finds room in the table
    for n, text in texts.items():
        assert str(n) in one.like(text)
        assert list(one.like(text).items()) == list(other.like(text).items())
