"""Whatever could join a post is found if it has a word, a name or a nearby toll in common; far ones are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.correlate.address import address
from agents.correlate.near import NEXT, NEXT_BY_WORD, SPREAD, Neighbourhood
from agents.correlate.rules import DEFAULT
from agents.correlate.same import Comparison
from agents.correlate.traits import Traits, traits
from schemas.kinds import Accuracy
from tests.unit.correlate.builders import place, sighting, toll
from tests.unit.correlate.test_glance import posts

MANY = 1000


def found(remembered: list[Traits], new: Traits, most: int = MANY) -> set[str]:
    near = Neighbourhood(DEFAULT.join)
    for one in remembered:
        near.add(address(one))
    return {other.key[1] for other in near.of(address(new), most)}


@settings(max_examples=400)
@given(posts("new"), st.lists(posts("other"), min_size=1, max_size=8))
def test_what_would_join_by_a_word_in_common_is_found(new, others):
    score = Comparison(new, DEFAULT).score
    for other in others:
        if score(other) is not None and set(new.words) & set(other.words):
            assert found([other], new) == {other.key[1]}


@settings(max_examples=60)
@given(posts("new"), st.lists(posts("other"), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_what_is_found_depends_on_no_order_and_on_nothing_that_was_forgotten(new, others, chance):
    ids = [f"p-{number}" for number in range(len(others))]
    named = [_named(other, post_id) for other, post_id in zip(others, ids, strict=True)]
    gone = chance.choice(ids)
    expected = found([one for one in named if one.key[1] != gone], new)
    chance.shuffle(named)
    near = Neighbourhood(DEFAULT.join)
    for one in [*named, *named]:  # the second time as an edit
        near.add(address(one))
    near.discard(gone)
    assert {other.key[1] for other in near.of(address(new), MANY)} == expected
    for post_id in ids:
        near.discard(post_id)
    assert not near.of(address(new), MANY)
    assert len(near) == 0


def _named(post: Traits, post_id: str) -> Traits:
    values = {name: getattr(post, name) for name in post.__struct_fields__}
    return Traits(**{**values, "key": (post.published, post_id)})


def told(name: str, lat: float, lon: float, minutes: float, killed: int, words: list[int]) -> Traits:
    there = place(name, lat, lon, accuracy=Accuracy.TOWN, admin1=name)
    return traits(sighting(name, minutes=minutes, place=there, tolls=[toll(killed)]), words, [1.0] * len(words))


def _many(number: int, name: str, lat: float, words: list[int]) -> list[Traits]:
    return [_named(told(name, lat, 39.0, minute, 4, words), f"p-{minute:04}") for minute in range(number)]


@pytest.mark.parametrize(
    ("lat", "name", "killed", "words"),
    [
        pytest.param(35.955, "Mashlab", 9, [7], id="half a kilometre off under another name"),
        pytest.param(36.15, "Mansura", 4, [7], id="22 kilometres off with the same toll"),
        pytest.param(38.0, "Raqqa", 9, [7], id="of the same name, wherever a list puts it"),
    ],
)
def test_a_post_is_found_without_a_word_in_common(lat, name, killed, words):
    other = _named(told(name, lat, 39.0, 10, killed, words), "p-other")
    near = Neighbourhood(-MANY)  # whatever it may come to
    near.add(address(other))
    assert [one.key for one in near.of(address(told("Raqqa", 35.95, 39.0, 0, 4, [1])), MANY)] == [other.key]


def test_the_same_words_of_a_town_far_away_push_nobody_out():
    """Reports of one day use the same words everywhere; eight of them from elsewhere must not hide the neighbour."""
    mine = _named(told("Tabqa", 35.85, 38.8, 0, 4, [1, 2]), "p-mine")
    elsewhere = _many(3 * NEXT_BY_WORD, "Aden", 12.8, [1, 2])
    assert found([mine, *elsewhere], told("Raqqa", 36.05, 39.0, 30, 5, [1, 2])) == set()  # too far for the words
    assert found([mine, *elsewhere], told("Raqqa", 35.85, 38.8, 30, 5, [1, 2])) == {"p-mine"}


def test_the_same_words_close_by_are_found_among_all_that_is_told_of_a_city():
    mine = _named(told("Mashlab", 36.005, 39.0, -1, 4, [1, 2]), "p-mine")  # in the next part of the world
    others = _many(3 * NEXT, "Mashlab", 36.005, [])
    assert "p-mine" in found([mine, *others], told("Raqqa", 35.995, 39.0, 3 * NEXT, 4, [1, 2]))


def test_of_what_is_much_spoken_of_the_next_before_and_after_are_looked_at():
    remembered = _many(4 * NEXT, "Raqqa", 35.95, [])
    near = found(remembered, told("Raqqa", 35.95, 39.0, 2 * NEXT + 0.5, 4, []))
    assert near == {f"p-{minute:04}" for minute in range(NEXT + 1, 3 * NEXT + 1)}


def test_the_ones_with_the_most_in_common_are_compared_first_then_the_nearest_in_time():
    remembered = [*_many(20, "Raqqa", 35.95, []), _named(told("Raqqa", 35.95, 39.0, 19, 4, [1, 2]), "p-alike")]
    assert found(remembered, told("Raqqa", 35.95, 39.0, -1, 4, [1, 2]), 3) == {"p-alike", "p-0000", "p-0001"}


def test_a_post_without_coordinates_is_found_by_its_words_from_everywhere():
    unknown = sighting("nowhere", minutes=5, tolls=[toll(4)], place=None)
    nowhere = traits(unknown, [1], [1.0])
    there = told("Raqqa", 35.95, 39.0, 0, 4, [1])
    assert found([nowhere], there) == {nowhere.key[1]}
    assert found([there], nowhere) == {there.key[1]}


def test_a_post_without_coordinates_looks_at_few_however_many_tell_of_its_words():
    """A word of one town many times over, and a word that is spoken everywhere."""
    town = _many(4 * NEXT, "Raqqa", 35.95, [1])
    everywhere = [
        _named(told(f"town {degree}", degree + 0.5 - 40, 39.0, degree, 4, [2]), f"q-{degree}")
        for degree in range(SPREAD + 1)
    ]
    nowhere = traits(sighting("nowhere", minutes=2 * NEXT, tolls=[toll(4)], place=None), [1, 2], [1.0, 1.0])
    near = found([*town, *everywhere], nowhere)
    assert near == {f"p-{minute:04}" for minute in range(2 * NEXT - NEXT_BY_WORD + 1, 2 * NEXT + NEXT_BY_WORD + 1)}
    nearest = {f"q-{degree}" for degree in range(SPREAD + 1 - 2 * NEXT_BY_WORD, SPREAD + 1)}
    assert found(everywhere[1:], nowhere) == nearest  # in time, of what is spoken here and there
