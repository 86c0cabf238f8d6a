"""Arabic: clitics in front (و ف · ب ل ك · س · ال), pronouns and inflection behind, all on folded tokens."""

from typing import Final

from agents.remembered import remembering

NUMBER_JOIN: Final = "و"
_SUFFIXES: Final = ("هما", "تين", "تان", "هم", "ها", "وا", "ون", "ين", "ان", "ات", "نا", "ه", "ت", "ا")
_SHORTEST: Final = 3


@remembering(8_192)  # few: each is two sets, and what others make of them is remembered there
def keys(form: str) -> tuple[frozenset[str], frozenset[str]]:
    """Every reading of the token without its clitics, and every reading without inflection as well.

    Example: وبالقصف ("and by the shelling") gives قصف.
    """
    if len(form) > 20 or not form:
        return frozenset((form,)), frozenset((form,))
    stems = _unprefixed(form)
    inflected = set(stems)
    for stem in stems:
        for suffix in _SUFFIXES:
            if stem.endswith(suffix) and len(stem) - len(suffix) >= _SHORTEST:
                base = stem[: -len(suffix)]
                inflected.add(base)
                if suffix in ("ات", "تين", "تان"):
                    inflected.add(base + "ه")
                elif base.endswith("ت"):
                    inflected.add(base[:-1] + "ه")
    return frozenset(stems), frozenset(inflected)


def _unprefixed(form: str) -> set[str]:
    stems = {form}
    if form[0] in "وف" and len(form) > _SHORTEST:
        stems.add(form[1:])
    for stem in tuple(stems):
        if stem[0] in "بلك" and len(stem) > _SHORTEST:
            stems.add(stem[1:])
        if stem.startswith("لل") and len(stem) > _SHORTEST + 1:
            stems.add(stem[2:])
        if stem[0] == "س" and len(stem) > _SHORTEST + 1 and stem[1] in "يتن":
            stems.add(stem[1:])
    for stem in tuple(stems):
        if stem.startswith("ال") and len(stem) > _SHORTEST:
            stems.add(stem[2:])
    return stems


def headword(word: str) -> str:
    """A lexicon word without its article; tokens lose theirs as well."""
    return word[2:] if word.startswith("ال") and len(word) > _SHORTEST else word


def conjugate(past: str, present: str) -> tuple[str, ...]:
    """The third person of a verb, written and spoken: he, she and they, past and present, on folded letters.

    Example: هدم يهدم ("tear down") gives هدم، هدمت، هدموا، هدمو، يهدم، تهدم، يهدمون، يهدموا، يهدمو.
    """
    bare_past, bare_present = past.removesuffix("ي"), present.removesuffix("ي")
    she = bare_past + "ت"
    they = tuple(bare_past + ending for ending in ("وا", "و"))
    many = tuple(bare_present + ending for ending in ("ون", "وا", "و"))
    return (past, she, *they, present, "ت" + present[1:], *many)
