"""Errors whose type says what happens next."""

from typing import ClassVar


class MarqabError(Exception):
    """Base of every error that marqab raises on purpose; its text is a sentence for people."""

    exit_code: ClassVar[int] = 1
    """How a process ends that it ends; who started the process may start it again."""


class Undecodable(MarqabError):
    """The message cannot be read: set it aside in `marqab.rejects`, whole, and go on with the next one."""


class Inapplicable(Undecodable):
    """What a person asks for cannot be done: set it aside too, but it says nothing against those who write messages."""


class SourceDown(MarqabError):
    """A source or the broker does not answer: wait, then try again."""


class Misconfigured(MarqabError):
    """A setting or a file is wrong: refuse to start, and say which one, where, and how to mend it."""

    exit_code = 2
    """Starting it again helps nobody."""
