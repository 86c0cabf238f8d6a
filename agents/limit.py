"""No post holds up the others for ever: reading it has a limit, in processor time, and beyond that it is set aside.

The clock would not do: on a machine that is too small, or was suspended, everything is slow, and no post is at fault.
What is interrupted is Python code, between two of its instructions, and only in a pure function: nothing is half done.
"""

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from schemas.errors import Undecodable

LIMIT_SECONDS: Final = 20.0
"""Of processor time. The longest articles take half a second, five megabytes of ordinary words three."""

P = ParamSpec("P")
T = TypeVar("T")


class _Enough(BaseException):
    """Raised in the thread that takes too long; no rule that catches what goes wrong may catch it."""


class Limit:
    """Of what one thread does, one call after the other; `look` has to be called now and then from another thread."""

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = time.process_time) -> None:
        """Nothing is under way.

        Args:
            seconds: of processor time; None: `LIMIT_SECONDS`.
            clock: processor time of the whole process. It may count what other threads do meanwhile as well: never too
                little, and with so high a limit that does not matter.
        """
        self._seconds = LIMIT_SECONDS if seconds is None else seconds
        self._clock = clock
        self._changing = threading.Lock()
        self._under_way: tuple[int, float] | None = None

    def of(self, function: Callable[P, T]) -> Callable[P, T]:
        """The same pure function, which raises Undecodable where it takes longer than the limit."""

        def limited(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return self._call(function, *args, **kwargs)
            except _Enough:
                sentence = f"reading it was given up after {self._seconds:g} seconds of processor time"
                raise Undecodable(sentence) from None

        return limited

    def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._under_way = threading.get_ident(), self._clock()
        try:
            return function(*args, **kwargs)
        finally:
            # Whoever interrupts holds the lock, so that the interruption reaches this thread here at the latest.
            with self._changing:
                self._under_way = None

    def look(self) -> None:
        """Interrupt what has taken too long, once."""
        with self._changing:
            if self._under_way is None:
                return
            thread, began = self._under_way
            if self._clock() - began > self._seconds:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Enough))
                self._under_way = None  # it may be interrupted before it can say so itself, and is idle then
