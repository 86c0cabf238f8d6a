"""The four stages as steps on one partition: which record in, which records out, under which key."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final

import msgspec

from agents.bounds import bounded
from agents.routes import Routes
from agents.stage import Counts, Effects, Emission, Message, Puts, value_of
from agents.stages import Announcement, Correlator, Normalize
from agents.theatres import HOME
from schemas.canary import of_canary
from schemas.codec import decode
from schemas.errors import Misconfigured, Undecodable
from schemas.kinds import AlertKind
from schemas.records import Alert, Feedback, Incident, Post, Report, Sighting
from schemas.topics import ALERTS, FEEDBACK, INCIDENTS, REPORTS, SIGHTINGS

COUNTED_LANGUAGES: Final = frozenset(
    ["ar", "az", "ckb", "de", "en", "es", "fa", "fr", "he", "ku", "ru", "tr", "ur", "und"]
)
"""Others are counted together: what a source says of its language must not make new series."""


class _Uncounted:
    """A step that takes every message by itself, has no gauges, and does nothing without a message."""

    def ahead(self, messages: Sequence[Message]) -> None:
        """Nothing is worked out together."""

    def tick(self, now: float) -> Effects:
        """Nothing is due."""
        del now
        return Effects()

    def gauges(self) -> Mapping[str, float]:
        """None."""
        return {}


class _Forgetful(_Uncounted):
    """A step that remembers nothing."""

    def apply(self, puts: Puts) -> None:
        """Nothing to remember."""

    def kept(self, puts: Puts) -> None:
        """Nothing was stored."""


class Normalizing(_Forgetful):
    """Post → Report."""

    name = "normalizer"

    def __init__(self, normalize: Normalize) -> None:
        self._normalize = normalize

    def __call__(self, message: Message) -> Effects:
        """The report of the post."""
        post = decode(value_of(message), Post)
        report = self._normalize(post, arrived_at=message.arrived_at)
        hidden: Counts = [("marqab_hidden_words_total", {})] * len(report.edits) if report.hiding > 0 else []
        return Effects([Emission(REPORTS, report.source.id, report)], counts=hidden)


class Classifying(_Uncounted):
    """Report → Sighting, where the report tells of an incident or changes what was said before."""

    name = "classifier"

    def __init__(self, classify: Callable[[Report], Sighting], routes: Routes) -> None:
        self._classify = classify
        self._routes = routes

    def __call__(self, message: Message) -> Effects:
        """The sighting, to the theatre that must hear of it; none where it says nothing and never did."""
        sighting = self._classify(bounded(decode(value_of(message), Report)))
        theatre, puts = self._routes.route(sighting)
        counts: Counts = ()
        if sighting.relevant and not sighting.test:
            kind = str(sighting.event_type or "none")
            language = sighting.language if sighting.language in COUNTED_LANGUAGES else "other"
            counts = [("marqab_sightings_total", {"event_type": kind, "language": language})]
        return Effects([Emission(SIGHTINGS, theatre, sighting)] if theatre else [], puts, counts)

    def apply(self, puts: Puts) -> None:
        """Later revisions of these posts follow them."""
        self._routes.apply(puts)

    def kept(self, puts: Puts) -> None:
        """The routes know already."""


class Correlating:
    """Sighting or Feedback → Incidents; remembers through the correlator."""

    name = "correlator"

    def __init__(self, correlator: Correlator) -> None:
        self._correlator = correlator
        self._read: dict[int, tuple[Sighting, Any]] = {}
        """Sightings to come by offset, with what the correlator has worked out of each."""

    def ahead(self, messages: Sequence[Message]) -> None:
        """Read all sightings among them together; one that cannot be read is set aside in its turn."""
        self._read, sightings = {}, {}
        for message in messages:
            with suppress(Undecodable):
                if not _is_feedback(message):
                    sightings[message.offset] = decode(value_of(message), Sighting)
        # Whatever goes wrong in reading one: each is read again in its turn, and the one at fault set aside.
        with suppress(Exception):
            read = zip(sightings.values(), self._correlator.hear([*sightings.values()]), strict=True)
            self._read = dict(zip(sightings, read, strict=True))

    def __call__(self, message: Message) -> Effects:
        """The incidents as they now stand, and the rows to keep."""
        theatre = (message.key or b"").decode("utf-8", "replace") or HOME
        counts: Counts = ()
        if _is_feedback(message):
            feedback = decode(value_of(message), Feedback)
            fold = self._correlator.correct(feedback, theatre)
            counts = [("marqab_feedback_total", {"kind": feedback.kind.value})] * bool(fold.puts)
        else:
            sighting, heard = self._read.pop(message.offset, None) or (decode(value_of(message), Sighting), None)
            fold = self._correlator.fold(sighting, theatre, heard)
            counts = [("marqab_copies_total", {})] * (fold.duplicate_of is not None)
        emissions = [Emission(INCIDENTS, incident.incident_id, incident) for incident in fold.incidents]
        return Effects(emissions, fold.puts, counts)

    def tick(self, now: float) -> Effects:
        """Incidents of which the announcer may have held something back, once more."""
        folds = [fold for _, fold in self._correlator.settle(now)]
        emissions = [Emission(INCIDENTS, incident.incident_id, incident) for f in folds for incident in f.incidents]
        return Effects(emissions, [put for fold in folds for put in fold.puts])

    def apply(self, puts: Puts) -> None:
        """Bring the index up to date."""
        self._correlator.apply(puts)

    def kept(self, puts: Puts) -> None:
        """The index has them already."""

    def gauges(self) -> Mapping[str, float]:
        """How much further posts may still join."""
        return {
            "marqab_incidents_open": self._correlator.open_incidents,
            "marqab_claims_waiting": self._correlator.claims_waiting,
        }


def _is_feedback(message: Message) -> bool:
    return message.topic.endswith(FEEDBACK.name)


class Announcing(_Uncounted):
    """Incident → Alerts; remembers one row per incident, in the table once stored, here until then."""

    name = "announcer"

    def __init__(
        self,
        announce: Callable[[bytes | None, Incident], Announcement],
        stored: Callable[[str], bytes | None],
    ) -> None:
        """Announce one partition of the incidents.

        Args:
            announce: the pure stage.
            stored: reads a row of the table.
        """
        self._announce = announce
        self._stored = stored
        self._on_the_way: dict[str, bytes | None] = {}
        self._lock = Lock()  # rows are decided on in a worker thread and reported stored by the event loop

    def __call__(self, message: Message) -> Effects:
        """The alerts that are due, and what to remember of them."""
        if message.value is None:  # compaction's word for "forget this incident"
            return Effects()
        incident = decode(message.value, Incident)
        try:
            decided = self._announce(self._remembered(incident.incident_id), incident)
        except msgspec.MsgspecError as error:  # of the row, not of the message, which has been read
            raise unreadable(f"the row of incident {incident.incident_id}", error) from error
        emissions = [Emission(ALERTS, alert.incident_id, alert) for alert in decided.alerts]
        counts = [count for alert in decided.alerts for count in _counts_of(alert)]
        # A canary is announced once and never spoken of again: its row would stay for ever.
        kept = decided.row is not None and not of_canary(incident)
        puts = [(incident.incident_id, decided.row)] if kept else []
        return Effects(emissions, puts, counts)

    def _remembered(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._on_the_way:
                return self._on_the_way[key]
        return self._stored(key)

    def apply(self, puts: Puts) -> None:
        """Later revisions of the same incidents must see these rows."""
        with self._lock:
            self._on_the_way.update(puts)

    def kept(self, puts: Puts) -> None:
        """The table has them now."""
        with self._lock:
            for key, row in puts:
                if self._on_the_way.get(key) is row:
                    self._on_the_way.pop(key, None)


def unreadable(what: str, error: Exception) -> Misconfigured:
    """What this version of marqab wrote, or an older one, it can read: somebody else wrote this."""
    return Misconfigured(
        f"{what} cannot be read ({error}): a newer marqab has written it, or it is damaged. Run that version again, "
        "or take another MARQAB_APP_ID, which reads every post anew."
    )


def _counts_of(alert: Alert) -> Counts:
    """What an alert adds to the figures; a test is no news."""
    if alert.test:
        return [("marqab_test_alerts_total", {})]
    severity = str(alert.severity)
    counts: list[tuple[str, dict[str, str]]] = [
        ("marqab_alerts_total", {"kind": str(alert.kind), "severity": severity})
    ]
    if alert.kind is AlertKind.NEW:
        country, kind = alert.incident.country or "none", str(alert.incident.event_type)
        counts.append(("marqab_incidents_announced_total", {"country": country, "severity": severity}))
        counts.append(("marqab_incident_types_announced_total", {"event_type": kind, "severity": severity}))
    return counts
