"""Reading a post has a limit, in processor time; what is beyond it is given up, and the next one is read."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.limit import Limit
from schemas.errors import Undecodable

MOST_CALLS, INTERRUPTIONS = 5_000_000, 200


def endless(began: threading.Event) -> None:
    """A rule that does not end, and that catches whatever goes wrong in it."""
    while True:
        try:
            began.set()
            sum(range(100))
        except Exception:  # noqa: S112 - what plug-ins do
            continue


def test_what_does_not_end_is_given_up_and_the_thread_goes_on() -> None:
    limit, began = Limit(0.05), threading.Event()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(limit.of(endless), began)
        assert began.wait(30)
        deadline = time.monotonic() + 30
        while not waiting.done() and time.monotonic() < deadline:
            limit.look()
        with pytest.raises(Undecodable, match=r"given up after 0\.05 seconds of processor time"):
            waiting.result(0)
        assert thread.submit(limit.of(len), "abc").result(30) == 3


def test_who_waits_without_working_is_left_in_peace() -> None:
    limit, go = Limit(5.0), threading.Event()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(limit.of(go.wait), 30)
        limit.look()
        go.set()
        assert waiting.result(30)
    limit.look()


def test_an_interruption_at_the_last_moment_hits_nobody_else() -> None:
    """Every call is beyond its limit at once, and somebody looks all the time: each ends in one of the two ways."""
    limit, over = Limit(0.0, time.perf_counter), threading.Event()

    def keep_looking() -> None:
        while not over.is_set():
            limit.look()

    looking, usual = threading.Thread(target=keep_looking), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    looking.start()
    given_up = 0
    try:
        short = limit.of(lambda: sum(number for number in range(20)))
        for _ in range(MOST_CALLS):
            try:
                assert short() == 190
            except Undecodable:
                given_up += 1
            if given_up == INTERRUPTIONS:
                break
    finally:
        over.set()
        looking.join()
        sys.setswitchinterval(usual)
    assert given_up == INTERRUPTIONS
