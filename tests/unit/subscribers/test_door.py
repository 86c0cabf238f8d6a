"""The desk's door: the token, sessions that end, and guessing that wins nothing."""

import pytest

from subscribers.desk.door import SESSION_SECONDS, SESSIONS, TRIES, TRY_SECONDS, Door, local

TOKEN = "a-token-for-tests-only"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_without_a_token_nobody_comes_in() -> None:
    assert not Door("", Clock()).knows("")


def test_after_many_wrong_tokens_even_the_right_one_has_to_wait() -> None:
    clock = Clock()
    door = Door(TOKEN, clock)
    assert door.knows(TOKEN)
    assert not any(door.knows(f"guess {n} ٣") for n in range(TRIES))
    assert door.tired()
    assert not door.knows(TOKEN)
    clock.now += TRY_SECONDS
    assert door.knows(TOKEN)


def test_a_session_lasts_its_time_and_ends_when_it_is_closed() -> None:
    clock = Clock()
    door = Door(TOKEN, clock)
    one, other = door.open(), door.open()
    assert door.session(one).form_word != door.session(other).form_word
    door.close(one)
    assert door.session(one) is None
    clock.now += SESSION_SECONDS
    assert door.session(other) is None
    assert door.session(None) is None
    assert door.session("") is None


def test_there_are_never_more_sessions_than_allowed() -> None:
    door = Door(TOKEN, Clock())
    keys = [door.open() for _ in range(SESSIONS + 1)]
    assert door.session(keys[0]) is None
    assert door.session(keys[1]) is not None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/incidents/i-1?lang=ar", "/incidents/i-1?lang=ar"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_the_login(address: str, kept: str) -> None:
    assert local(address) == kept
