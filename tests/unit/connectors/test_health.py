from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors import rhythm
from connectors.health import HealthBoard, SourceState
from schemas.metrics import BY_NAME

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


class Meter:
    """Keeps gauges and refuses undeclared ones."""

    def __init__(self):
        self.gauges = {}

    def gauge(self, name, value, **labels):
        assert set(BY_NAME[name].labels) == set(labels)
        self.gauges[name, labels["source"]] = value

    def forget(self, **labels):
        self.gauges = {key: value for key, value in self.gauges.items() if key[1] != labels["source"]}


def every(hours, count=60):
    return [NOON - timedelta(hours=hours * n) for n in range(count)]


def test_a_quiet_source_is_not_silent_and_a_busy_one_soon_is():
    board = HealthBoard(Meter())
    board.learn("busy", every(0.25), NOON)
    board.learn("weekly", every(7 * 24, 30), NOON)
    for hours, busy, weekly in ((0.5, False, False), (2, True, False), (6 * 24, True, False), (8 * 24, True, True)):
        for name in ("busy", "weekly"):
            board.up(name, NOON + timedelta(hours=hours))
        states = board.snapshot()
        assert (states["busy"].silent, states["weekly"].silent) == (busy, weekly)
        assert states["busy"].state is SourceState.UP


def test_the_rhythm_can_be_seen():
    meter = Meter()
    board = HealthBoard(meter)
    board.learn("s", every(2), NOON)
    assert meter.gauges["marqab_source_usual_pause_seconds", "s"] == 2 * 3600
    assert meter.gauges["marqab_source_silent_after_seconds", "s"] == 2 * 3600
    night = [NOON - timedelta(hours=2 * 59 + 9 + n) for n in range(2)]
    board.learn("s", night, NOON)
    assert meter.gauges["marqab_source_usual_pause_seconds", "s"] == 2 * 3600
    assert meter.gauges["marqab_source_silent_after_seconds", "s"] == 9 * 3600


def test_nothing_is_told_of_a_source_that_was_removed():
    meter = Meter()
    board = HealthBoard(meter)
    board.expect(["a", "b"])
    for name in ("a", "b"):
        board.learn(name, every(1), NOON)
        board.up(name, NOON)
    board.expect(["b"])
    assert {key[1] for key in meter.gauges} == {"b"}
    board.expect(["a", "b"])
    board.up("a", NOON + timedelta(days=30))
    assert not board.snapshot()["a"].silent  # its rhythm is learned anew


def test_nights_belong_to_the_rhythm():
    day = [NOON.replace(hour=h) - timedelta(days=d) for d in range(7) for h in range(7, 22)]
    board = HealthBoard()
    board.learn("paper", day, NOON.replace(hour=21))
    board.up("paper", (NOON + timedelta(days=1)).replace(hour=6))
    assert not board.snapshot()["paper"].silent
    board.up("paper", (NOON + timedelta(days=1)).replace(hour=9))
    assert board.snapshot()["paper"].silent


def test_too_few_posts_say_nothing():
    board = HealthBoard()
    board.learn("new", every(1, 5), NOON)
    board.up("new", NOON + timedelta(days=300))
    assert not board.snapshot()["new"].silent


@given(st.lists(st.floats(0, 1e9), max_size=50), st.floats(0, 1e9))
def test_silence_only_grows_with_time(moments, now):
    published = rhythm.merged([], moments, now)
    if rhythm.is_silent(published, now):
        assert rhythm.is_silent(published, now + 1)
    assert published == sorted(set(published))


def test_states_and_their_beginnings():
    meter = Meter()
    board = HealthBoard(meter)
    board.expect(["a", "b"])
    assert "none of 2 sources has answered yet" in board.unready(NOON)
    board.down("a", NOON, "500")
    board.down("a", NOON + timedelta(minutes=1), "501")
    assert (board.snapshot()["a"].since, board.snapshot()["a"].reason) == (NOON, "501")
    assert board.unready(NOON) == ""
    assert "501" in board.unready(NOON + timedelta(hours=1))
    board.up("b", NOON, NOON - timedelta(hours=1))
    board.up("b", NOON + timedelta(minutes=5))
    assert board.snapshot()["b"].newest_post_at == NOON - timedelta(hours=1)
    assert board.unready(NOON + timedelta(hours=1)) == ""
    assert meter.gauges["marqab_source_up", "a"] == 0
    board.stopped("b", NOON, "410")
    assert (meter.gauges["marqab_source_stopped", "b"], meter.gauges["marqab_source_up", "b"]) == (1, 0)
    board.expect(["b"])
    assert list(board.snapshot()) == ["b"]
    assert "410" in board.unready(NOON)
