"""What one sighting changes, as values; the shell carries it out."""

import msgspec

from schemas.records import Incident

Put = tuple[str, bytes | None]
"""A row to store under its key; None deletes."""


class Fold(msgspec.Struct, frozen=True):
    """What one sighting changes.

    Attributes:
        incidents: to be sent, in this order, before anything is stored.
        puts: rows to store, in this order.
        duplicate_of: post id of the text that this one is a copy of.
        incident_id: the incident that the sighting belongs to; None for a claim that waits.
    """

    incidents: tuple[Incident, ...] = ()
    puts: tuple[Put, ...] = ()
    duplicate_of: str | None = None
    incident_id: str | None = None
