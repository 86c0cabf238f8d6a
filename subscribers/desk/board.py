"""What the desk knows: the newest alert of every incident, and every earlier one packed away.

One owner puts alerts in; pages read. Everything is in memory and comes from the topic alone.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from schemas.canary import of_canary
from schemas.codec import decode, encode
from schemas.records import Alert
from subscribers.desk.wanted import Wanted
from subscribers.heard import Heard, position_text


@dataclass(frozen=True)
class Page:
    """One page of the list."""

    alerts: list[Alert]
    count: int
    """How many fit in all."""
    older: bool


class Board:
    """The incidents by id."""

    def __init__(self) -> None:
        self._latest: dict[str, Heard] = {}
        self._packed: dict[str, bytes] = {}
        self._story: dict[str, list[str]] = {}
        self._issued: dict[str, datetime] = {}
        self._countries: dict[str, None] = {}
        self.reached: dict[int, int] = {}

    @property
    def position(self) -> str:
        """How far the topic has been read: what a page remembers and a browser sends back."""
        return position_text(self.reached)

    @property
    def countries(self) -> list[str]:
        """Countries of the incidents known, in order of the alphabet."""
        return sorted(self._countries)

    @property
    def issued(self) -> dict[str, datetime]:
        """When each alert was issued, by its id."""
        return self._issued

    def take(self, heard: Heard) -> Heard | None:
        """Put an alert in; the heard one if its incident now reads differently, None for an older or known revision."""
        alert = heard.alert
        self.reached[heard.partition] = max(self.reached.get(heard.partition, 0), heard.offset + 1)
        if alert.alert_id in self._packed or of_canary(alert.incident):  # hundreds a day, each of no interest
            return None
        self._packed[alert.alert_id] = zlib.compress(encode(alert), 1)
        self._story.setdefault(alert.incident_id, []).append(alert.alert_id)
        self._issued[alert.alert_id] = alert.issued_at
        if alert.incident.country:
            self._countries[alert.incident.country] = None
        known = self._latest.get(alert.incident_id)
        if known and known.alert.revision > alert.revision:
            return None
        self._latest[alert.incident_id] = heard
        self.__dict__.pop("_ordered", None)
        return heard

    @cached_property
    def _ordered(self) -> list[Heard]:
        return sorted(self._latest.values(), key=lambda heard: (heard.alert.issued_at, heard.offset), reverse=True)

    def newest(self, wanted: Wanted) -> Iterator[Alert]:
        """The newest alert of each incident that fits, the newest first."""
        return (heard.alert for heard in self._ordered if wanted.fits(heard.alert))

    def page(self, wanted: Wanted, number: int, size: int) -> Page:
        """Page `number` (from 1) of the incidents that fit."""
        fitting = list(self.newest(wanted))
        start = (max(1, number) - 1) * size
        return Page(fitting[start : start + size], len(fitting), start + size < len(fitting))

    def latest(self, incident_id: str) -> Alert | None:
        """The newest alert of this incident."""
        heard = self._latest.get(incident_id)
        return heard.alert if heard else None

    def alert(self, alert_id: str) -> Alert | None:
        """This very alert."""
        packed = self._packed.get(alert_id)
        return decode(zlib.decompress(packed), Alert) if packed else None

    def story(self, incident_id: str) -> list[Alert]:
        """All alerts of an incident by revision, the newest first."""
        told = [alert for name in self._story.get(incident_id, []) if (alert := self.alert(name))]
        return sorted(told, key=lambda alert: alert.revision, reverse=True)

    def since(self, positions: dict[int, int]) -> list[Heard]:
        """What has changed since a reader was there: the newest alert of each incident, in the order of the topic."""
        missed = [heard for heard in self._latest.values() if heard.offset >= positions.get(heard.partition, 0)]
        return sorted(missed, key=lambda heard: (heard.partition, heard.offset))
