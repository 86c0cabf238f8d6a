"""Is it working, and how fresh is what it says?"""

from deploy.grafana.board import Board, Panel, Query, Row

NO_TELEGRAM = "no Telegram account is configured"
NO_CANARY = "no canary runs"

OVERVIEW = Board(
    uid="marqab-overview",
    title="marqab / Overview",
    about="Is it working, and how fresh is what it says?",
    rows=(
        Row(
            title="Is it working?",
            panels=(
                Panel(
                    title="Processes",
                    about="Every process that Prometheus knows of, and whether it answers.",
                    kind="stat",
                    queries=(Query(expr='min by (job) (up{job=~"marqab-.+"})', legend="{{job}}"),),
                    words=((0, "down", "red"), (1, "up", "green")),
                    runbook="MarqabProcessDown",
                ),
                Panel(
                    title="Ready",
                    about="What each part says of itself; /readyz of the process gives the reason.",
                    kind="stat",
                    queries=(Query(expr="min by (job, check) (marqab_ready)", legend="{{job}}: {{check}}"),),
                    words=((0, "not ready", "red"), (1, "ready", "green")),
                    runbook="MarqabNotReady",
                ),
                Panel(
                    title="Canary",
                    about="Since when the last known post came out as a test alert: the only proof from end to end.",
                    kind="stat",
                    queries=(
                        Query(expr="time() - max(marqab_canary_last_success_timestamp_seconds)", empty=NO_CANARY),
                    ),
                    unit="s",
                    width=4,
                    steps=((None, "green"), (720, "red")),
                    runbook="MarqabCanaryLate",
                ),
                Panel(
                    title="Telegram",
                    about="Whether the account is connected.",
                    kind="stat",
                    queries=(
                        Query(
                            expr="min by (account) (marqab_telegram_connected)", legend="{{account}}", empty=NO_TELEGRAM
                        ),
                    ),
                    width=4,
                    words=((0, "away", "red"), (1, "connected", "green")),
                    runbook="MarqabTelegramDisconnected",
                ),
            ),
        ),
        Row(
            title="How fresh?",
            panels=(
                Panel(
                    title="Behind",
                    about="Age of the oldest message that is not worked off; 0 when nothing waits.",
                    kind="stat",
                    queries=(Query(expr="max(marqab_oldest_unprocessed_age_seconds)"),),
                    unit="s",
                    width=4,
                    steps=((None, "green"), (60, "orange"), (300, "red")),
                    runbook="MarqabBehind",
                ),
                Panel(
                    title="Since the last post",
                    about="Time since the newest post of any source was published.",
                    kind="stat",
                    queries=(Query(expr="time() - max(marqab_source_last_post_timestamp_seconds)"),),
                    unit="s",
                    width=4,
                    steps=((None, "green"), (3600, "orange"), (21600, "red")),
                    runbook="MarqabKindFailing",
                ),
                Panel(
                    title="Sources that answer",
                    about="Share of all sources; those stopped for good count as not answering.",
                    kind="stat",
                    queries=(Query(expr="avg(marqab_source_up)"),),
                    unit="percentunit",
                    width=4,
                    steps=((None, "red"), (0.8, "orange"), (0.95, "green")),
                    runbook="MarqabSourceDown",
                ),
                Panel(
                    title="Alerts in the last 24 hours",
                    about="News that subscribers were told, tests apart.",
                    kind="stat",
                    queries=(Query(expr="sum(increase(marqab_alerts_total[24h]))"),),
                    width=4,
                    runbook="MarqabNoAlerts",
                ),
                Panel(
                    title="From fetching a post to its alert",
                    about="What the service itself takes: half of the alerts, and 99 of 100.",
                    kind="stat",
                    queries=tuple(
                        Query(
                            expr=f"histogram_quantile({share}, sum by (le) "
                            '(increase(marqab_alert_latency_seconds_bucket{since="fetched"}[$__range])))',
                            legend=name,
                        )
                        for share, name in ((0.5, "median"), (0.99, "99 of 100"))
                    ),
                    unit="s",
                    steps=((None, "green"), (30, "orange"), (60, "red")),
                    runbook="MarqabSlowAlerts",
                ),
            ),
        ),
        Row(
            title="Over time",
            panels=(
                Panel(
                    title="Posts in, alerts out",
                    about="A minute. Posts without alerts are normal; posts that stop are not.",
                    kind="timeseries",
                    queries=(
                        Query(expr="60 * sum(rate(marqab_posts_published_total[$__rate_interval]))", legend="posts"),
                        Query(expr="60 * sum(rate(marqab_alerts_total[$__rate_interval]))", legend="alerts"),
                    ),
                    width=12,
                ),
                Panel(
                    title="Alert latency",
                    about="From publication holds what publishers and polling take, from fetching only what we take.",
                    kind="timeseries",
                    queries=tuple(
                        Query(
                            expr=f"histogram_quantile({share}, sum by (le) "
                            f'(increase(marqab_alert_latency_seconds_bucket{{since="{since}"}}[1h])))',
                            legend=f"{name} since {since}",
                        )
                        for since in ("published", "fetched")
                        for share, name in ((0.5, "median"), (0.99, "99 of 100"))
                    ),
                    unit="s",
                    width=12,
                    runbook="MarqabSlowAlerts",
                ),
                Panel(
                    title="Firing alert rules",
                    about="What Prometheus complains of; Watchdog always fires.",
                    kind="table",
                    queries=(Query(expr='ALERTS{alertstate="firing"}', empty="Prometheus has only just started"),),
                    width=24,
                    height=7,
                ),
            ),
        ),
    ),
)
