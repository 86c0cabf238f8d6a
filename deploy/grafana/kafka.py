"""Kafka as marqab sees it, the processes, and who reads the alerts."""

from typing import Any

from deploy.grafana.board import Board, Panel, Query, Row, grown

JOBS = 'job=~"marqab-.+"'
NO_DISK = "tables are in memory (embedded broker)"
NO_DESK = "no desk runs"
NO_NOTIFY = "no subscriber is configured"


def _counted(metric: str, *, about: str, **shown: Any) -> Panel:
    """How much a rare counter grew, by topic; 0 where nothing was counted."""
    query = Query(expr=f"({grown(metric, 'topic')}) or vector(0)", legend="{{topic}}")
    return Panel(about=f"Over the time shown. {about}", kind="stat", queries=(query,), **shown)


KAFKA = Board(
    uid="marqab-kafka",
    title="marqab / Kafka and process",
    about="Partitions, lag and rebalances; memory, processor and starts; desk and deliveries.",
    rows=(
        Row(
            title="Kafka",
            panels=(
                Panel(
                    title="Lag by partition",
                    about="One partition that stays behind is one poisoned or overloaded lane.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="max by (topic, partition) (marqab_consumer_lag_messages)",
                            legend="{{topic}} {{partition}}",
                        ),
                    ),
                    runbook="MarqabBehind",
                ),
                Panel(
                    title="Partitions by worker",
                    about="Each partition has one reader; together they are all there are.",
                    kind="timeseries",
                    queries=(Query(expr="sum by (instance) (marqab_assigned_partitions)", legend="{{instance}}"),),
                    runbook="MarqabRebalancing",
                ),
                Panel(
                    title="Rebalances",
                    about="An hour. Partitions were handed out anew; nothing is worked off meanwhile.",
                    kind="timeseries",
                    queries=(
                        Query(expr="sum by (instance) (increase(marqab_rebalances_total[1h]))", legend="{{instance}}"),
                    ),
                    runbook="MarqabRebalancing",
                ),
            ),
        ),
        Row(
            title="Nothing lost?",
            panels=(
                _counted(
                    "marqab_messages_expired_total",
                    title="Messages that retention deleted unread",
                    about="Anything above 0 is lost for good.",
                    steps=((None, "green"), (1, "red")),
                    runbook="MarqabMessagesLost",
                ),
                _counted(
                    "marqab_lost_changelogs_total",
                    title="Starts on a changelog without its beginning",
                    about="What stood there is no longer remembered.",
                    steps=((None, "green"), (1, "red")),
                    runbook="MarqabMessagesLost",
                ),
                _counted(
                    "marqab_reads_repeated_total",
                    title="Reads repeated",
                    about="Fetched messages were dropped while partitions moved, and read again: harmless.",
                ),
            ),
        ),
        Row(
            title="Processes",
            panels=(
                Panel(
                    title="Memory",
                    about="Resident.",
                    kind="timeseries",
                    queries=(Query(expr=f"process_resident_memory_bytes{{{JOBS}}}", legend="{{job}} {{instance}}"),),
                    unit="bytes",
                ),
                Panel(
                    title="Processor",
                    about="1 is a whole core.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr=f"rate(process_cpu_seconds_total{{{JOBS}}}[$__rate_interval])",
                            legend="{{job}} {{instance}}",
                        ),
                    ),
                ),
                Panel(
                    title="Running for",
                    about="Since the last start.",
                    kind="timeseries",
                    queries=(
                        Query(expr=f"time() - process_start_time_seconds{{{JOBS}}}", legend="{{job}} {{instance}}"),
                    ),
                    unit="s",
                    runbook="MarqabRestarting",
                ),
                Panel(
                    title="Open files",
                    about="Share of what the system allows.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr=f"process_open_fds{{{JOBS}}} / process_max_fds{{{JOBS}}}",
                            legend="{{job}} {{instance}}",
                        ),
                    ),
                    unit="percentunit",
                ),
                Panel(
                    title="Room for tables",
                    about="Free share of the file system of the state folder.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr='marqab_state_bytes{use="free"} / ignoring (use) marqab_state_bytes{use="total"}',
                            legend="{{instance}}",
                            empty=NO_DISK,
                        ),
                    ),
                    unit="percentunit",
                    steps=((None, "red"), (0.1, "green")),
                    runbook="MarqabStateFull",
                ),
                Panel(
                    title="Versions",
                    about="What runs.",
                    kind="table",
                    queries=(Query(expr="count by (component, version) (marqab_build_info)"),),
                ),
            ),
        ),
        Row(
            title="Subscribers",
            panels=(
                Panel(
                    title="Pages open at the desk",
                    about="Live connections.",
                    kind="timeseries",
                    queries=(Query(expr="sum(marqab_desk_viewers)", legend="pages", empty=NO_DESK),),
                ),
                Panel(
                    title="Deliveries by outcome",
                    about="An hour. A dead letter was given up; `marqab notify --again` sends it once more.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="sum by (subscriber, outcome) (increase(marqab_deliveries_total[1h]))",
                            legend="{{subscriber}} {{outcome}}",
                            empty=NO_NOTIFY,
                        ),
                    ),
                    runbook="MarqabDeadLetters",
                ),
                Panel(
                    title="Held for later",
                    about="Alerts that wait for a digest or for the end of quiet hours.",
                    kind="timeseries",
                    queries=(
                        Query(
                            expr="max by (subscriber) (marqab_deliveries_held)",
                            legend="{{subscriber}}",
                            empty=NO_NOTIFY,
                        ),
                    ),
                ),
            ),
        ),
    ),
)
