"""The pure stages that the worker lifts: what it asks of them, and the ones that ship."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from agents.announce import announce
from agents.classify import Classifier
from agents.classify.model import Scorer
from agents.correlate import Correlator as ShippedCorrelator
from agents.correlate import Rules
from agents.normalize import normalize
from agents.stage import Puts
from agents.theatres import Theatres
from schemas.records import Alert, Feedback, Incident, Post, Report, Sighting


class Normalize(Protocol):
    """`agents.normalize.normalize`."""

    def __call__(self, post: Post, *, arrived_at: datetime | None = None) -> Report:
        """The post made comparable."""


class Fold(Protocol):
    """`agents.correlate.Fold`: what a sighting does to the incidents."""

    @property
    def incidents(self) -> Sequence[Incident]:
        """As they stand afterwards."""

    @property
    def puts(self) -> Puts:
        """Rows to keep."""

    @property
    def duplicate_of(self) -> str | None:
        """Post id of the text that this one copies."""


class Correlator(Protocol):
    """`agents.theatres.Theatres`: one per partition."""

    @property
    def open_incidents(self) -> int:
        """How many incidents further posts may still join."""

    @property
    def claims_waiting(self) -> int:
        """How many claims no incident has been found for yet."""

    def load(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Rebuild the index from the stored rows."""

    def hear(self, sightings: Sequence[Sighting]) -> Sequence[Any]:
        """What follows from each sighting alone, for `fold`: several at once are cheaper than one by one."""

    def fold(self, sighting: Sighting, theatre: str, heard: Any = None) -> Fold:
        """Decide what it changes in the theatre that it was sent to, `heard` from `hear` or not; change nothing."""

    def correct(self, feedback: Feedback, theatre: str | None) -> Fold:
        """Decide what a person's correction changes there; change nothing.

        Raises:
            Inapplicable: it cannot be applied, in a sentence.
        """

    def settle(self, now: float) -> Sequence[tuple[str, Fold]]:
        """What was held back and is due by now, by theatre; change nothing."""

    def apply(self, puts: Puts) -> None:
        """Bring the index up to date."""


class Announcement(Protocol):
    """`agents.announce.Announcement`."""

    @property
    def alerts(self) -> Sequence[Alert]:
        """To be sent, in order."""

    @property
    def row(self) -> bytes | None:
        """What to remember of the incident; None: unchanged."""


@dataclass(frozen=True)
class Stages:
    """The pure stages that the worker lifts."""

    normalize: Normalize
    classify: Callable[[Report], Sighting]
    correlator: Callable[[], Correlator]
    """Makes an empty one, one per partition."""
    announce: Callable[[bytes | None, Incident], Announcement]


def shipped(
    gazetteer: Path | None = None,
    *,
    scorers: Mapping[str, Scorer] | None = None,
    max_age: timedelta = timedelta(hours=48),
    settle: timedelta = timedelta(seconds=60),
) -> Stages:
    """The stages of marqab, as `marqab replay` runs them.

    Args:
        gazetteer: places beside the built-in ones.
        scorers: models in place of the shipped ones, by language code.
        max_age: posts older than this on arrival alert nobody.
        settle: event time between two alerts of one incident, unless something grave happens.
    """
    classifier = Classifier.default(gazetteer, scorers)
    rules = Rules(max_age=max_age, settle=settle)
    return Stages(
        normalize=normalize,
        classify=classifier.classify,
        correlator=lambda: Theatres(lambda: ShippedCorrelator(rules)),
        announce=partial(announce, settle=settle, max_age=max_age),
    )
