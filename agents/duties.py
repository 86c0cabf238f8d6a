"""Which stage reads which topic, and keeps which table."""

from collections.abc import Mapping
from typing import Final, Protocol

from schemas.topics import BACKFILL, FEEDBACK, INCIDENTS, POSTS, REPORTS, SIGHTINGS, TABLES, Topic


class Place(Protocol):
    """Topic and partition, as Faust and aiokafka name them."""

    @property
    def topic(self) -> str:
        """Full name."""

    @property
    def partition(self) -> int:
        """Number."""


READS: Final = {"normalizer": POSTS, "classifier": REPORTS, "correlator": SIGHTINGS, "announcer": INCIDENTS}
"""Which stage reads which topic."""
BESIDE: Final = {"correlator": FEEDBACK}
"""Which stage reads a second topic: partition by partition in the same lane as the first, for it shares its memory."""
PAST: Final = {"normalizer": BACKFILL}
"""Which stage reads a second topic in a lane of its own, that waits while others have much to do."""
KEEPS: Final = {stage: name for name, topic in TABLES.items() for stage, read in READS.items() if read is topic}
"""Which stage keeps which table."""


def stages_by_topic(prefix: str) -> dict[str, str]:
    """Which stage reads a topic, by the topic's full name."""
    return {topic.named(prefix): stage for read in (READS, BESIDE, PAST) for stage, topic in read.items()}


def named(topics: Mapping[str, Topic], prefix: str) -> frozenset[str]:
    """Full names of topics by stage."""
    return frozenset(topic.named(prefix) for topic in topics.values())
