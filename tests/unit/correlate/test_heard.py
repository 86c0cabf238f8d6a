"""Sightings that are read together come out as each would by itself, and so do the incidents."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.correlate import Correlator, hear
from agents.correlate.words import shingles, shingles_of_all
from schemas.kinds import Party
from schemas.records import Forward, Sighting
from tests.unit.correlate.builders import attacker, sighting, source, toll
from tests.unit.correlate.test_laws import streams

FEW = st.lists(st.integers(0, 3) | st.integers(0, 2**32 - 1), max_size=12)


@given(st.lists(FEW, max_size=8))
def test_runs_of_several_texts_are_those_of_each(texts):
    together = shingles_of_all(texts)
    assert [runs.tolist() for runs in together] == [shingles(of).tolist() for of in texts]
    assert all(runs.dtype == shingles([1]).dtype for runs in together)


def _edited(heard: list[Sighting], chance) -> list[Sighting]:
    """The same with edits and deletions of some right behind others, so that one batch holds several revisions."""
    out = []
    for one in heard:
        out.append(one)
        if chance.random() < 0.3:
            known = chance.choice(out)
            out.append(msgspec.structs.replace(known, revision=known.revision + 1, deleted=chance.random() < 0.4))
    return out


@settings(max_examples=60)
@given(streams(), st.integers(1, 20), st.randoms(use_true_random=False))
def test_batches_of_any_size_come_to_the_same_incidents(heard, size, chance):
    heard = _edited(heard, chance)
    alone, together = Correlator(), Correlator()
    for start in range(0, len(heard), size):
        batch = heard[start : start + size]
        for one, read in zip(batch, hear(batch), strict=True):
            expected = alone.fold(one)
            assert together.fold(one, read) == expected
            alone.apply(expected.puts)
            together.apply(expected.puts)


def test_figures_worked_out_ahead_give_way_to_what_others_say():
    """Two of a group fell, says a post; that group attacked, says another: they are no victims."""
    fallen = toll(2, party=Party.NON_STATE_ARMED, actor_id="is")
    first = sighting("1", "اشتباك في الرقة قتل فيه مسلحان", 0, "one", tolls=[fallen])  # two armed men killed
    second = sighting("2", "هجوم على حاجز في الرقة", 20, "two", actors=[attacker("is")])  # an attack on a checkpoint
    correlator = Correlator()
    told = []
    for one, read in zip([first, second], hear([first, second]), strict=True):
        fold = correlator.fold(one, read)
        correlator.apply(fold.puts)
        told.append([row.best for row in fold.incidents[-1].toll_summary if row.party is None])
    assert told == [[2], []]


def test_figures_of_a_forward_are_those_of_the_channel_that_it_came_from_once_that_is_heard():
    forward = sighting("1", "قتيلان في الرقة", 0, "two", tolls=[toll(2)], forwarded_from=Forward(name="The One"))
    own = sighting(
        "2", "انفجار في الرقة", 20, msgspec.structs.replace(source("one"), name="The One")
    )  # two killed; an explosion
    correlator = Correlator()
    speakers = []
    for one, read in zip([forward, own], hear([forward, own]), strict=True):
        fold = correlator.fold(one, read)
        correlator.apply(fold.puts)
        speakers.append([row.said_by for row in fold.incidents[-1].tolls])
    assert speakers == [["forward:the one"], ["one"]]
