"""What a worker needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from agents.lane import TICK_SECONDS
from agents.progress import STALLED_SECONDS
from schemas.topics import PREFIX


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a worker needs to know.

    Attributes:
        bootstrap_servers: host:port with commas.
        security: aiokafka's words: `security_protocol`, `sasl_…`, `ssl_context`.
        embedded: the broker is the embedded one: no idempotent producer there, and short sessions.
        prefix: of the topics.
        app_id: consumer group, and start of the tables' changelogs.
        partitions: of topics that have to be created.
        replication: of topics that have to be created.
        store: where tables lie; `memory` reads all of it back from Kafka at every start. The embedded broker
            forgets its changelogs when it stops, so tables on disk would outlive them: there it is memory always.
        folder: of tables on disk, one per worker process.
        may_create: make topics that are missing; off where our login has no right to.
        linger_ms: how long the producer collects messages.
        commit_seconds: how often offsets are committed; what a crash repeats at most, beside what is on the way.
        session_seconds: a worker that is silent for so long loses its partitions.
        accept_lost_rows: work on although rows of a table's changelog have been deleted that no local store has.
        most_rejects: when a larger share of a minute's messages has to be set aside, the worker stops.
        tick_seconds: after how long without a message a lane looks whether something is due that was held back.
        stalled_seconds: a worker that finishes nothing for so long though messages wait ends itself.
    """

    bootstrap_servers: str
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)
    embedded: bool = False
    prefix: str = PREFIX
    app_id: str = "marqab"
    partitions: int = 4
    replication: int = 1
    store: Literal["memory", "disk"] = "memory"
    folder: Path = Path("marqab-state")
    may_create: bool = True
    linger_ms: int = 5
    commit_seconds: float = 1.0
    session_seconds: float = 20.0
    stalled_seconds: float = STALLED_SECONDS
    most_rejects: float = 0.5
    accept_lost_rows: bool = False
    tick_seconds: float = TICK_SECONDS

    @property
    def on_disk(self) -> bool:
        """Whether tables lie on disk."""
        return self.store == "disk" and not self.embedded
