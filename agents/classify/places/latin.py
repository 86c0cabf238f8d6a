"""Arabic names in Latin letters, for places that no list gives an English name for.

Short vowels are not written in Arabic, so this is a reading aid, not a reconstruction: long vowels are kept, clusters
of consonants get an `a`, and verbal nouns that begin with alef get their `i` (`الانتفاضة`, Al Intifada).
"""

import re

from agents.classify.places.fold import fold

_LETTERS = {
    "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s",
    "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l",
    "م": "m", "ن": "n", "ه": "h", "ء": "", "ا": "a", "و": "u", "ي": "i",
}  # fmt: skip
_VOWELS = "اويع"
_CITY_ARTICLE = re.compile(r"^(?:A[lrsdtnz]h?|Es|Ed|El)-", re.IGNORECASE)


def romanize(name: str) -> str:
    """Write an Arabic name in Latin letters, words capitalized, the article apart (`Al Mashlab`)."""
    return " ".join(_word(fold(word), word) for word in name.split() if fold(word))


def _word(form: str, written: str) -> str:
    if form.isascii():
        return written
    if form.startswith("ال") and len(form) > 3:
        return f"Al {_word(form[2:], written)}"
    latin = ""
    feminine = len(form) > 2 and form[-1] == "ه" and written.endswith("ة")
    letters = form[:-1] if feminine else form
    verbal = letters.startswith(("انت", "است", "اجت", "احت", "اتح", "اشت", "انف"))
    run = 0
    for at, letter in enumerate(letters):
        vowel = letter in _VOWELS
        before_vowel = at + 1 < len(letters) and letters[at + 1] in _VOWELS
        if letter in "وي" and (at == 0 or (before_vowel and run == 0)):
            latin += "w" if letter == "و" else "y"
            run = 1
            continue
        if vowel:
            latin += "i" if verbal and at == 0 else _LETTERS[letter]
            run = 0
            continue
        run += 1
        if run >= 2 and not (verbal and at == 2):
            latin += "i" if verbal and run >= 3 else "a"
            run = 1
        latin += _LETTERS.get(letter, "")
    return (latin + ("a" if feminine else "")).capitalize()


def quarter(city: str, name: str) -> str:
    """Name a neighbourhood as ACLED does, "City – District", the city without its article (`Raqqa – Al Intifada`)."""
    city = _CITY_ARTICLE.sub("", city)
    return f"{city} – {name}" if city and name else name or city
