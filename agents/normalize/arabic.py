"""The one door to camel-tools, with a stand-in of our own for where it is not installed.

Only `camel_tools.utils` is used: it needs no data, no network and no torch at import, which its morphology, tagger and
dialect packages do. Both implementations promise the same, character by character (a test compares them), so nobody
can tell from a Report which one was at work.
"""

import unicodedata

from agents.normalize.letters import TATWEEL

try:
    from camel_tools.utils.charsets import AR_DIAC_CHARSET
    from camel_tools.utils.dediac import dediac_ar
    from camel_tools.utils.normalize import (
        normalize_alef_ar,
        normalize_alef_maksura_ar,
        normalize_teh_marbuta_ar,
        normalize_unicode,
    )

    CAMEL = True
    """Whether camel-tools does the work here."""
except ImportError:  # pragma: no cover - the tests call the stand-ins by name
    CAMEL = False

_FOLDS = tuple(zip("أإآٱىة", "اااايه", strict=True))
_VOWELS = dict.fromkeys([*range(0x064B, 0x0653), 0x0670, ord(TATWEEL)])
_LIGATURES = {"\ufdfc": "ريال", "\ufdfd": "بسم الله الرحمن الرحيم"}
"""rial; "in the name of God …": one character each."""


def fold_builtin(text: str) -> str:
    """`fold` without camel-tools."""
    for written, read_as in _FOLDS:  # many times faster than `str.translate`
        text = text.replace(written, read_as)
    return text


def strip_vowels_builtin(text: str) -> str:
    """`strip_vowels` without camel-tools."""
    return text.translate(_VOWELS)


def expand_builtin(text: str) -> str:
    """`expand` without camel-tools."""
    for ligature, letters in _LIGATURES.items():
        text = text.replace(ligature, letters)
    return unicodedata.normalize("NFKC", text)


def _fold_camel(text: str) -> str:
    folded: str = normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(text)))
    return folded


def _strip_vowels_camel(text: str) -> str:
    stripped: str = dediac_ar(text)
    return stripped.replace(TATWEEL, "") if TATWEEL not in AR_DIAC_CHARSET else stripped


def _expand_camel(text: str) -> str:
    expanded: str = normalize_unicode(text)
    return expanded


fold = _fold_camel if CAMEL else fold_builtin
"""Write alef with any hamza as alef, alef maqsura as yeh, ta marbuta as heh; every character keeps its place."""

strip_vowels = _strip_vowels_camel if CAMEL else strip_vowels_builtin
"""Leave out short vowels, tanwin, shadda, sukun, dagger alef and tatweel."""

expand = _expand_camel if CAMEL else expand_builtin
"""Write compatibility characters (letters in positional shape, ligatures, styled Latin) as plain ones (NFKC)."""
