"""What is kept decoded is bounded by size, and nobody can tell whether a post is."""

import pytest

from agents.correlate import Correlator, memory
from tests.unit.correlate.builders import sighting, toll


def _posts(number: int):
    """Posts that say "report number n of an explosion in the city", of five outlets."""
    for n in range(number):
        yield sighting(
            f"n{n}", f"خبر رقم {n} عن انفجار في المدينة", minutes=n, by=f"outlet{n % 5}", tolls=[toll(1 + n % 4)]
        )


def _kept(correlator: Correlator) -> int:
    known = correlator._memory
    return sum(len(known.posts[post].raw) for post in known._decoded)


@pytest.mark.parametrize("room", [0, 2_000, 20_000])
def test_a_small_room_for_decoded_posts_changes_no_incident(monkeypatch, room):
    roomy, tight = Correlator(), Correlator()
    expected = []
    for post in _posts(40):
        fold = roomy.fold(post)
        roomy.apply(fold.puts)
        expected.append(fold)
    monkeypatch.setattr(memory, "DECODED", room)
    for post, fold in zip(_posts(40), expected, strict=True):
        assert tight.fold(post) == fold
        tight.apply(fold.puts)
        assert _kept(tight) <= room
        assert tight._memory._decoded_bytes == _kept(tight)


def test_what_is_forgotten_gives_its_room_back():
    correlator = Correlator()
    posts = list(_posts(10))
    for post in posts:
        correlator.apply(correlator.fold(post).puts)
    assert _kept(correlator) > 0
    for post in posts:
        correlator.apply([("s:" + post.post_id, None)])
    assert correlator._memory._decoded_bytes == 0
