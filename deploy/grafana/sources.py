"""A row a source: state, rhythm, last post, errors."""

from deploy.grafana.board import Board, Panel, Query, Row
from deploy.grafana.overview import NO_TELEGRAM

WELL = "ok|not_modified|unchanged|read|empty_channel|get.+"
"""Outcomes of a fetch that say that the source answered (feeds, public pages, calls of an account)."""
THESE = 'source=~"$source"'
YOUNG = "a source has to have published some twenty posts before its rhythm is known"

SOURCES = Board(
    uid="marqab-sources",
    title="marqab / Sources",
    about="Which sources bring posts, at which rhythm, and which do not?",
    variables=(("source", "label_values(marqab_source_info, source)"),),
    rows=(
        Row(
            title="All sources",
            panels=(
                Panel(
                    title="Sources",
                    about="A row a source. Silent means: quiet for longer than 99 of 100 of its own pauses.",
                    kind="table",
                    join="source",
                    queries=(
                        Query(
                            expr=f"max by (source, kind) (marqab_source_info{{{THESE}}})",
                            column="kind",
                        ),
                        Query(
                            expr=f"max by (source) (marqab_source_up{{{THESE}}}"
                            f" + 2 * marqab_source_stopped{{{THESE}}})",
                            column="state",
                        ),
                        Query(
                            expr=f"time() - max by (source) (marqab_source_last_post_timestamp_seconds{{{THESE}}})",
                            column="last post",
                        ),
                        Query(
                            expr=f"max by (source) (marqab_source_usual_pause_seconds{{{THESE}}})",
                            column="usual pause",
                            empty=YOUNG,
                        ),
                        Query(
                            expr=f"max by (source) (marqab_source_silent_after_seconds{{{THESE}}})",
                            column="silent after",
                            empty=YOUNG,
                        ),
                        Query(expr=f"max by (source) (marqab_source_silent{{{THESE}}})", column="silent"),
                        Query(
                            expr=f"time() - max by (source) (marqab_source_last_success_timestamp_seconds{{{THESE}}})",
                            column="last answer",
                        ),
                        Query(
                            expr=f"max by (source) (marqab_source_poll_interval_seconds{{{THESE}}})",
                            column="asked every",
                        ),
                        Query(
                            expr=f"sum by (source) (increase(marqab_posts_published_total{{{THESE}}}[24h]))",
                            column="posts in 24 h",
                        ),
                        Query(
                            expr="sum by (source) (increase("
                            f'marqab_fetches_total{{{THESE}, outcome!~"{WELL}"}}[1h]))'
                            f" or 0 * max by (source) (marqab_source_info{{{THESE}}})",
                            column="errors in 1 h",
                        ),
                    ),
                    words=((0, "down", "red"), (1, "up", "green"), (2, "stopped", "orange"), (3, "stopped", "orange")),
                    units=(
                        ("last post", "s"),
                        ("usual pause", "s"),
                        ("silent after", "s"),
                        ("last answer", "s"),
                        ("asked every", "s"),
                    ),
                    width=24,
                    height=14,
                    runbook="MarqabSourceDown",
                ),
                Panel(
                    title="State over time",
                    about="Red: it did not answer.",
                    kind="states",
                    queries=(Query(expr=f"max by (source) (marqab_source_up{{{THESE}}})", legend="{{source}}"),),
                    words=((0, "down", "red"), (1, "up", "green")),
                    width=12,
                    height=10,
                    runbook="MarqabSourceDown",
                ),
                Panel(
                    title="Silence beside the longest usual pause",
                    about="1 is the longest of 99 of 100 pauses of that source; what stays above has stopped telling.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="(time() - max by (source) "
                            f"(marqab_source_last_post_timestamp_seconds{{{THESE}}}))"
                            f" / max by (source) (marqab_source_silent_after_seconds{{{THESE}}})",
                            legend="{{source}}",
                            empty=YOUNG,
                        ),
                    ),
                    width=12,
                    height=10,
                    steps=((None, "green"), (1, "red")),
                    runbook="MarqabSourceSilent",
                ),
            ),
        ),
        Row(
            title="Posts and requests",
            panels=(
                Panel(
                    title="Posts",
                    about="A minute and source.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="60 * sum by (source) "
                            f"(rate(marqab_posts_published_total{{{THESE}}}[$__rate_interval]))",
                            legend="{{source}}",
                        ),
                    ),
                ),
                Panel(
                    title="Edits",
                    about="Revisions of posts that were known already.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="60 * sum by (source) "
                            f"(rate(marqab_post_revisions_total{{{THESE}}}[$__rate_interval]))"
                            " or vector(0)",
                            legend="{{source}}",
                        ),
                    ),
                ),
                Panel(
                    title="Requests by outcome",
                    about="ok, unchanged and read are well; every other name is a failure (docs/sources.md).",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr=f"60 * sum by (outcome) (rate(marqab_fetches_total{{{THESE}}}[$__rate_interval]))",
                            legend="{{outcome}}",
                        ),
                    ),
                    runbook="MarqabKindFailing",
                ),
                Panel(
                    title="From publication to Kafka",
                    about="How late posts reach us, by kind of source: publishers' and polling delay.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="histogram_quantile(0.9, sum by (le, kind) "
                            "(increase(marqab_post_lag_seconds_bucket[1h])))",
                            legend="{{kind}}, 9 of 10",
                        ),
                    ),
                    unit="s",
                ),
                Panel(
                    title="Time of a request",
                    about="Nine of ten requests are faster.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="histogram_quantile(0.9, sum by (le, kind) "
                            "(rate(marqab_fetch_duration_seconds_bucket[$__rate_interval])))",
                            legend="{{kind}}",
                        ),
                    ),
                    unit="s",
                ),
                Panel(
                    title="Oddities of feeds",
                    about="Entries that may be missed between two polls, changed ids, documents with flaws; a day.",
                    kind="timeseries",
                    queries=(
                        Query(expr="sum(increase(marqab_feed_gaps_total[1d])) or vector(0)", legend="gaps"),
                        Query(expr="sum(increase(marqab_feed_rekeyed_total[1d])) or vector(0)", legend="changed ids"),
                        Query(expr="sum(increase(marqab_feed_flaws_total[1d])) or vector(0)", legend="flaws"),
                        Query(
                            expr="sum(increase(marqab_posts_delayed_total[1d])) or vector(0)", legend="posts delayed"
                        ),
                    ),
                ),
            ),
        ),
        Row(
            title="Telegram",
            panels=(
                Panel(
                    title="Connection",
                    about="The account's connection and its standing.",
                    kind="states",
                    queries=(
                        Query(expr="marqab_telegram_connected", legend="{{account}} connected", empty=NO_TELEGRAM),
                        Query(expr="marqab_telegram_authorised", legend="{{account}} accepted", empty=NO_TELEGRAM),
                    ),
                    words=((0, "no", "red"), (1, "yes", "green")),
                    runbook="MarqabTelegramDisconnected",
                ),
                Panel(
                    title="Calls",
                    about="A minute, by method and outcome.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="60 * sum by (method, outcome) (rate(marqab_telegram_calls_total[$__rate_interval]))",
                            legend="{{method}} {{outcome}}",
                            empty=NO_TELEGRAM,
                        ),
                    ),
                ),
                Panel(
                    title="FloodWait",
                    about="How long Telegram still wants a method not to be called.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="clamp_min(max by (account, method) (marqab_telegram_flood_until_timestamp_seconds)"
                            " - time(), 0)",
                            legend="{{method}}",
                            empty="Telegram has not told anybody to wait",
                        ),
                    ),
                    unit="s",
                    runbook="MarqabFloodWait",
                ),
            ),
        ),
    ),
)
