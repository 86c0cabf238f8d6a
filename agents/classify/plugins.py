"""Other models in place of the shipped one: a transformer, a service's own classifier.

A plug-in is a callable under the entry point group `marqab.classifiers`; it gets a folder on this machine and returns
a `Scorer`. marqab downloads nothing and needs none.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, cast

from agents.classify.languages import LANGUAGES
from agents.classify.model import Scorer
from schemas.errors import Misconfigured

GROUP: Final = "marqab.classifiers"


def named(told: str) -> dict[str, Scorer]:
    """The scorers that a setting names, by language code.

    Args:
        told: `LANGUAGE=PLUGIN:FOLDER`, several with commas; empty for none.

    Raises:
        Misconfigured: it is written otherwise, names a language twice, or a plug-in cannot be loaded.
    """
    found: dict[str, Scorer] = {}
    for part in filter(None, (part.strip() for part in told.split(","))):
        language, equals, rest = part.partition("=")
        name, colon, folder = rest.partition(":")
        if not (language.strip() and equals and name.strip() and colon and folder.strip()):
            raise Misconfigured(f"the classifier {part!r} is not LANGUAGE=PLUGIN:FOLDER, as in ar=mymodel:/models/ar")
        if language.strip() not in LANGUAGES or language.strip() in found:
            known = ", ".join(LANGUAGES)
            raise Misconfigured(f"the classifier {part!r}: give each language once, out of {known}")
        found[language.strip()] = load(name.strip(), Path(folder.strip()).expanduser())
    return found


def load(name: str, folder: Path) -> Scorer:
    """The scorer that a plug-in makes from a local folder.

    Raises:
        Misconfigured: there is no such plug-in or folder, or what it makes is no scorer.
    """
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        raise Misconfigured(f"no classifier plug-in {name} is installed (entry point group {GROUP})")
    if not folder.is_dir():
        raise Misconfigured(f"the classifier {name} needs its model in a local folder; {folder} is none")
    scorer = cast("Callable[[Path], object]", found[0].load())(folder)
    if not all(hasattr(scorer, part) for part in ("score", "threshold", "version")):
        raise Misconfigured(f"what the plug-in {name} makes has no score, threshold and version: it is no scorer")
    return cast("Scorer", scorer)
