"""What the worker asks of its tables: the rows that each partition's step begins with, and whether any are gone."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from agents.collector import leave_alone
from agents.duties import Place
from agents.routes import Routes
from agents.stage import Puts, Step
from agents.stages import Stages
from agents.steps import Announcing, Classifying, Correlating, Normalizing, unreadable


class Kept(Protocol):
    """A table as the worker uses it."""

    changelog_topic_name: str

    async def keep(self, producer: Any, partition: int, puts: Puts) -> None:
        """Return when the rows are in the changelog and here."""

    def read(self, partition: int, key: str) -> bytes | None:
        """One row."""

    def rows(self, partitions: Iterable[int]) -> dict[int, list[tuple[str, bytes]]]:
        """All rows of these partitions."""

    def kept(self, partition: int) -> int:
        """The offset after the last row that this worker has put into the changelog; 0: it has put none."""

    async def ends(self) -> dict[int, int]:
        """Where the changelog ends, by partition, of those that are here."""

    async def missing(self) -> dict[int, int]:
        """Partitions whose changelog begins after rows that this table never read, with the first offset left."""


def remembered(stages: Stages, tables: Mapping[str, Kept], places: Mapping[Place, str]) -> dict[Place, Step]:
    """Each partition's step with what it remembers: a long calculation, for a thread.

    Args:
        stages: the pure stages.
        tables: by stage.
        places: the partitions, each with the stage that reads it.

    Raises:
        Misconfigured: a row cannot be read.
    """
    rows = {
        stage: tables[stage].rows([place.partition for place, its in places.items() if its == stage])
        for stage in ("classifier", "correlator")
    }

    def step(stage: str, partition: int) -> Step:
        match stage:
            case "normalizer":
                return Normalizing(stages.normalize)
            case "classifier":
                routes = Routes()
                routes.load(rows[stage][partition])
                return Classifying(stages.classify, routes)
            case "correlator":
                correlator = stages.correlator()
                correlator.load(rows[stage][partition])
                return Correlating(correlator)
            case _:
                return Announcing(stages.announce, lambda key: tables["announcer"].read(partition, key))

    try:
        steps = {place: step(stage, place.partition) for place, stage in places.items()}
    except msgspec.MsgspecError as error:
        raise unreadable("a row of a table", error) from error
    leave_alone()
    return steps
