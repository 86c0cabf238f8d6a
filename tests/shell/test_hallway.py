"""Metrics, health endpoints, supervision and the commands, for real but without a broker."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import psutil
import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from marqab.__main__ import COMMANDS, main
from marqab.health import Check, Health, endpoints
from marqab.metrics import Metrics
from marqab.supervise import Child, keep_running, run_all
from schemas.errors import Misconfigured
from tests.paths import ROOT


def test_only_declared_metrics_exist() -> None:
    metrics = Metrics("worker")
    metrics.count("marqab_alerts_total", kind="new", severity="high")
    metrics.observe("marqab_stage_duration_seconds", 0.2, stage="normalizer")
    with pytest.raises(KeyError):
        metrics.count("marqab_surprises_total")
    with pytest.raises(ValueError, match="declared as a counter"):
        metrics.gauge("marqab_alerts_total", 1, kind="new", severity="high")
    with pytest.raises(ValueError, match="label"):
        metrics.count("marqab_alerts_total", colour="red")
    families = {family.name: family for family in text_string_to_metric_families(metrics.render().decode())}
    (sample,) = [s for s in families["marqab_alerts"].samples if s.name == "marqab_alerts_total"]
    assert (sample.labels, sample.value) == ({"kind": "new", "severity": "high"}, 1.0)
    assert families["marqab_build_info"].samples[0].labels["component"] == "worker"


async def test_readiness_tells_its_reasons_and_a_broken_check_hides_no_other() -> None:
    health = Health()
    answers = {"sources": Check(True), "lag": Check(False, "17 minutes behind")}
    health.register("sources", lambda: answers["sources"])
    health.register("lag", lambda: answers["lag"])
    async with endpoints("127.0.0.1", 0, Metrics("worker"), health) as base, aiohttp.ClientSession() as session:
        async with session.get(base + "/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["checks"]["lag"] == {"ok": False, "reason": "17 minutes behind"}
        answers["lag"] = Check(True)
        async with session.get(base + "/readyz") as answer:
            assert answer.status == 200
        health.register("broken", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
        async with session.get(base + "/readyz") as answer:
            assert answer.status == 503
            assert "ZeroDivisionError" in (await answer.json())["checks"]["broken"]["reason"]
        async with session.get(base + "/healthz") as answer:
            assert answer.status == 200
        async with session.get(base + "/metrics") as answer:
            assert "marqab_build_info" in await answer.text()


async def test_a_taken_port_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misconfigured, match="MARQAB_WORKER_PORT"):
            async with endpoints("127.0.0.1", taken.getsockname()[1], Metrics("worker"), Health()):
                pass


async def appeared(path: Path, lines: int) -> list[str]:
    async with asyncio.timeout(30):
        while not path.exists() or len(path.read_text().splitlines()) < lines:
            await asyncio.sleep(0.02)
    return path.read_text().splitlines()


async def test_a_child_that_ends_is_started_again_and_ends_with_us(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    # The first life ends at once; the second one stays.
    script = (
        "import os,sys,time; p=sys.argv[1]; again=os.path.exists(p); open(p,'a').write(f'{os.getpid()}\\n');"
        " time.sleep(600 if again else 0)"
    )
    running = asyncio.ensure_future(run_all([Child("note", [sys.executable, "-c", script, str(notes)], {})]))
    first, second = map(int, await appeared(notes, 2))
    assert first != second
    assert psutil.pid_exists(second)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not psutil.pid_exists(second)


async def test_a_misconfigured_child_is_not_started_again_and_ends_all(tmp_path: Path) -> None:
    notes, starts = tmp_path / "pid", tmp_path / "starts"
    stays = "import os,sys,time; open(sys.argv[1],'w').write(f'{os.getpid()}\\n'); time.sleep(600)"
    # Ends as a misconfigured one once the other lives.
    ends = (
        "import os,sys,time; open(sys.argv[2],'a').write('x\\n')\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.02)\n"
        "sys.exit(2)"
    )
    children = [
        Child("steady", [sys.executable, "-c", stays, str(notes)], {}),
        Child("mistaken", [sys.executable, "-c", ends, str(notes), str(starts)], {}),
    ]
    with pytest.raises(Misconfigured, match="the mistaken cannot run as it is configured"):
        async with asyncio.timeout(60):
            await run_all(children)
    assert starts.read_text() == "x\n"
    assert not psutil.pid_exists(int((await appeared(notes, 1))[0]))


def test_marqab_up_ends_with_the_sentence_and_exit_code_of_a_misconfigured_half(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text('[[source]]\nid = "a"\nkind = "feed"\nurl = "https://news.example/feed"\n')
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")}
    said = subprocess.run(
        [sys.executable, "-m", "marqab", "up", "--sources", str(sources)],
        cwd=ROOT,
        env={
            **clean,
            "MARQAB_GAZETTEER": str(tmp_path / "none.tsv"),
            "MARQAB_STATE_DIR": str(tmp_path),
            "MARQAB_EMBEDDED_PORT": "0",
            "MARQAB_WORKER_PORT": "0",
            "MARQAB_CONNECTORS_PORT": "0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == Misconfigured.exit_code, said.stderr
    assert "none.tsv" in said.stderr
    assert said.stderr.splitlines()[-1].startswith("marqab: the worker cannot run as it is configured")


async def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marqab.supervise.STOP_SECONDS", 0.3)
    notes = tmp_path / "pid"
    script = (
        "import os,signal,sys,time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " open(sys.argv[1],'w').write(f'{os.getpid()}\\n'); time.sleep(600)"
    )
    running = asyncio.ensure_future(keep_running(Child("deaf", [sys.executable, "-c", script, str(notes)], {})))
    (pid,) = map(int, await appeared(notes, 1))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_a_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    notes = tmp_path / "pid"
    child = "import os,sys,time; open(sys.argv[1],'w').write(f'{os.getpid()}\\n'); time.sleep(600)"
    parent = (
        "import asyncio,sys; from marqab.supervise import Child, keep_running;"
        f" asyncio.run(keep_running(Child('c', [sys.executable, '-c', {child!r}, {str(notes)!r}], {{}})))"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT)
    try:
        (pid,) = map(int, await appeared(notes, 1))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        async with asyncio.timeout(10):
            while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.02)
    finally:
        process.kill()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_teaches_its_use(command: str) -> None:
    shown = CliRunner().invoke(main, [*command.split(), "--help"])
    assert shown.exit_code == 0, shown.output
    assert "Usage:" in shown.output
    assert "\\b" not in shown.output


def test_a_wrong_setting_ends_a_command_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQAB_PARTITIONS", "many")
    shown = CliRunner().invoke(main, ["check"])
    assert shown.exit_code == 2
    assert "partitions" in shown.output
    assert "Traceback" not in shown.output


def test_a_half_alone_needs_a_broker() -> None:
    shown = CliRunner().invoke(main, ["connectors", "--sources", "nowhere.toml"])
    assert shown.exit_code == 2
    assert "MARQAB_KAFKA_BOOTSTRAP_SERVERS" in shown.output


def test_check_names_what_is_wrong_and_ends_with_1(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["check", "--sources", str(tmp_path / "none.toml")])
    assert shown.exit_code == 1
    assert "none.toml cannot be read" in shown.output
    assert "kafka_bootstrap_servers" in shown.output
