"""marqab's closed lists of words as people read them, in English and Arabic (`words.toml`)."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Language = Literal["en", "ar"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ar")
DIRECTION: Final[dict[Language, str]] = {"en": "ltr", "ar": "rtl"}


@cache
def tables() -> dict[str, dict[str, dict[str, str]]]:
    """All words: table, word, language."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))


def word(table: str, name: str, language: Language) -> str:
    """This member of that list in words; a member of a newer version is shown by its own name."""
    known = tables()[table].get(str(name))
    return known[language] if known else str(name).replace("_", " ")


def say(name: str, language: Language, **values: object) -> str:
    """A fixed phrase with its places filled.

    Raises:
        KeyError: there is no such phrase: a mistake in the code, not in what came in.
    """
    return tables()["say"][name][language].format(**values)
