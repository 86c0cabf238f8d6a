"""A dashboard in Grafana's words, by the types of grafana-foundation-sdk."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, geomap, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as make
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as words
from grafana_foundation_sdk.models import dashboard as grafana
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.board import Board, Kind, Panel, Query

SOURCE: Final = grafana.DataSourceRef(type_val="prometheus", uid="${datasource}")
RUNBOOKS: Final = "/public/runbooks"
"""Where Grafana serves docs/runbooks once mounted below its public folder; a variable of every dashboard."""
TAG: Final = "marqab"
INSTANT: Final = frozenset({"stat", "table", "bargauge", "map"})
"""Kinds that show one moment."""


def text(board: Board) -> str:
    """The dashboard as the JSON that Grafana reads; the same board gives the same bytes."""
    return json.dumps(_dashboard(board).build(), cls=JSONEncoder, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _dashboard(board: Board) -> make.Dashboard:
    made = (
        make.Dashboard(board.title)
        .uid(board.uid)
        .description(board.about)
        .tags([TAG])
        .readonly()
        .refresh("30s")
        .time(board.span, "now")
        .timezone("browser")
        .tooltip(grafana.DashboardCursorSync.CROSSHAIR)
        .with_variable(make.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(make.TextBoxVariable("runbooks").label("Runbooks at").default_value(RUNBOOKS))
        .link(
            make.DashboardLink("marqab")
            .type(grafana.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .keep_time(True)
        )
    )
    for name, query in board.variables:
        made = made.with_variable(
            make.QueryVariable(name)
            .label(name)
            .datasource(SOURCE)
            .query(query)
            .refresh(grafana.VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(grafana.VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".+")
        )
    numbers = count(1)
    for row in board.rows:
        made = made.with_row(make.Row(row.title).id(next(numbers)))
        for panel in row.panels:
            made = made.with_panel(_panel(panel).id(next(numbers)))
    return made


def _panel(panel: Panel) -> Any:
    made = DRAW[panel.kind](panel)
    made = made.title(panel.title).description(panel.about).datasource(SOURCE).unit(panel.unit)
    made = made.height(panel.height).span(panel.width).no_value("–")
    for number, query in enumerate(panel.queries):
        made = made.with_target(_target(panel, query, chr(ord("A") + number)))
    if panel.steps:
        steps = [grafana.Threshold(value=value, color=colour) for value, colour in panel.steps]
        made = made.thresholds(make.ThresholdsConfig().mode(grafana.ThresholdsMode.ABSOLUTE).steps(steps))
    if panel.words and not panel.join:
        made = made.mappings([_mapping(panel)])
    if panel.most is not None:
        made = made.max(panel.most)
    if panel.runbook:
        address = f"${{runbooks}}/{panel.runbook}.md"
        made = made.links([make.DashboardLink(f"What to do: {panel.runbook}").url(address).target_blank(True)])
    return made


def _target(panel: Panel, query: Query, ref: str) -> Dataquery:
    target = Dataquery().expr(query.expr).ref_id(ref).legend_format(query.legend or "__auto").datasource(SOURCE)
    if panel.kind == "heatmap":
        return target.range().format(PromQueryFormat.HEATMAP)
    if panel.kind in ("table", "map"):
        return target.instant().format(PromQueryFormat.TABLE)
    return target.instant() if panel.kind in INSTANT else target.range()


def _mapping(panel: Panel) -> grafana.ValueMap:
    named = {
        f"{value:g}": grafana.ValueMappingResult(text=word, color=colour, index=number)
        for number, (value, word, colour) in enumerate(panel.words)
    }
    return grafana.ValueMap(options=named)


# ── one function a kind ─────────────────────────────────────────────────────────────────────────────────────────────


def _stat(panel: Panel) -> stat.Panel:
    del panel
    return (
        stat.Panel()
        .color_mode(words.BigValueColorMode.BACKGROUND)
        .graph_mode(words.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .text_mode(words.BigValueTextMode.AUTO)
    )


def _timeseries(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .fill_opacity(8)
        .line_width(1)
        .min(0)
        .legend(common.VizLegendOptions().show_legend(True).placement(words.LegendPlacement.BOTTOM))
        .tooltip(common.VizTooltipOptions().mode(words.TooltipDisplayMode.MULTI).sort(words.SortOrder.DESCENDING))
    )
    if panel.steps:
        made = made.thresholds_style(common.GraphThresholdsStyleConfig().mode(words.GraphThresholdsStyleMode.DASHED))
    return made


def _bars(panel: Panel) -> timeseries.Panel:
    stacked = common.StackingConfig().mode(words.StackingMode.NORMAL).group("A")
    return _timeseries(panel).draw_style(words.GraphDrawStyle.BARS).fill_opacity(80).stacking(stacked).interval("1h")


def _bargauge(panel: Panel) -> bargauge.Panel:
    del panel
    return (
        bargauge.Panel()
        .orientation(words.VizOrientation.HORIZONTAL)
        .display_mode(words.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .min(0)
        .decimals(0)
    )


def _heatmap(panel: Panel) -> heatmap.Panel:
    return heatmap.Panel().y_axis(heatmap.YAxisConfig().unit(panel.unit)).interval("5m")


def _states(panel: Panel) -> statetimeline.Panel:
    del panel
    return statetimeline.Panel().merge_values(True).row_height(0.8)


def _table(panel: Panel) -> table.Panel:
    made = table.Panel().filterable(True)
    hidden: dict[str, object] = {"Time": True}
    if not panel.join:
        return made.with_transformation(_change("organize", {"excludeByName": hidden}))
    names: dict[str, str] = {}
    first, *others = panel.queries
    for number, query in enumerate(panel.queries):
        names[f"Value #{chr(ord('A') + number)}"] = query.column
    hidden |= {f"Time {number + 1}": True for number in range(len(panel.queries))}
    # The first query brings the labels (Grafana gives its value no meaning: it is a constant 1).
    hidden["Value #A"] = True
    del names["Value #A"], first
    made = made.with_transformation(_change("joinByField", {"byField": panel.join, "mode": "outer"}))
    made = made.with_transformation(_change("organize", {"excludeByName": hidden, "renameByName": names}))
    for column, unit in panel.units:
        made = made.override_by_name(column, [grafana.DynamicConfigValue(id_val="unit", value=unit)])
    if panel.words:
        shown = [
            grafana.DynamicConfigValue(id_val="mappings", value=[_mapping(panel)]),
            grafana.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-background"}),
        ]
        made = made.override_by_name(others[0].column, shown)
    return made


def _change(name: str, options: dict[str, object]) -> grafana.DataTransformerConfig:
    return grafana.DataTransformerConfig(id_val=name, options=options)


def _map(panel: Panel) -> geomap.Panel:
    """Circles on the countries, found by Grafana's own list of them (`public/gazetteer/countries.json`)."""
    del panel
    where = (
        common.FrameGeometrySource()
        .mode(words.FrameGeometrySourceMode.LOOKUP)
        .lookup("country")
        .gazetteer("public/gazetteer/countries.json")
    )
    style = {
        "size": {"field": "Value", "fixed": 5, "min": 6, "max": 40},
        "color": {"fixed": "dark-red"},
        "opacity": 0.6,
        "text": {"field": "Value", "fixed": "", "mode": "field"},
    }
    circles = (
        common.MapLayerOptions()
        .type("markers")
        .name("incidents")
        .config({"showLegend": False, "style": style})
        .location(where)
        .tooltip(True)
    )
    return (
        geomap.Panel()
        .view(geomap.MapViewConfig().id("coords").lat(33).lon(40).zoom(4))
        .basemap(common.MapLayerOptions().type("default").name("base"))
        .layers([circles])
        .with_transformation(_change("organize", {"excludeByName": {"Time": True}}))
    )


DRAW: Final[dict[Kind, Callable[[Panel], Any]]] = {
    "stat": _stat,
    "timeseries": _timeseries,
    "bars": _bars,
    "bargauge": _bargauge,
    "heatmap": _heatmap,
    "states": _states,
    "table": _table,
    "map": _map,
}
