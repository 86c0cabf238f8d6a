"""Every topic, declared once: name, key, value, retention or compaction. `marqab topics create` makes them."""

from dataclasses import dataclass, field
from typing import Final

from schemas.records import Alert, Cursor, Feedback, Incident, Post, Record, Report, Sighting

PREFIX: Final = "marqab."
DAY_MS: Final = 86_400_000
MAX_MESSAGE_BYTES: Final = 32 * 1024 * 1024
"""Above the 20 MB that a hostile message may have, so that even that one can be set aside whole."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic as declared.

    Attributes:
        name: without prefix; `Topic.named` puts the configured prefix before it.
        value: record type of the values; None where the original bytes are kept (rejects).
        key: what the key is, in words.
        single_partition: True where order over everything matters more than throughput.
        compacted: only the latest value of a key is kept.
        retention_days: for topics that are not compacted.
        writers_time: messages keep the time that their writer gave them; else the broker's clock counts, so that no
            writer's wrong clock makes Kafka refuse messages (those of more than an hour ahead), or delete them early.
    """

    name: str
    value: type[Record] | None
    key: str
    single_partition: bool = False
    compacted: bool = False
    retention_days: int = 30
    writers_time: bool = False
    config: dict[str, str] = field(default_factory=dict)

    def named(self, prefix: str = PREFIX) -> str:
        """The topic's name on a broker, `marqab.posts`."""
        return f"{prefix}{self.name}"

    def settings(self) -> dict[str, str]:
        """Broker-side configuration of the topic."""
        if self.compacted:
            # A day before compaction may drop revisions: the announcer reads them all unless it is away for longer.
            cleanup = {"cleanup.policy": "compact", "min.compaction.lag.ms": str(DAY_MS)}
        else:
            cleanup = {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)}
        clock = {"message.timestamp.type": "CreateTime" if self.writers_time else "LogAppendTime"}
        return {"max.message.bytes": str(MAX_MESSAGE_BYTES), **clock, **cleanup, **self.config}


POSTS: Final = Topic(name="posts", value=Post, key="source id")
BACKFILL: Final = Topic(name="backfill", value=Post, key="source id")
"""Posts read from the past on purpose: handled when no live message waits."""
REPORTS: Final = Topic(name="reports", value=Report, key="source id", retention_days=7)
SIGHTINGS: Final = Topic(
    name="sightings",
    value=Sighting,
    key="theatre: the region of the world of the event's country, or of the source's focus country",
)
INCIDENTS: Final = Topic(name="incidents", value=Incident, key="incident id", compacted=True)
ALERTS: Final = Topic(name="alerts", value=Alert, key="incident id", retention_days=90)
FEEDBACK: Final = Topic(
    name="feedback",
    value=Feedback,
    key="theatre: the key of the sightings of its incident, which says it",
    retention_days=365,  # what people decided, to be replayed with the posts
)
REJECTS: Final = Topic(
    name="rejects",
    value=None,
    key="key of the rejected message",
    writers_time=True,  # that of the message, as it came
    config={"max.message.bytes": str(MAX_MESSAGE_BYTES + 1024 * 1024)},  # the message whole, and why
)
CURSORS: Final = Topic(
    name="cursors",
    value=Cursor,
    key="source id",
    single_partition=True,
    compacted=True,
    # Only the latest counts, and a feed's cursor has tens of kilobytes: without these a thousand feeds would leave
    # gigabytes a day to be read at the next start.
    config={"min.compaction.lag.ms": "0", "segment.ms": "3600000", "min.cleanable.dirty.ratio": "0.1"},
)

TOPICS: Final = (POSTS, BACKFILL, REPORTS, SIGHTINGS, INCIDENTS, ALERTS, FEEDBACK, REJECTS, CURSORS)
"""Posts, reports, sightings and feedback share one partition count; the correlator's changelog follows it."""

TABLES: Final = {"routes": REPORTS, "incidents": SIGHTINGS, "announced": INCIDENTS}
"""Tables of the worker, each with the topic whose partitions it serves; their changelogs are topics too."""
