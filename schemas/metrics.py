"""Every metric, declared once; asking for another one is an error, in code, dashboards and alert rules alike.

Base units, `_total` on counters, bounded labels: a source may be a label, an incident never.
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

Kind = Literal["counter", "gauge", "histogram"]

LATENCY_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 10800.0)
"""Between two bounds a quantile is an estimate: close together where alerts should be (measured: half a second)."""
STEP_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""For calculations: a short post takes a millisecond, an article ten."""


@dataclass(frozen=True)
class Metric:
    """One metric as declared."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = LATENCY_SECONDS
    of: tuple[str, ...] = ()
    """Which processes tell it, where it has no labels: it stands at 0 from the start, elsewhere that would be a lie."""


METRICS: Final = (
    Metric("marqab_build_info", "gauge", "Constant 1; the version is in the label.", ("version", "component")),
    Metric("marqab_ready", "gauge", "1 while a part says that it is ready, as /readyz does.", ("check",)),
    Metric("marqab_state_bytes", "gauge", "Room on the file system of the state folder.", ("use",)),
    # connectors
    Metric("marqab_source_info", "gauge", "Constant 1; what kind of source it is.", ("source", "kind")),
    Metric("marqab_fetches_total", "counter", "Requests for a source's posts.", ("source", "outcome")),
    Metric("marqab_fetch_duration_seconds", "histogram", "Time that a request took.", ("kind",)),
    Metric("marqab_fetched_bytes_total", "counter", "Bytes read from sources, after decompression.", ("source",)),
    Metric("marqab_posts_published_total", "counter", "Posts acknowledged by Kafka.", ("source",)),
    Metric("marqab_post_revisions_total", "counter", "Edits of known posts acknowledged by Kafka.", ("source",)),
    Metric("marqab_posts_delayed_total", "counter", "Posts that waited: their source sends too many.", ("source",)),
    Metric("marqab_source_last_success_timestamp_seconds", "gauge", "When a source last answered.", ("source",)),
    Metric("marqab_source_last_post_timestamp_seconds", "gauge", "Publication of a source's newest post.", ("source",)),
    Metric("marqab_source_poll_interval_seconds", "gauge", "Seconds until a source is asked again.", ("source",)),
    Metric("marqab_source_up", "gauge", "1 while a source answers, 0 while it does not.", ("source",)),
    Metric(
        "marqab_source_stopped", "gauge", "1 once a source is no longer read until its settings change.", ("source",)
    ),
    Metric("marqab_source_silent", "gauge", "1 while a source is quiet for longer than is usual for it.", ("source",)),
    Metric("marqab_source_usual_pause_seconds", "gauge", "Median pause between a source's own posts.", ("source",)),
    Metric(
        "marqab_source_silent_after_seconds",
        "gauge",
        "Pause that 99 of 100 pauses of a source do not exceed; silent is what lasts longer.",
        ("source",),
    ),
    Metric("marqab_source_cursor_timestamp_seconds", "gauge", "When a source's cursor was stored last.", ("source",)),
    Metric("marqab_post_lag_seconds", "histogram", "From a post's publication to Kafka's acknowledgement.", ("kind",)),
    Metric("marqab_feed_gaps_total", "counter", "Polls that knew no entry: some may be missed.", ("source",)),
    Metric("marqab_feed_rekeyed_total", "counter", "Entries recognized although their id had changed.", ("source",)),
    Metric("marqab_feed_flaws_total", "counter", "Documents that were read in spite of a flaw.", ("source", "flaw")),
    Metric("marqab_feed_pages_total", "counter", "Article pages asked for their full text.", ("source", "outcome")),
    Metric("marqab_telegram_connected", "gauge", "1 while the Telegram account is connected.", ("account",)),
    Metric("marqab_telegram_authorised", "gauge", "0 once Telegram no longer accepts the account.", ("account",)),
    Metric("marqab_telegram_connects_total", "counter", "Connections opened to Telegram.", ("account",)),
    Metric("marqab_telegram_calls_total", "counter", "Calls to Telegram.", ("account", "method", "outcome")),
    Metric(
        "marqab_telegram_flood_wait_seconds_total", "counter", "Seconds that Telegram told us to wait.", ("method",)
    ),
    Metric(
        "marqab_telegram_flood_until_timestamp_seconds",
        "gauge",
        "Until when Telegram wants a method not to be called; in the past when it may be.",
        ("account", "method"),
    ),
    Metric(
        "marqab_telegram_changes_total", "counter", "New, edited and deleted messages by the way they came.", ("path",)
    ),
    Metric("marqab_telegram_gaps_total", "counter", "Times that pushed updates did not follow on.", ("reason",)),
    Metric("marqab_telegram_identity_changes_total", "counter", "Names that lead to another channel.", ("source",)),
    Metric("marqab_telegram_wordless_total", "counter", "Posts without a word, by what they carry.", ("media",)),
    Metric("marqab_telegram_web_unreadable_total", "counter", "Messages of a page that cannot be read.", ("source",)),
    # agents
    Metric("marqab_messages_total", "counter", "Messages that a stage has finished.", ("stage", "outcome")),
    Metric(
        "marqab_stage_duration_seconds",
        "histogram",
        "Time that a stage took for one message.",
        ("stage",),
        STEP_SECONDS,
    ),
    Metric("marqab_rejects_total", "counter", "Messages set aside whole.", ("stage", "reason")),
    Metric(
        "marqab_hidden_words_total",
        "counter",
        "Words that somebody had hidden and the normalizer restored.",
        of=("worker",),
    ),
    Metric("marqab_sightings_total", "counter", "Posts that tell of an incident.", ("event_type", "language")),
    Metric("marqab_copies_total", "counter", "Posts recognized as copies.", of=("worker",)),
    Metric("marqab_feedback_total", "counter", "Corrections by people that were applied.", ("kind",)),
    Metric("marqab_incidents_open", "gauge", "Incidents that further posts may still join.", ("partition",)),
    Metric("marqab_claims_waiting", "gauge", "Claims that no incident has been found for yet.", ("partition",)),
    Metric("marqab_alerts_total", "counter", "Alerts sent, tests apart.", ("kind", "severity")),
    Metric(
        "marqab_incidents_announced_total",
        "counter",
        "Incidents that subscribers were told of for the first time, by country.",
        ("country", "severity"),
    ),
    Metric(
        "marqab_incident_types_announced_total",
        "counter",
        "Incidents that subscribers were told of for the first time, by type.",
        ("event_type", "severity"),
    ),
    Metric("marqab_test_alerts_total", "counter", "Alerts sent that are marked as tests.", of=("worker",)),
    Metric(
        "marqab_alert_latency_seconds", "histogram", "From publication or fetching of a post to its alert.", ("since",)
    ),
    Metric("marqab_consumer_lag_messages", "gauge", "Messages not yet read.", ("topic", "partition")),
    Metric("marqab_oldest_unprocessed_age_seconds", "gauge", "Age of the next message to be read.", ("topic",)),
    Metric("marqab_assigned_partitions", "gauge", "Partitions that this worker reads.", ("topic",)),
    Metric(
        "marqab_reads_repeated_total",
        "counter",
        "Times that fetched messages were dropped, and read again.",
        ("topic",),
    ),
    Metric(
        "marqab_messages_expired_total", "counter", "Messages that retention deleted before they were read.", ("topic",)
    ),
    Metric("marqab_lost_changelogs_total", "counter", "Starts on a changelog that lost its beginning.", ("topic",)),
    Metric("marqab_rebalances_total", "counter", "Times that partitions were handed out anew.", of=("worker",)),
    Metric("marqab_recovering", "gauge", "1 while tables are read back from their changelogs.", of=("worker",)),
    Metric(
        "marqab_recovery_remaining_messages",
        "gauge",
        "Changelog messages still to be read before work starts.",
        of=("worker",),
    ),
    # subscribers
    Metric(
        "marqab_alerts_read_total",
        "counter",
        "Alerts read from the topic by a part that serves subscribers.",
        of=("desk", "notify"),
    ),
    Metric("marqab_desk_viewers", "gauge", "Live pages open at the desk.", of=("desk",)),
    Metric("marqab_deliveries_total", "counter", "Attempts to tell a subscriber.", ("subscriber", "outcome")),
    Metric("marqab_deliveries_held", "gauge", "Alerts that wait for a digest or quiet hours' end.", ("subscriber",)),
    # the canary
    Metric("marqab_canaries_total", "counter", "Canaries released, by how they came out.", ("outcome",)),
    Metric(
        "marqab_canary_latency_seconds",
        "histogram",
        "From a canary's publication to reading its alert.",
        of=("canary",),
    ),
    Metric(
        "marqab_canary_last_success_timestamp_seconds", "gauge", "When a canary last came out right.", of=("canary",)
    ),
    Metric("marqab_canary_interval_seconds", "gauge", "Pause between two canaries.", of=("canary",)),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}


class Meter(Protocol):
    """Where measurements go; `marqab.metrics.Metrics` is the real one. Names and labels as declared above."""

    def count(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter."""

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put one value into a histogram."""

    def forget(self, **labels: str) -> None:
        """Show no more of what was measured under these labels, whatever the metric: its thing is gone."""


class NoMeter:
    """A meter that keeps nothing, but still refuses names and labels that nobody declared."""

    def count(self, name: str, value: float = 1, **labels: str) -> None:  # noqa: ARG002
        """Check the name and the labels."""
        self._check(name, "counter", labels)

    def gauge(self, name: str, value: float, **labels: str) -> None:  # noqa: ARG002
        """Check the name and the labels."""
        self._check(name, "gauge", labels)

    def observe(self, name: str, value: float, **labels: str) -> None:  # noqa: ARG002
        """Check the name and the labels."""
        self._check(name, "histogram", labels)

    def forget(self, **labels: str) -> None:
        """Nothing is kept that could be forgotten."""

    def _check(self, name: str, kind: Kind, labels: dict[str, str]) -> None:
        metric = BY_NAME[name]
        if metric.kind != kind or set(labels) != set(metric.labels):
            raise ValueError(f"{name} is a {metric.kind} with the labels {metric.labels}")
