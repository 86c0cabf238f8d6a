"""Read marqab's alerts: `async for alert in marqab_client.subscribe("localhost:9092", group="mine")`.

The types here are what a subscriber can rely on, a part of the published JSON Schema; unknown fields are ignored.
"""

from marqab_client.errors import Misconfigured, SourceDown
from marqab_client.records import Alert, Change, Claim, Incident, Place, Statement, Toll, TollSummary
from marqab_client.subscribe import subscribe

__all__ = [
    "Alert",
    "Change",
    "Claim",
    "Incident",
    "Misconfigured",
    "Place",
    "SourceDown",
    "Statement",
    "Toll",
    "TollSummary",
    "subscribe",
]
