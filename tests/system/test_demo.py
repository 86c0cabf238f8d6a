"""`marqab demo` as a newcomer runs it, from outside: nothing of marqab is imported here."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.paths import ROOT

DEADLINE_SECONDS = 170.0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has set nothing, with a mark by which every process of this run is found."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    return {**clean, "TMPDIR": str(tmp_path), "MARK": str(tmp_path)}


def marked(mark: str) -> list[psutil.Process]:
    """All living processes that were started with this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MARK") == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(autouse=True)
def nothing_survives(environ: dict[str, str]) -> Iterator[None]:
    yield
    _, alive = psutil.wait_procs(marked(environ["MARK"]), timeout=10)
    for process in alive:
        process.kill()
    assert not alive, f"left behind: {alive}"


def start(environ: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "marqab", "demo", *options],
        cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.broker
def test_the_demo_tells_one_incident_and_ends_by_itself(environ: dict[str, str]) -> None:
    process = start(environ)
    printed, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0, printed
    titles = re.findall(r"^▌\S+ ([A-Z ]+) · (\w+) · ", printed, re.MULTILINE)
    kinds = [kind.strip() for kind, _ in titles]
    assert kinds[0] == "NEW"
    assert {"CORROBORATED", "TOLL CHANGED", "CLAIMED"} <= set(kinds), printed
    assert kinds.count("NEW") == 1, "one incident"
    assert len(re.findall(r"id +(i-\w+)", printed)) == len(kinds)
    assert len(set(re.findall(r"id +(i-\w+)", printed))) == 1, "one incident"
    assert "Raqqa" in printed
    assert re.search(r"changed .*killed.* 4 → 6", printed), "the toll rises from 4 to 6"
    assert "marqab up" in printed
    assert "marqab.alerts" in printed
    assert "/metrics" in printed


@pytest.mark.broker
def test_ctrl_c_leaves_no_process_behind(environ: dict[str, str]) -> None:
    process = start(environ)
    assert process.stdout is not None
    end = time.monotonic() + DEADLINE_SECONDS
    for line in process.stdout:
        if "the story begins" in line:
            break
        assert time.monotonic() < end
    assert len(marked(environ["MARK"])) >= 4, "demo, broker, connectors and worker run"
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=40) == 130, rest
    assert "Traceback" not in rest


@pytest.mark.broker
def test_the_desk_stays_open_with_the_incident_until_ctrl_c(environ: dict[str, str]) -> None:
    process = start(environ, "--stay")
    assert process.stdout is not None
    end = time.monotonic() + DEADLINE_SECONDS
    for line in process.stdout:
        if address := re.match(r"  (http://127\.0\.0\.1:\d+/incidents/i-\w+\?lang=ar)$", line):
            break
        assert time.monotonic() < end
    with urllib.request.urlopen(address[1], timeout=10) as answer:
        page = answer.read().decode()
    assert 'dir="rtl"' in page
    assert "قتلى" in page, "the killed are told"
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=40) == 0, rest
    assert "Traceback" not in rest
