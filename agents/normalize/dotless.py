"""Words whose dots were taken away or changed: dotless shapes (`ٮڡحىر`), letters with foreign dots (`ٺ`).

Such a word is read as the likeliest of the known words that share its strokes. In a text without any dots every word is
read so, ordinary ones by their frequency; where only a few words were changed they are words that people hide. Letters
that some Arab countries write in loan words (`ڤ`, `گ`) are written as others do, and no disguise.
"""

import re
from collections.abc import Iterator
from itertools import pairwise, product

from agents.normalize.draft import Draft, Repair
from agents.normalize.letters import FOREIGN, LETTERS, LOANS, NEAREST, RASM, VARIANTS, WORD
from agents.normalize.words import LONGEST, Words, key

_HAS_FOREIGN = re.compile(f"[{FOREIGN}]")
_LOAN_ONLY = re.compile(f"(?:[{''.join(LOANS)}]|[^{FOREIGN}])*")
_DOTTED = re.compile("[بتثجخذزشضظغفقنيةأإ]")
_LETTER = re.compile(f"[{LETTERS}]")
_UNDOTTED_SHAPES = frozenset("حدرسصطعكهوى")
_SHORTEST = 4
_BRIEF = 500
"""Characters up to which a text is looked at for swapped dots: in long ones unknown words are names."""
_FEW = 6
_TARGETED = 100
_HIDDEN = 3
"""How much likelier than by frequency a word of interest is where dots are missing: in single words, in whole texts."""
_DOTLESS_SHARE = 0.06
"""In ordinary Arabic more than four letters in ten carry dots; below this share a text is written without them."""


def read_dotless(draft: Draft, words: Words) -> None:
    """Give words with foreign or missing dots the dots of the likeliest known word."""
    source = draft.text
    if not _HAS_FOREIGN.search(source):
        return
    draft.apply(_foreign(source, words))
    if len(_DOTTED.findall(source)) < _DOTLESS_SHARE * len(_LETTER.findall(source)):
        draft.apply(_undotted_words(draft.text, words))


def read_swapped_dots(draft: Draft, words: Words) -> None:
    """Read words that are none as words of interest with other dots (`هحوم داعس` for هجوم داعش, "attack by ISIS").

    Names of villages and families look the same (الجماس is not حماس), so two such words must stand side by side in a
    brief text.
    """
    if len(draft.text) > _BRIEF:
        return
    found = list(_swapped(draft.text, words))
    beside = {at for left, right in pairwise(found) if right.start - left.end == 1 for at in (left.start, right.start)}
    draft.apply(repair for repair in found if repair.start in beside)


def undotted(candidate: str, words: Words) -> str | None:
    """The word of interest (a key) that a token with foreign letters is, None if there is none."""
    if not _HAS_FOREIGN.search(candidate):
        return None
    return _likeliest(candidate, words, ordinary=False, targeted=True)


def _foreign(text: str, words: Words) -> Iterator[Repair]:
    matches = [match for match in WORD.finditer(text) if _HAS_FOREIGN.search(match.group())]
    targeted = len(matches) < _FEW
    for match in matches:
        token = match.group()
        if len(token) > LONGEST:
            continue
        loan = _LOAN_ONLY.fullmatch(token) is not None
        read = _likeliest(token, words, ordinary=not loan, targeted=targeted)
        written = words.spell(read, token) if read else _nearest(token, words)
        yield Repair(*match.span(), written, "variant" if loan or not read else "dotless", range(*match.span()))


def _nearest(token: str, words: Words) -> str:
    """A loan word in the letters that Arabic has for it, as it is mostly written."""
    options = [LOANS.get(char, NEAREST.get(char, char)[0]) for char in token]
    if sum(len(option) > 1 for option in options) > 4:
        return "".join(option[0] for option in options)
    readings = ["".join(reading) for reading in product(*options)]
    return max(readings, key=lambda reading: words.counts.get(key(reading), 0))


def _undotted_words(text: str, words: Words) -> Iterator[Repair]:
    """In a text without dots, words of which only ordinary letters are left (حرح for جرح, wound)."""
    for match in WORD.finditer(text):
        token = match.group()
        if 2 < len(token) <= LONGEST and not _DOTTED.search(token) and not words.interesting(key(token)):
            read = _likeliest(token, words, ordinary=True, targeted=False)
            if read and read != key(token):
                yield Repair(*match.span(), words.spell(read, token), "dotless", range(*match.span()))


def _swapped(text: str, words: Words) -> Iterator[Repair]:
    keys = key(text)
    for match in WORD.finditer(keys):
        folded = match.group()
        if folded in words.counts or not _SHORTEST <= len(folded) <= LONGEST or words.interesting(folded):
            continue
        forms = [form for form in words.interesting_shapes(folded) if len(form) == len(folded) and words.is_base(form)]
        if len(forms) == 1:
            written = text[match.start() : match.end()]
            yield Repair(*match.span(), words.spell(forms[0], written), "dotless", range(*match.span()))


def _likeliest(token: str, words: Words, *, ordinary: bool, targeted: bool) -> str | None:
    """The word (a key) that a token without its dots most likely is.

    Args:
        token: as written.
        words: the word lists.
        ordinary: whether ordinary words come into question beside those that people hide.
        targeted: whether only a few words were changed: then those are words that people hide.
    """
    plain = "".join(VARIANTS.get(char, char) for char in token)
    folded = key(plain)
    fitting = {form for form in words.interesting_shapes(folded) if _fits(plain, folded, form)}
    others = [form for form in words.lookalikes(folded)[:6] if _fits(plain, folded, form)] if ordinary else []
    weight = _TARGETED if targeted else _HIDDEN
    return max(
        dict.fromkeys([*others, *sorted(fitting)]),
        key=lambda form: (
            _closeness(folded, form),
            words.counts.get(form, 0) * (weight if form in fitting else 1),
            words.is_base(form),
        ),
        default=None,
    )


def _fits(plain: str, folded: str, word: str) -> bool:
    """Whether every letter of the token may have been written for the letter of the word at its place."""
    if len(plain) != len(word):
        return False
    return all(
        same == read or written in FOREIGN or written in _UNDOTTED_SHAPES or RASM.get(written) == written
        for written, same, read in zip(plain, folded, word, strict=True)
    )


def _closeness(folded: str, word: str) -> int:
    """How many letters are as written, or the nearest ones to the foreign letter written."""
    return sum(
        written == read or read in _NEAR.get(written, "")
        for written, read in zip(folded, word, strict=True)
        if written not in _OPEN
    )


_OPEN = frozenset("ٮڡٯںحدرسصطعى")
"""Shapes that say nothing of the dots that stood there."""
_NEAR = {letter: options for letter, options in NEAREST.items() if letter not in _OPEN}
