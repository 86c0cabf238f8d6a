"""Rates, latencies, lag and rejects of the four stages."""

from deploy.grafana.board import Board, Panel, Query, Row, grown

NO_CANARY = "no canary runs"

PIPELINE = Board(
    uid="marqab-pipeline",
    title="marqab / Pipeline",
    about="Are posts worked off, how fast, and what is set aside?",
    rows=(
        Row(
            title="Work",
            panels=(
                Panel(
                    title="Messages by stage",
                    about="A minute. Each stage reads what the one before it wrote.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="60 * sum by (stage) (rate(marqab_messages_total[$__rate_interval]))",
                            legend="{{stage}}",
                        ),
                    ),
                ),
                Panel(
                    title="Time for one message",
                    about="Median and 99 of 100, by stage: the normalizer's and classifier's own calculation.",
                    kind="timeseries",
                    queries=tuple(
                        Query(
                            expr=f"histogram_quantile({share}, sum by (le, stage) "
                            "(rate(marqab_stage_duration_seconds_bucket[$__rate_interval])))",
                            legend=f"{{{{stage}}}} {name}",
                        )
                        for share, name in ((0.5, "median"), (0.99, "99 of 100"))
                    ),
                    unit="s",
                ),
                Panel(
                    title="Set aside, by stage and reason",
                    about="Messages in marqab.rejects; `marqab rejects` shows them and sends them again.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="sum by (stage, reason) (increase(marqab_rejects_total[1h]))",
                            legend="{{stage}}: {{reason}}",
                        ),
                    ),
                    runbook="MarqabRejects",
                ),
            ),
        ),
        Row(
            title="Waiting",
            panels=(
                Panel(
                    title="Age of the oldest message not worked off",
                    about="In seconds since Kafka took it; what counts for how late alerts are.",
                    kind="timeseries",
                    queries=(Query(expr="max by (topic) (marqab_oldest_unprocessed_age_seconds)", legend="{{topic}}"),),
                    unit="s",
                    steps=((None, "green"), (300, "red")),
                    runbook="MarqabBehind",
                ),
                Panel(
                    title="Messages not worked off",
                    about="Lag by topic.",
                    kind="timeseries",
                    queries=(Query(expr="sum by (topic) (marqab_consumer_lag_messages)", legend="{{topic}}"),),
                    runbook="MarqabBehind",
                ),
                Panel(
                    title="Reading tables back",
                    about="Changelog messages still to be read after partitions were handed out; no work before that.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="max by (instance) (marqab_recovery_remaining_messages)",
                            legend="{{instance}} messages",
                        ),
                        Query(expr="max by (instance) (marqab_recovering)", legend="{{instance}} is reading"),
                    ),
                    runbook="MarqabRecoveryStuck",
                ),
            ),
        ),
        Row(
            title="Latency",
            panels=(
                Panel(
                    title="From fetching to the alert",
                    about="Each column a span of time, each row a latency, the colour how many alerts.",
                    kind="heatmap",
                    queries=(
                        Query(
                            expr="sum by (le) "
                            '(increase(marqab_alert_latency_seconds_bucket{since="fetched"}[$__interval]))',
                            legend="{{le}}",
                        ),
                    ),
                    unit="s",
                    runbook="MarqabSlowAlerts",
                ),
                Panel(
                    title="From publication to the alert",
                    about="With what publishers and polling take.",
                    kind="heatmap",
                    queries=(
                        Query(
                            expr="sum by (le) "
                            '(increase(marqab_alert_latency_seconds_bucket{since="published"}[$__interval]))',
                            legend="{{le}}",
                        ),
                    ),
                    unit="s",
                ),
                Panel(
                    title="Canary",
                    about="From a known post to its test alert, through every stage and Kafka.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="histogram_quantile(0.5, sum by (le) "
                            "(increase(marqab_canary_latency_seconds_bucket[1h])))",
                            legend="median",
                            empty=NO_CANARY,
                        ),
                        Query(
                            expr="sum by (outcome) (increase(marqab_canaries_total[1h]))",
                            legend="{{outcome}} in 1 h",
                            empty=NO_CANARY,
                        ),
                    ),
                    unit="s",
                    runbook="MarqabCanaryLate",
                ),
            ),
        ),
        Row(
            title="What is read",
            panels=(
                Panel(
                    title="Sightings by type",
                    about="Posts that tell of an incident, over the time shown.",
                    kind="bargauge",
                    queries=(
                        Query(
                            expr=f"topk(12, {grown('marqab_sightings_total', 'event_type')})", legend="{{event_type}}"
                        ),
                    ),
                ),
                Panel(
                    title="Sightings by language",
                    about="Over the time shown.",
                    kind="bargauge",
                    queries=(Query(expr=grown("marqab_sightings_total", "language"), legend="{{language}}"),),
                    width=4,
                ),
                Panel(
                    title="Share of posts that tell of an incident",
                    about="Over an hour. A sudden change is a change of the news, of a source, or of marqab.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="sum(increase(marqab_sightings_total[1h]))"
                            ' / sum(increase(marqab_messages_total{stage="classifier"}[1h]))',
                            legend="share",
                        ),
                    ),
                    unit="percentunit",
                    width=6,
                ),
                Panel(
                    title="Hidden words and copies",
                    about="An hour: words that were restored, posts recognized as copies.",
                    kind="timeseries",
                    queries=(
                        Query(expr="sum(increase(marqab_hidden_words_total[1h]))", legend="hidden words"),
                        Query(expr="sum(increase(marqab_copies_total[1h]))", legend="copies"),
                    ),
                    width=6,
                ),
            ),
        ),
    ),
)
