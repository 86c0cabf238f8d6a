"""What operators see of a real run: every process, scraped by a real Prometheus, and every panel's query answered.

One run for all tests of this file: broker, worker, connectors (`marqab up`), canary, desk and notifier, a local feed
that tells of one incident, and Prometheus with the committed rules.
"""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from deploy.grafana.boards import BOARDS
from deploy.grafana.kafka import NO_DISK
from tests.paths import ROOT
from tests.system.local_news import INCIDENT, UPDATE, News, serve
from tests.system.local_telegram import CHANNEL, telegram_account

pytestmark = [
    pytest.mark.broker,
    pytest.mark.timeout(420),
    pytest.mark.skipif(
        not (shutil.which("prometheus") and shutil.which("promtool")),
        reason="there is no Prometheus (Debian: apt-get install prometheus)",
    ),
]

START_SECONDS = 120
ABSENT = {NO_DISK}
"""What this run has not: tables on disk (beside the embedded broker they are in memory)."""
GRAFANA_WORDS = {"$__range": "2m", "$__interval": "30s", "$__rate_interval": "15s", "$source": ".+"}
JOBS = ("worker", "connectors", "desk", "notify", "canary")


@dataclass
class Run:
    """A running marqab and the Prometheus that scrapes it."""

    prometheus: str
    ports: dict[str, int]
    began: float
    news: News
    environ: dict[str, str]

    def metrics(self, job: str) -> str:
        return fetch(f"http://127.0.0.1:{self.ports[job]}/metrics")

    def ask(self, path: str, **words: str) -> dict:
        told = json.loads(fetch(f"{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(words)}"))
        assert told["status"] == "success", told
        return told["data"]

    def series(self, expr: str) -> list[list[float]]:
        """The numbers of every series over the whole run."""
        span = {"start": str(self.began), "end": str(time.time()), "step": "5"}
        found = self.ask("query_range", query=expr, **span)["result"]
        return [
            [float(v) for _, v in one["values"] if not math.isnan(float(v)) and not math.isinf(float(v))]
            for one in found
        ]


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def until(wanted: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if wanted():
                return
        except (urllib.error.URLError, OSError, json.JSONDecodeError):
            pass
        time.sleep(0.3)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def free_ports(*names: str) -> dict[str, int]:
    probes = [socket.socket() for _ in names]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return {name: probe.getsockname()[1] for name, probe in zip(names, probes, strict=True)}
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def running(name: str, folder: Path, environ: dict[str, str], *words: str) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
            ended = process.poll()
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    assert ended is None, f"{name} ended with {ended}: {(folder / f'{name}.log').read_text()[-3000:]}"


CHANNEL_SOURCE = f"""
[[source]]
id = "channel"
kind = "telegram"
channel = "{CHANNEL}"
access = "mtproto"
language = "ar"
country = "SY"
"""
SOURCES = """\
[[source]]
id = "local-{number}"
kind = "feed"
url = "{base}/{number}.xml"
language = "ar"
country = "SY"
reliability = "B"
interval_seconds = 1
max_interval_seconds = 1
"""


def settings(folder: Path, base: str, ports: dict[str, int]) -> dict[str, str]:
    feeds = "".join(SOURCES.format(base=base, number=n) for n in (1, 2))
    (folder / "sources.toml").write_text(feeds + CHANNEL_SOURCE, "utf-8")
    (folder / "subscribers.toml").write_text(
        f'[[subscriber]]\nid = "newsroom"\nto = {{ by = "webhook", url = "{base}/hook", '
        'secret_from = "MARQAB_SECRET_NEWSROOM" }\n',
        "utf-8",
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    return clean | {
        "PYTHONPATH": str(ROOT),
        "MARQAB_EMBEDDED_PORT": str(ports["broker"]),
        "MARQAB_SOURCES": str(folder / "sources.toml"),
        "MARQAB_STATE_DIR": str(folder / "state"),
        "MARQAB_FETCH_ALLOW_PRIVATE": "1",
        "MARQAB_FETCH_HOST_SPACING_SECONDS": "0",
        "MARQAB_SETTLE_SECONDS": "0",
        "MARQAB_CANARY_SECONDS": "2",
        "MARQAB_SECRET_NEWSROOM": "whsec_" + "bWFycWFiLW1hcnFhYi1tYXJxYWItbWFycWFi",
        "MARQAB_WORKER_PORT": str(ports["worker"]),
        "MARQAB_CONNECTORS_PORT": str(ports["connectors"]),
        "MARQAB_DESK_METRICS_PORT": str(ports["desk"]),
        "MARQAB_NOTIFY_METRICS_PORT": str(ports["notify"]),
        "MARQAB_CANARY_PORT": str(ports["canary"]),
    }


def prometheus_settings(folder: Path, ports: dict[str, int]) -> Path:
    told = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ROOT / "deploy" / "prometheus" / "rules" / "*.yml")],
        "scrape_configs": [
            {"job_name": f"marqab-{job}", "static_configs": [{"targets": [f"127.0.0.1:{ports[job]}"]}]} for job in JOBS
        ],
    }
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(told), "utf-8")
    return path


def ready(port: int) -> bool:
    return json.loads(fetch(f"http://127.0.0.1:{port}/readyz"))["status"] == "ready"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    folder, news = tmp_path_factory.mktemp("run"), News()
    ports = free_ports("broker", "prometheus", *JOBS)
    marqab = [sys.executable, "-m", "marqab"]
    with ExitStack() as stack:
        environ = settings(folder, stack.enter_context(serve(news)), ports)
        environ |= stack.enter_context(telegram_account())
        stack.enter_context(running("up", folder, environ, *marqab, "up"))
        for job in ("worker", "connectors"):
            until(lambda job=job: ready(ports[job]), f"{job} is ready")
        beside = environ | {
            "MARQAB_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{ports['broker']}",
            "MARQAB_EMBEDDED_BROKER": "1",
        }
        stack.enter_context(running("canary", folder, beside, *marqab, "canary"))
        stack.enter_context(running("desk", folder, beside, *marqab, "desk", "--port", "0"))
        stack.enter_context(running("notify", folder, beside, *marqab, "notify"))
        for job in ("desk", "notify", "canary"):
            until(lambda job=job: ready(ports[job]), f"{job} is ready")
        listen = f"127.0.0.1:{ports['prometheus']}"
        stack.enter_context(
            running(
                "prometheus", folder, environ, "prometheus", f"--config.file={prometheus_settings(folder, ports)}",
                f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address={listen}", "--log.level=warn",
            )
        )  # fmt: skip
        made = Run(f"http://{listen}", ports, time.time(), news, environ)
        until(lambda: number(made, "min(up)") == 1 and number(made, "count(up)") == len(JOBS), "all are scraped")
        news.publish(*INCIDENT)
        until(lambda: number(made, 'sum(marqab_alerts_total{kind="new"})') >= 1, "the incident is told")
        news.publish(*UPDATE)
        until(lambda: number(made, "sum(marqab_alerts_total)") >= 2, "its new toll is told")
        until(lambda: bool(news.delivered), "the newsroom has it")
        until(lambda: number(made, 'marqab_posts_published_total{source="channel"}') >= 3, "the channel is read")
        until(lambda: number(made, 'increase(marqab_canaries_total{outcome="on_time"}[1m])') > 0, "canaries come out")
        until(lambda: number(made, 'ALERTS{alertname="Watchdog", alertstate="firing"}') == 1, "rules are evaluated")
        time.sleep(3)  # two more scrapes, so that rates of what came last have two points
        yield made


def number(run: Run, expr: str) -> float:
    found = run.ask("query", query=expr)["result"]
    return float(found[0]["value"][1]) if found else -1.0


QUERIES = [(board, panel, query) for board in BOARDS for panel in board.panels() for query in panel.queries]


@pytest.mark.parametrize(("board", "panel", "query"), QUERIES, ids=lambda one: getattr(one, "title", ""))
def test_every_panel_shows_something(run: Run, board, panel, query) -> None:
    expr = query.expr
    for word, value in GRAFANA_WORDS.items():
        expr = expr.replace(word, value)
    numbers = [one for series in run.series(expr) for one in series]
    assert numbers or query.empty in ABSENT, f"{board.title}, {panel.title}: {expr}"


@pytest.mark.parametrize("job", JOBS)
def test_promtool_finds_no_fault_with_what_a_process_tells(run: Run, job: str) -> None:
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=run.metrics(job), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_only_the_watchdog_fires(run: Run) -> None:
    firing = {alert["labels"]["alertname"] for alert in run.ask("alerts")["alerts"] if alert["state"] == "firing"}
    assert firing == {"Watchdog"}


def test_the_incident_is_counted_where_it_happened_and_tests_nowhere(run: Run) -> None:
    assert number(run, 'sum(marqab_incidents_announced_total{country="SY"})') >= 1
    assert number(run, 'sum(marqab_incidents_announced_total{country="none"})') == -1
    assert number(run, 'sum(marqab_incident_types_announced_total{event_type="ied_mine"})') == -1, "the canary's type"
    assert number(run, "marqab_test_alerts_total") >= 2
    assert number(run, 'count(marqab_posts_published_total{source="canary"})') == -1
    assert not any(b'"test":true' in body.replace(b" ", b"") for body in run.news.delivered)


def test_sources_have_a_rhythm_and_are_not_silent(run: Run) -> None:
    for source in ("local-1", "local-2"):
        assert 3000 < number(run, f'marqab_source_usual_pause_seconds{{source="{source}"}}') <= 3700
        assert number(run, f'marqab_source_silent{{source="{source}"}}') == 0
        assert number(run, f'marqab_source_info{{source="{source}", kind="feed"}}') == 1


def test_one_canary_tells_whether_the_service_works(run: Run) -> None:
    words = [sys.executable, "-m", "marqab", "canary", "--once"]
    done = subprocess.run(words, env=run.environ, capture_output=True, text=True, check=False, timeout=90)
    assert (done.returncode, done.stdout.startswith("on_time: its alert came after")) == (0, True), done.stderr


def test_nobody_hears_of_a_canary_who_did_not_ask(run: Run) -> None:
    for asked in (False, True):
        words = [sys.executable, "-m", "marqab", "tail", "--from-start", "--json", *["--tests"] * asked]
        with subprocess.Popen(words, env=run.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tail:
            heard = [json.loads(tail.stdout.readline()) for _ in range(2)]
            tail.terminate()
        assert any(alert.get("test", False) for alert in heard) is asked
