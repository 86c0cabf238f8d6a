"""What a dashboard consists of, as values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["stat", "timeseries", "bars", "table", "bargauge", "map", "heatmap", "states"]


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question to Prometheus.

    Attributes:
        expr: PromQL; `$__range`, `$__interval`, `$__rate_interval` and the dashboard's variables may stand in it.
        legend: name of each line, with labels as `{{label}}`.
        column: name of the column, in tables that put several queries side by side.
        empty: why the answer may have no series though all is well; empty where it must have some.
    """

    expr: str
    legend: str = ""
    column: str = ""
    empty: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel.

    Attributes:
        title: what it shows.
        about: what to read from it, in a sentence or two.
        kind: how it is drawn.
        queries: what is asked.
        unit: Grafana's name of the unit (`s`, `short`, `percentunit`, `bytes`, `reqps`).
        width: of 24 columns.
        height: in rows of 30 pixels.
        runbook: name of the alert rule whose page says what to do.
        steps: colours from a value on: `((None, "green"), (300, "red"))`.
        words: what values mean, in words with a colour: `{0: ("down", "red")}`.
        join: label by which the columns of a table are put side by side.
        units: unit of a column where it is not `unit`.
        most: upper end of the scale.
    """

    title: str
    about: str
    kind: Kind
    queries: tuple[Query, ...]
    unit: str = "short"
    width: int = 8
    height: int = 8
    runbook: str = ""
    steps: tuple[tuple[float | None, str], ...] = ()
    words: tuple[tuple[float, str, str], ...] = ()
    join: str = ""
    units: tuple[tuple[str, str], ...] = ()
    most: float | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Board:
    """One dashboard.

    Attributes:
        uid: stands in its address and never changes.
        title: its name.
        about: which question it answers.
        rows: from top to bottom.
        variables: name and PromQL label query of what can be chosen at the top.
        span: time shown at first.
    """

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]
    variables: tuple[tuple[str, str], ...] = ()
    span: str = "now-6h"

    def panels(self) -> Iterator[Panel]:
        """All panels, from top to bottom."""
        for row in self.rows:
            yield from row.panels


def grown(metric: str, by: str, where: str = "", over: str = "$__range") -> str:
    """PromQL: how much a counter with rare labels grew, told apart by a label.

    `increase` leaves out the first count of a series that was not there before, which is most of them where a label is
    a country; such a series has grown from nothing to what it is.
    """
    series = f"{metric}{{{where}}}" if where else metric
    return f"sum by ({by}) (({series} unless {series} offset {over}) or increase({series}[{over}]))"
