"""Other models in place of the shipped one: a transformer, a service's own classifier.

A plug-in is a callable under the entry point group `marqab.classifiers`; it gets a folder on this machine and returns
a `Scorer`. marqab downloads nothing and needs none.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, cast

from agents.classify.model import Scorer
from schemas.errors import Misconfigured

GROUP: Final = "marqab.classifiers"


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
