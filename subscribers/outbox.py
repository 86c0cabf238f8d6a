"""What a subscriber is still to be told later, and how far its reading of the topic may be remembered.

Kafka keeps what waits: the position that is remembered never passes an alert that has not been delivered, so a restart
reads it again. Pure.
"""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.records import Alert
from subscribers.heard import Heard


@dataclass
class Outbox:
    """Alerts that wait, in the order in which they were heard, and the next position of each partition."""

    held: list[tuple[Heard, datetime]] = field(default_factory=list)
    reached: dict[int, int] = field(default_factory=dict)

    def reach(self, heard: Heard) -> None:
        """This alert has been read and needs no more work, unless it is held."""
        self.reached[heard.partition] = max(self.reached.get(heard.partition, 0), heard.offset + 1)

    def hold(self, heard: Heard, until: datetime) -> None:
        """Keep the alert for later; of one incident only the newest is kept."""
        self.drop(heard.alert.incident_id)
        self.held.append((heard, until))

    def drop(self, incident_id: str) -> None:
        """Something newer about this incident goes out: what waited of it is old."""
        self.held = [(heard, until) for heard, until in self.held if heard.alert.incident_id != incident_id]

    def due_at(self) -> datetime | None:
        """When something is to be sent; None while nothing waits."""
        return min((until for _, until in self.held), default=None)

    def take(self, now: datetime) -> list[Alert]:
        """What is due, the oldest first; it is held no longer."""
        due = [heard.alert for heard, until in self.held if until <= now]
        self.held = [(heard, until) for heard, until in self.held if until > now]
        return due

    def settled(self) -> dict[int, int]:
        """The positions (next offset of each partition) before which nothing is left to do."""
        waits: dict[int, int] = {}
        for heard, _ in self.held:
            waits[heard.partition] = min(waits.get(heard.partition, heard.offset), heard.offset)
        return {partition: min(at, waits.get(partition, at)) for partition, at in self.reached.items()}
