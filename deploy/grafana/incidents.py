"""What happened: by country, type and severity, over time, on a map."""

from deploy.grafana.board import Board, Panel, Query, Row, grown

PLACED = 'country!="none"'

INCIDENTS = Board(
    uid="marqab-incidents",
    title="marqab / Incidents",
    about="How many incidents, where, of which type and how grave? Which incident it was stands at the desk.",
    span="now-7d",
    rows=(
        Row(
            title="Incidents that subscribers were told of",
            panels=(
                Panel(
                    title="Map",
                    about="By country, over the time shown; villages stand on the desk's map. The base map comes from "
                    "the network.",
                    kind="map",
                    queries=(Query(expr=grown("marqab_incidents_announced_total", "country", PLACED)),),
                    width=12,
                    height=14,
                ),
                Panel(
                    title="By country",
                    about="Over the time shown; none: the place is not known.",
                    kind="bargauge",
                    queries=(
                        Query(
                            expr=f"topk(15, {grown('marqab_incidents_announced_total', 'country')})",
                            legend="{{country}}",
                        ),
                    ),
                    width=6,
                    height=14,
                ),
                Panel(
                    title="By type",
                    about="Over the time shown.",
                    kind="bargauge",
                    queries=(
                        Query(
                            expr=f"topk(15, {grown('marqab_incident_types_announced_total', 'event_type')})",
                            legend="{{event_type}}",
                        ),
                    ),
                    width=6,
                    height=14,
                ),
            ),
        ),
        Row(
            title="Over time",
            panels=(
                Panel(
                    title="New incidents by severity",
                    about="Severity says how grave, not how sure.",
                    kind="bars",
                    queries=(
                        Query(
                            expr='sum by (severity) (increase(marqab_alerts_total{kind="new"}[$__interval]))',
                            legend="{{severity}}",
                        ),
                    ),
                    width=12,
                ),
                Panel(
                    title="Alerts by kind",
                    about="What was told of them: new, corroborated, toll changed, claimed, corrected …",
                    kind="bars",
                    queries=(
                        Query(
                            expr="sum by (kind) (increase(marqab_alerts_total[$__interval]))",
                            legend="{{kind}}",
                        ),
                    ),
                    width=12,
                    runbook="MarqabNoAlerts",
                ),
                Panel(
                    title="Open incidents",
                    about="Further posts may still join them.",
                    kind="timeseries",
                    queries=(Query(expr="sum(marqab_incidents_open)", legend="open"),),
                ),
                Panel(
                    title="Claims without an incident",
                    about="Somebody claims what nobody has told of yet; they wait, and alert nobody.",
                    kind="timeseries",
                    queries=(Query(expr="sum(marqab_claims_waiting)", legend="waiting"),),
                ),
                Panel(
                    title="Severity by country",
                    about="New incidents over the time shown.",
                    kind="table",
                    queries=(Query(expr=grown("marqab_incidents_announced_total", "country, severity")),),
                ),
            ),
        ),
    ),
)
