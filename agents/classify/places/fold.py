"""Names and texts in the one form in which they are compared.

A place is looked up by its folded tokens. Folding works on single tokens, each of which knows where it stands, so it
may shorten a token without losing the way back to the text. Arabic: marks and tatweel go, the forms of alef, hamza,
yaa and taa marbuta become one (`إدلب`, `ادلب` = Idlib; `الرقة`, `الرقه` = Raqqa). Latin: lower case without
diacritics and without the many signs that stand for ayn and hamza (`A‘zāz`, `A'zaz`, `Azaz`).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"  # harakat and Quranic signs
_AYN = (
    "'\u2018\u2019\u02bb\u02bc\u02be\u02bf`\u00b4\u2032"  # apostrophes that stand for ayn and hamza inside Latin names
)
_TOKEN = re.compile(f"[^\\W_](?:[^\\W_]|[{_MARKS}\u0640{_AYN}](?=[^\\W_{_MARKS}]|[{_MARKS}\u0640]))*[{_MARKS}\u0640]*")
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
_LATIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: its folded form and where it stands.

    Attributes:
        form: the folded word, never empty.
        start: index of its first character in the text.
        end: index after its last character.
        capital: whether a Latin word begins with a capital letter; always true for other scripts.
        arabic: whether it is written in the Arabic script.
    """

    form: str
    start: int
    end: int
    capital: bool
    arabic: bool


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Return the form of one word in which it is compared; may be empty for a word of signs only."""
    if word.isascii() and word.isalnum():
        return word.lower()
    word = _DROPPED.sub("", word)
    if _ARABIC.search(word):
        if not word.isalpha() or any("\ufb50" <= letter <= "\ufeff" for letter in word):
            word = unicodedata.normalize("NFKC", word)
        return word.translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain.lower().translate(_LATIN)


def tokens(text: str) -> list[Token]:
    """Split a text into its words, in order; punctuation, underscores and blanks separate."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        form = fold(word)
        if form:
            arabic = form[0] > "\u05ff"
            found.append(Token(form, match.start(), match.end(), arabic or word[0].isupper(), arabic))
    return found


def key(name: str) -> str:
    """Return a name's key: its folded tokens joined by blanks."""
    return " ".join(token.form for token in tokens(name))
