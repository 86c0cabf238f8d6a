"""Answers kept at hand: words repeat, so most of what is asked of a word was asked before."""

from collections.abc import Callable
from typing import Final, TypeVar

V = TypeVar("V")
_LONGEST: Final = 64
"""Characters; longer words do not return, and would take room."""


class _Answers(dict[str, V]):
    """What a function answered, by the word asked; full, it forgets all and begins anew.

    An answer that is there costs half of what `functools.lru_cache` takes, which keeps the order of use as well: in C,
    `dict.__getitem__` calls `__missing__` only for what is not there. Threads may share it: at worst two of them work
    out one answer.
    """

    __slots__ = ("_function", "_most")

    def __init__(self, function: Callable[[str], V], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, word: str) -> V:
        answer = self._function(word)
        if len(word) <= _LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[word] = answer
        return answer


def remembered(function: Callable[[str], V], most: int) -> Callable[[str], V]:
    """The same function, which remembers up to `most` answers."""
    return _Answers(function, most).__getitem__


def remembering(most: int) -> Callable[[Callable[[str], V]], Callable[[str], V]]:
    """The same as a decorator."""
    return lambda function: remembered(function, most)
