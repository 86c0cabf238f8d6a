"""Grafana dashboards as code: `python -m deploy.grafana` writes dashboards/*.json, `--check` tells stale ones.

What a dashboard shows is named data (`board.Board`, one module a dashboard); `render` turns it into Grafana's words
with the types of grafana-foundation-sdk. Tests read the same data: every query asks for declared metrics, and a real
Prometheus that scrapes a real run answers each of them.
"""
