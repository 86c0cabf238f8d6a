"""Does a message follow on from the one before? What decides that nothing fetched is ever passed over.

Between the Kafka client and a stage lie buffers that Faust empties at a rebalance, and it does not always read again
what it emptied. So a message brings along how far the log had been handed out before it (`follows`), and each reader
keeps the offset that it expects next. Both together tell a dropped message from an offset that holds none (compacted,
deleted by retention, or the marker of somebody's transaction).
"""

from enum import Enum, auto


class Verdict(Enum):
    """What to do with a message."""

    NEXT = auto()
    """Take it: nothing lies between what was expected and this."""
    KNOWN = auto()
    """Pass over it: it was taken before."""
    MISSING = auto()
    """Something between was dropped on the way: read again from what is expected."""
    CUT = auto()
    """The log itself has been cut and begins anew below what was read: take it, and expect what follows it."""


def judge(expected: int, offset: int, follows: int | None) -> Verdict:
    """What to do with the message at `offset`.

    Args:
        expected: the offset that the reader expects next.
        offset: of this message.
        follows: every record below this offset had been handed out, and the next one in the log was this message;
            None: it stands below what had been handed out, though nobody sought it.
    """
    if follows is None:
        return Verdict.CUT
    if offset < expected:
        return Verdict.KNOWN
    return Verdict.NEXT if follows <= expected else Verdict.MISSING
