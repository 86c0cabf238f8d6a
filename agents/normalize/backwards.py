"""Words spelled backwards: `راجفنا` for انفجار ("explosion").

Read only where a word as it stands is no word at all and its reverse is one that people hide. A single such word may
be a rare one (راحتنا, "our rest", is انتحار, "suicide", backwards), so the text must hold several, one in ten of its
words or more; its other words are then read backwards as well. A word that begins with a letter which only ends words
(`ةراغ`, غارة, "raid") needs no company.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import LETTERS
from agents.normalize.words import LONGEST, Words, key
from agents.remembered import remembered

_WORD = re.compile(f"(?<![{LETTERS}])[{LETTERS}]{{3,{LONGEST}}}+(?![{LETTERS}])")
_FINAL = "ةى"
_SHORTEST = 4
_SEVERAL = 2
_SHARE = 0.1
_COMMON = 20
"""So many texts of the frequency list use what another word of such a text is read as."""


def read_backwards(draft: Draft, words: Words) -> None:
    """Turn words that are spelled backwards."""
    draft.apply(_turned(draft.text, words))


@cache
def _holder(words: Words) -> Callable[[str], bool]:
    """Tells whether what stands between two blanks holds a word of interest spelled backwards."""

    def holds(stretch: str) -> bool:
        found: list[str] = _WORD.findall(key(stretch))
        return any(words.is_base(word[::-1]) and not words.known(word) for word in found)

    return remembered(holds, 32_768)


def _turned(text: str, words: Words) -> Iterator[Repair]:
    if not any(map(_holder(words), text.split())):
        return
    written = list(_WORD.finditer(key(text)))
    unknown = [match for match in written if not words.known(match.group())]
    hidden = {match.group() for match in unknown if words.is_base(match.group()[::-1])}
    long = [match for match in unknown if match.group() in hidden and len(match.group()) >= _SHORTEST]
    backwards = len({match.group() for match in long}) >= _SEVERAL and len(long) >= _SHARE * len(written)
    alone = {match.start() for match in long if text[match.start()] in _FINAL}
    for match in unknown if backwards or alone else ():
        start, end = match.span()
        read = match.group()[::-1]
        if start in alone or (backwards and (words.interesting(read) or words.common(read, _COMMON))):
            yield Repair(start, end, text[start:end][::-1], "substitute", range(end - 1, start - 1, -1))
