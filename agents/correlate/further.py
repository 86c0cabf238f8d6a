"""Whether a text calls the incident that it tells of a further one: "a second bomb"."""

from collections.abc import Sequence
from typing import Final

_KINDS_OF_ATTACK: Final = frozenset(
    [
        *("عبوه", "انفجار", "تفجير", "قصف", "غاره", "غارات", "هجوم", "استهداف", "اغتيال", "مجزره", "ضربه", "رمايات"),
        *("bomb", "blast", "explosion", "attack", "strike", "raid", "shelling", "rocket", "killing"),
    ]
)
_FURTHER: Final = frozenset(["ثانيه", "ثاني", "ثان", "ثالثه", "ثالث", "جديده", "جديد", "اخري", "اخر"])
_FURTHER_EN: Final = frozenset(["another", "second", "third", "new", "fresh"])
_EITHER: Final = _FURTHER | _FURTHER_EN
_REACH: Final = 3


def tells_of_another(words: Sequence[str]) -> bool:
    """Whether a text calls its incident a further one: `عبوة ناسفة ثانية` (a second bomb), "another attack"."""
    if _EITHER.isdisjoint(words):
        return False
    for number, word in enumerate(words):
        if word in _FURTHER:
            near = words[max(0, number - _REACH) : number]
        elif word in _FURTHER_EN:
            near = words[number + 1 : number + 1 + _REACH]
        else:
            continue
        if any(other.removeprefix("ال") in _KINDS_OF_ATTACK for other in near):
            return True
    return False
