"""Names and texts in the one form in which they are compared.

A place is looked up by its folded tokens. Folding works on single tokens, each of which knows where it stands, so it
may shorten a token without losing the way back to the text. Arabic: marks and tatweel go, the forms of alef, hamza,
yaa and taa marbuta become one (`إدلب`, `ادلب` = Idlib; `الرقة`, `الرقه` = Raqqa). Latin: lower case without
diacritics and without the many signs that stand for ayn and hamza (`A‘zāz`, `A'zaz`, `Azaz`).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from agents.remembered import remembering

_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"  # harakat and Quranic signs
_AYN = (
    "'\u2018\u2019\u02bb\u02bc\u02be\u02bf`\u00b4\u2032"  # apostrophes that stand for ayn and hamza inside Latin names
)
_ARABIC_LETTER = (  # all but taa marbuta
    "\u0620-\u0628\u062a-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff"
    "\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
)
_TOKEN = re.compile(
    # First ordinary Arabic words, for they are found faster so. A word ends with its taa marbuta: what follows was
    # glued to it when a page lost its line breaks.
    "([\u0621-\u0628\u062a-\u063a\u0641-\u064a]++\u0629?+(?=[ .\n])"
    f"|(?:[{_ARABIC_LETTER}]++(?:[{_MARKS}\u0640]++[{_ARABIC_LETTER}]++)*+[{_MARKS}\u0640]*+)(?:\u0629[{_MARKS}\u0640]*+)?"
    f"|\u0629[{_MARKS}\u0640]*+"
    "|\\d++"
    f"|[^\\W\\d_{_ARABIC_LETTER}\u0629](?:[^\\W\\d_{_ARABIC_LETTER}\u0629]|[{_AYN}](?=[^\\W\\d_]))*+)"
)
CLITICS = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "وب", "ول", "فب", "و", "ف", "ب", "ل", "ك")
"""Prefixes that Arabic writes on to the next word (and, so, in, to, like; with the article), longest first."""
_DROPPED = re.compile(f"[{_MARKS}\u0640{_AYN}]")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "ک": "ك",
        "گ": "ك",
        "ڤ": "ف",
        "پ": "ب",
        "چ": "ج",
        "ژ": "ز",
    }
)
_WEAK_LETTERS = re.compile("[اويء]")
_FEWEST_BONES = 4
LATIN_ARTICLES = frozenset(
    {"al", "ar", "as", "ash", "at", "ad", "an", "az", "el", "esh", "et", "ed", "en", "ez", "adh", "ul"}
)
"""The article as Latin transcriptions write it."""
_DIGRAPHS = (("sh", "s"), ("ch", "s"), ("kh", "h"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("zh", "d"))
_LATIN_SOUNDS = str.maketrans(
    {**dict.fromkeys("aeiouwy'"), "z": "d", "q": "k", "c": "k", "x": "ks", "p": "b", "v": "f"}
)
_ARABIC_SOUNDS = str.maketrans(
    {
        **dict.fromkeys("اويعءآىئؤ"),
        **dict(zip("بتثجحخدذرزسشصضطظغفقكلمنه", "bttjhhddrdsssdtdgfkklmnh", strict=True)),
    }
)  # fmt: skip
_LATIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


class Token(NamedTuple):
    """One word of a text: its folded form, never empty, and where it stands."""

    form: str
    start: int
    end: int


class Cut(NamedTuple):
    """A text cut into words, in columns: what is a list for each is made and asked faster than a list of words."""

    forms: list[str]
    starts: list[int]
    ends: list[int]
    gaps: list[str]
    """What stands between each word and the one before it; nothing before the first."""


@remembering(65_536)
def fold(word: str) -> str:
    """Return the form of one word in which it is compared; may be empty for a word of signs only."""
    if word.isascii() and word.isalnum():
        return word.lower()
    if word.endswith(("'s", "\u2019s")):
        word = word[:-2]
    word = _DROPPED.sub("", word)
    if _ARABIC.search(word):
        if not word.isalpha() or any("\ufb50" <= letter <= "\ufeff" for letter in word):
            word = unicodedata.normalize("NFKC", word)
        return word.translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain.lower().translate(_LATIN)


def cut(text: str) -> Cut:
    """Split a text into its words, in order; punctuation, underscores and blanks separate."""
    pieces = _TOKEN.split(text)  # what stands between, a word, what stands between …
    edges = list(accumulate(map(len, pieces)))
    forms, starts, ends, gaps = list(map(fold, pieces[1::2])), edges[:-1:2], edges[1::2], ["", *pieces[2:-1:2]]
    if all(forms):
        return Cut(forms, starts, ends, gaps if forms else [])
    kept = [at for at, form in enumerate(forms) if form]  # the others are signs only
    forms, starts, ends = [forms[at] for at in kept], [starts[at] for at in kept], [ends[at] for at in kept]
    return Cut(forms, starts, ends, [text[end:start] for end, start in zip([*starts[:1], *ends], starts, strict=False)])


def tokens(text: str) -> list[Token]:
    """The words of a text one by one."""
    forms, starts, ends, _ = cut(text)
    return list(map(Token, forms, starts, ends))


@remembering(16_384)
def key(name: str) -> str:
    """Return a name's key: its folded tokens joined by blanks."""
    return " ".join(cut(name).forms)


@remembering(65_536)
def strips(form: str) -> tuple[tuple[str, str], ...]:
    """Return a word without each prefix that it may carry, as (prefix, rest); the whole word first.

    `للرقه` (to Raqqa) gives `الرقه`: the article's alef comes back.
    """
    if form[0] not in "وفبلك":
        return (("", form),)
    found = [("", form)]
    for clitic in CLITICS:
        if form.startswith(clitic) and len(form) - len(clitic) >= 2:
            rest = form[len(clitic) :]
            if clitic.endswith("ال") and len(clitic) > 2:
                found.append((clitic[:-2], "ال" + rest))
            elif clitic.endswith("لل"):
                found.append((clitic[:-1], "ال" + rest))
            elif len(rest) >= 3:
                found.append((clitic, rest))
    return tuple(found)


def skeleton(words: Iterable[str]) -> str:
    """Return the key under which a name is found when it is spelt another way: its consonants, without article.

    `معارة النعسان` and `معرة نعسان` (Maarat al-Nasan), `كفر جنة` and `كفرجنة` (Kafr Janna) have one. A bare `~`
    where too few letters are left to tell names apart.
    """
    bones = "".join(_WEAK_LETTERS.sub("", word.removeprefix("ال").removesuffix("ه")) for word in words)
    return f"~{bones}" if len(bones) >= _FEWEST_BONES and not bones.isascii() else "~"


def latin_skeleton(words: Sequence[str]) -> str:
    """Return the key under which a place is found however its Arabic name is written in Latin letters.

    Vowels, ayn, doubled letters and the article fall away, letters that transcriptions confuse become one: `Shuhayl`,
    `al-Shuhail`, `Ash Shahil` and `الشحيل` itself have one. A bare `^` where nothing is left.
    """
    if len(words) > 1 and words[0] in LATIN_ARTICLES:
        words = words[1:]
    bones = "".join(_bones(word) for word in words if word not in LATIN_ARTICLES)
    return f"^{bones}"


def _bones(word: str) -> str:
    if not word.isascii():
        word = word.removeprefix("ال").removesuffix("ه").translate(_ARABIC_SOUNDS)
    else:
        for written, sound in _DIGRAPHS:
            word = word.replace(written, sound)
        word = word.removesuffix("h").translate(_LATIN_SOUNDS)
    return re.sub(r"(.)\1+", r"\1", word)
