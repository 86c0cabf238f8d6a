"""Dashboards: committed as generated, whole, and asking only for what marqab declares; each query is PromQL."""

import json
import re
import shutil
import subprocess
from itertools import pairwise

import pytest
import yaml

from deploy.grafana.__main__ import FOLDER, stale
from deploy.grafana.boards import BOARDS
from schemas.metrics import BY_NAME, Metric
from tests.paths import ROOT

PANELS = [(board, panel) for board in BOARDS for panel in board.panels()]
QUERIES = [(board, panel, query) for board, panel in PANELS for query in panel.queries]
OTHERS = {"up", "ALERTS"}
UNKNOWN = Metric("other", "gauge", "Not ours; has only Prometheus's own labels.")
GRAFANA_WORDS = {"$__range": "6h", "$__interval": "1m", "$__rate_interval": "5m", "$source": ".+"}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="there is no promtool (Debian: apt-get install prometheus)"
)


def plain(expr: str) -> str:
    """The query as Prometheus gets it from Grafana."""
    for word, value in GRAFANA_WORDS.items():
        expr = expr.replace(word, value)
    assert "$" not in expr, expr
    return expr


def asked(expr: str) -> set[str]:
    return set(re.findall(r"\b(?:marqab|process|python|up|ALERTS)\w*\b(?!\s*=)", re.sub(r'"[^"]*"', "", expr)))


def test_committed_is_generated():
    assert stale() == []


@pytest.mark.parametrize(("board", "panel", "query"), QUERIES, ids=lambda one: getattr(one, "title", ""))
def test_a_query_asks_for_declared_metrics_and_labels(board, panel, query):
    names = asked(query.expr)
    assert names, query.expr
    for name in names - OTHERS:
        if not name.startswith("marqab_"):
            assert re.match(
                r"process_(resident_memory_bytes|cpu_seconds_total|start_time_seconds|(open|max)_fds)$", name
            )
            continue
        base = name.removesuffix("_bucket")
        assert base in BY_NAME, f"{board.title}, {panel.title}: {name} is no metric of marqab"
        assert (BY_NAME[base].kind == "histogram") == name.endswith("_bucket")
        assert (BY_NAME[base].kind == "counter") == name.endswith("_total")
    labels = {label for name in names for label in BY_NAME.get(name.removesuffix("_bucket"), UNKNOWN).labels}
    for shown in re.findall(r"{{(\w+)}}", query.legend):
        assert shown in labels | {"job", "instance", "le"}, f"{panel.title}: {shown}"


def test_every_metric_of_the_pipeline_stands_on_a_dashboard():
    shown = {name.removesuffix("_bucket") for _, _, query in QUERIES for name in asked(query.expr)}
    unseen = {
        "marqab_fetched_bytes_total": "a matter of cost, not of health",
        "marqab_feed_pages_total": "a matter of cost, not of health",
        "marqab_source_cursor_timestamp_seconds": "for debugging one source",
        "marqab_telegram_connects_total": "shown by the state of the connection",
        "marqab_telegram_changes_total": "a matter of the protocol",
        "marqab_telegram_gaps_total": "a gap is filled by itself",
        "marqab_telegram_identity_changes_total": "the source is down then, with the reason in the log",
        "marqab_telegram_wordless_total": "a matter of the protocol",
        "marqab_telegram_web_unreadable_total": "the source is down then",
        "marqab_telegram_flood_wait_seconds_total": "the time that is left is shown",
        "marqab_test_alerts_total": "the canary has its own",
        "marqab_alerts_read_total": "deliveries and pages are shown",
        "marqab_canary_interval_seconds": "a setting, used by its alert rule",
    }
    assert shown & set(unseen) == set()
    ours = {name for name in BY_NAME if not name.startswith("marqab_feedback")}
    assert ours - shown - set(unseen) == set()


def test_a_dashboard_is_whole():
    assert len({board.uid for board in BOARDS}) == len(BOARDS)
    for board in BOARDS:
        told = json.loads((FOLDER / f"{board.uid}.json").read_text("utf-8"))
        assert (told["uid"], told["title"], told["editable"]) == (board.uid, board.title, False)
        assert told["schemaVersion"] >= 36
        panels = told["panels"]
        ids = [panel["id"] for panel in panels]
        assert len(set(ids)) == len(ids)
        names = {variable["name"] for variable in told["templating"]["list"]}
        assert {"datasource", "runbooks"} <= names
        drawn = [panel for panel in panels if panel["type"] != "row"]
        assert [panel["title"] for panel in drawn] == [panel.title for panel in board.panels()]
        for panel in drawn:
            assert panel["description"]
            assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
            used = set(re.findall(r"\$(?!__)(\w+)", " ".join(target["expr"] for target in panel["targets"])))
            assert used <= names


def test_panels_do_not_lie_on_each_other():
    for board in BOARDS:
        told = json.loads((FOLDER / f"{board.uid}.json").read_text("utf-8"))
        taken = set()
        for panel in told["panels"]:
            at = panel["gridPos"]
            cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
            assert not cells & taken, f"{board.title}: {panel['title']}"
            taken |= cells
        tops = [panel["gridPos"]["y"] for panel in told["panels"]]
        assert all(one <= next_one for one, next_one in pairwise(tops))


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=lambda one: one.title)
def test_a_panel_leads_to_a_page_that_exists(board, panel):
    if panel.runbook:
        assert (ROOT / "docs" / "runbooks" / f"{panel.runbook}.md").is_file()


def test_provisioning_names_what_is_there():
    folder = ROOT / "deploy" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text("utf-8"))["datasources"]
    assert (source["type"], source["uid"], source["editable"]) == ("prometheus", "marqab", False)
    (provider,) = yaml.safe_load((folder / "dashboards" / "marqab.yml").read_text("utf-8"))["providers"]
    assert (provider["type"], provider["allowUiUpdates"]) == ("file", False)


@needs_promtool
def test_every_query_is_promql(tmp_path):
    rules = [{"record": f"q:{n}", "expr": plain(query.expr)} for n, (_, _, query) in enumerate(QUERIES)]
    file = tmp_path / "queries.yml"
    groups = [{"name": f"q{number}", "rules": [rule]} for number, rule in enumerate(rules)]
    file.write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    done = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout
