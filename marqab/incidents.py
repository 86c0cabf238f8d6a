"""What stands in Kafka's topics of incidents and feedback just now, for the command line. Reads, never writes."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from marqab.standing import standing
from schemas.codec import decode
from schemas.errors import Undecodable
from schemas.records import Feedback, Incident
from schemas.topics import FEEDBACK, INCIDENTS


async def find(connection: Mapping[str, Any], prefix: str, wanted: Collection[str]) -> dict[str, Incident]:
    """The latest revision of these incidents; those that Kafka does not hold are left out.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    found: dict[str, Incident] = {}
    keys = {incident_id.encode() for incident_id in wanted}
    async for message in standing(connection, INCIDENTS.named(prefix)):
        if message.key in keys and message.value is not None:
            incident = decode(message.value, Incident)
            found[incident.incident_id] = incident
    return found


async def given(connection: Mapping[str, Any], prefix: str, since: datetime | None = None) -> list[Feedback]:
    """What people said, in order of time, each once; what cannot be read is in the rejects and left out here.

    Raises:
        SourceDown: no broker answers.
        Misconfigured: there is no such topic, or this user may not read it.
    """
    said: dict[str, Feedback] = {}
    async for message in standing(connection, FEEDBACK.named(prefix)):
        try:
            one = decode(message.value or b"", Feedback)
        except Undecodable:
            continue
        if since is None or one.given_at >= since:
            said.setdefault(one.feedback_id, one)
    return sorted(said.values(), key=lambda one: (one.given_at, one.feedback_id))
