"""The four stages in one process, without a broker: what `marqab replay` runs, and what one partition of Kafka gives.

Time comes from the posts alone, so the same posts in the same order give the same lines, incidents and alerts (law 3).
The shell's effects happen in the order in which they happen there: incidents reach the announcer, rows are stored.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from agents.announce import Announcement, announce
from agents.bounds import bounded
from agents.classify import Classifier
from agents.correlate import Correlator, Fold, Rules, TextCopies
from agents.normalize import normalize
from agents.routes import Routes
from agents.theatres import Theatres
from schemas.errors import Undecodable
from schemas.kinds import IncidentState
from schemas.records import Alert, Feedback, Incident, Post, Report, Sighting, Toll

Line = dict[str, Any]
"""One line of `sightings.jsonl` as plain values (see `docs/architecture.md`, contracts)."""


class Classify(Protocol):
    """What replay needs of a classifier."""

    def classify(self, report: Report) -> Sighting:
        """What the report says."""
        ...


def interleaved(posts: Iterable[Post], given: Iterable[Feedback]) -> Iterator[Post | Feedback]:
    """Posts in their order, and what people said in order of time, before the first post that came to us later.

    A post came to us when it was fetched, or where that is not known when it was published.
    """
    waiting = deque(sorted(given, key=lambda feedback: (feedback.given_at, feedback.feedback_id)))
    for post in posts:
        while waiting and waiting[0].given_at < (post.fetched_at or post.published_at):
            yield waiting.popleft()
        yield post
    yield from waiting


class Announce(Protocol):
    """What replay needs of an announcer."""

    def __call__(self, remembered: bytes | None, incident: Incident, /) -> Announcement:
        """Whether this revision is news."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What one post came to.

    Attributes:
        line: the post's line of `sightings.jsonl`; its `incident_id` is as of now (see `Replay.home`). Empty for
            what a person said.
        alerts: alerts that it caused, in order.
        incidents: revisions of incidents that it caused, in order.
        rejected: why it could not be read; None for a post that was.
    """

    line: Line
    alerts: tuple[Alert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    rejected: str | None = None


class Replay:
    """Runs posts through all stages, one after the other, and keeps what subscribers would know in the end."""

    def __init__(
        self, classifier: Classify | None = None, rules: Rules | None = None, announcer: Announce = announce
    ) -> None:
        """Start with nothing known.

        Args:
            classifier: the one that ships with marqab where none is given.
            rules: thresholds of the correlator; its defaults where none are given.
            announcer: `announce`, with other settings where wanted.
        """
        rules = rules if rules is not None else Rules()
        self._classifier: Classify = classifier if classifier is not None else Classifier.default()
        self._correlator = Theatres(lambda: Correlator(rules))
        self._routes = Routes()
        self._announcer = announcer
        self._announced: dict[str, bytes] = {}
        self._texts = TextCopies()
        self._incidents: dict[str, Incident] = {}
        self._home: dict[str, str] = {}
        self.rejected = 0

    def step(self, post: Post) -> Outcome:
        """Take one post through all stages; one that cannot be read is counted and told, and stops nothing."""
        try:
            sighting = self._classifier.classify(bounded(normalize(post)))
        except Undecodable as error:
            self.rejected += 1
            return Outcome(_unread(post), rejected=str(error))
        theatre, routes = self._routes.route(sighting)
        self._routes.apply(routes)
        fold = self._correlator.fold(sighting, theatre) if theatre else Fold()
        alerts = tuple(alert for incident in fold.incidents for alert in self._announce(incident))
        self._correlator.apply(fold.puts)
        copy_of = self._texts.add(sighting.post_id, sighting.text)
        return Outcome(line(sighting, fold.duplicate_of or copy_of, fold.incident_id), alerts, fold.incidents)

    def finish(self) -> tuple[Alert, ...]:
        """The stream has ended: alerts of what was held back and would have been told by now."""
        alerts = []
        for _, fold in self._correlator.settle():
            alerts += [alert for incident in fold.incidents for alert in self._announce(incident)]
            self._correlator.apply(fold.puts)
        return tuple(alerts)

    def correct(self, feedback: Feedback) -> Outcome:
        """Take what a person said; what cannot be applied is counted and told, and stops nothing."""
        try:
            fold = self._correlator.correct(feedback, feedback.theatre)
        except Undecodable as error:
            self.rejected += 1
            return Outcome({}, rejected=str(error))
        alerts = tuple(alert for incident in fold.incidents for alert in self._announce(incident))
        self._correlator.apply(fold.puts)
        return Outcome({}, alerts, fold.incidents)

    def _announce(self, incident: Incident) -> Iterator[Alert]:
        self._incidents[incident.incident_id] = incident
        if incident.state is not IncidentState.MERGED:
            for statement in incident.statements:
                self._home[statement.post_id] = incident.incident_id
        told = self._announcer(self._announced.get(incident.incident_id), incident)
        if told.row is not None:
            self._announced[incident.incident_id] = told.row
        yield from told.alerts

    def incidents(self) -> list[Incident]:
        """The latest revision of every incident, in order of opening."""
        return sorted(self._incidents.values(), key=lambda i: (i.opened_at, i.incident_id))

    def home(self, post_id: str) -> str | None:
        """The incident that a post belongs to by now."""
        return self._home.get(post_id)


def replay(
    posts: Iterable[Post], *, classifier: Classify | None = None, rules: Rules | None = None
) -> Iterator[Outcome]:
    """Every post's outcome, as it comes; for final incidents use `Replay` itself."""
    run = Replay(classifier, rules)
    yield from map(run.step, posts)


def line(sighting: Sighting, duplicate_of: str | None, incident_id: str | None) -> Line:
    """One line of `sightings.jsonl`, every key present."""
    place = sighting.place
    return {
        "source_id": sighting.source.id,
        "native_id": sighting.native_id,
        "post_id": sighting.post_id,
        "relevant": sighting.relevant,
        "score": sighting.score,
        "doc_role": sighting.doc_role.value,
        "modality": sighting.modality.value,
        "event_type": sighting.event_type.value if sighting.event_type else None,
        "acled_event_type": sighting.acled_event_type,
        "acled_sub_event_type": sighting.acled_sub_event_type,
        "language": sighting.language,
        "duplicate_of": duplicate_of,
        "incident_id": incident_id,
        "place": None
        if place is None
        else {
            "name": place.name,
            "lat": place.lat,
            "lon": place.lon,
            "accuracy": place.accuracy.value,
            "geo_precision": place.geo_precision,
        },
        "tolls": [_toll(toll) for toll in sighting.tolls],
        "claims": msgspec.to_builtins(sighting.claims),
        "actors": msgspec.to_builtins(sighting.actors),
        "measures": msgspec.to_builtins(sighting.measures),
        "facts": msgspec.to_builtins(sighting.facts),
        "reasons": msgspec.to_builtins(sighting.reasons),
    }


def _toll(toll: Toll) -> dict[str, Any]:
    """A row of the ledger; a bound that nobody gave is left out, as in the record's own JSON."""
    fields = ("kind", "party", "low", "high", "said_by", "actor_id", "of_which", "superseded", "vague_word")
    row = {name: msgspec.to_builtins(getattr(toll, name)) for name in fields}
    return {name: value for name, value in row.items() if name not in ("low", "high") or value is not None}


def _unread(post: Post) -> Line:
    """The line of a post that could not be read: nothing is known of it."""
    empty: Line = dict.fromkeys(
        ("doc_role", "modality", "event_type", "acled_event_type", "acled_sub_event_type", "language", "duplicate_of",
         "incident_id", "place")
    )  # fmt: skip
    known: Line = {
        "source_id": post.source.id, "native_id": str(post.native_id), "post_id": post.post_id, "relevant": False,
        "score": 0.0,
    }  # fmt: skip
    return known | empty | {name: [] for name in ("tolls", "claims", "actors", "measures", "facts", "reasons")}
