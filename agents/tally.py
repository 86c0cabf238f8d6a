"""What is done for good, counted: by stage and outcome, and for alerts how long after the news they left."""

import time

from agents.breaker import Breaker
from agents.duties import READS
from agents.progress import Progress
from agents.stage import Outcome
from schemas.errors import Inapplicable, Misconfigured
from schemas.kinds import AlertKind
from schemas.metrics import Meter
from schemas.records import Alert


class Tally:
    """The figures of one process."""

    def __init__(self, meter: Meter, progress: Progress, most_rejects: float) -> None:
        """Start with nothing counted.

        Args:
            meter: where measurements go.
            progress: what /readyz asks.
            most_rejects: share of a minute's messages of a stage that may be set aside.
        """
        self._meter = meter
        self._progress = progress
        self._breakers = {stage: Breaker(most_rejects) for stage in READS}

    def finished(self, stage: str, outcome: Outcome, seconds: float) -> Misconfigured | None:
        """Count one message that is done for good; returns why to stop where too many of a stage are set aside."""
        self._progress.done()
        result = "rejected" if outcome.rejected else "sent" if outcome.outgoing else "nothing"
        self._meter.count("marqab_messages_total", stage=stage, outcome=result)
        self._meter.observe("marqab_stage_duration_seconds", seconds, stage=stage)
        if outcome.rejected:
            self._meter.count("marqab_rejects_total", stage=stage, reason=outcome.rejected)
        for name, labels in outcome.counts:
            self._meter.count(name, 1, **labels)
        for outgoing in outcome.outgoing:
            if isinstance(outgoing.record, Alert) and _is_prompt(outgoing.record):
                for since, age in latencies(outgoing.record, time.time()).items():
                    self._meter.observe("marqab_alert_latency_seconds", age, since=since)
        sentence = self._breakers[stage].told(outcome.rejected not in (None, Inapplicable.__name__))
        if sentence is None:
            return None
        why = f"the {stage} stops: {sentence}, and stand in the rejects with their reasons. "
        return Misconfigured(why + "Mend what writes them (or marqab), then start the worker again.")


def _is_prompt(alert: Alert) -> bool:
    """Whether somebody waited for it: tests are no news, and an incident is closed a week after its last word."""
    return not alert.test and alert.kind is not AlertKind.CLOSED


def latencies(alert: Alert, now: float) -> dict[str, float]:
    """Seconds from publication and from fetching of the statement that made the alert to now."""
    since = {"published": max(0.0, now - alert.issued_at.timestamp())}
    fetched = [s.fetched_at for s in alert.incident.statements if s.published_at == alert.issued_at and s.fetched_at]
    if fetched:
        since["fetched"] = max(0.0, now - max(fetched).timestamp())
    return since
