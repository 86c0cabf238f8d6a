"""Coverage-guided fuzzing with atheris (libFuzzer): `make fuzz`, or `python -m tests.fuzz.run TARGET… --seconds 600`.

Each target runs in a process of its own on a copy of its corpus. A finding ends it, its input is kept in `.cache/fuzz`
and its path is printed: mend the cause, then keep the input in `tests/fuzz/corpus` under a name that says what it was.
Prints one JSON object: inputs tried, findings, edges covered.
"""

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

CORPUS = Path(__file__).resolve().parent / "corpus"
WORK = ROOT / ".cache" / "fuzz"
SLOW_SECONDS = 10
"""An input that takes so long is a finding: a post must not hold up a stage."""
MEMORY_MB = 2048


def main() -> int:
    """Exit code 1 where something was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="default: all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--runs", type=int, default=-1, help="inputs for each target; -1: as many as fit")
    if sys.argv[1:2] == ["--one"]:
        return _one(sys.argv[2], sys.argv[3:])
    parser.add_argument("--seed", type=int, default=0, help="of chance; 0: another one each time")
    options = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        sys.stdout.write("SKIPPED: atheris has no wheel for this platform; pytest tests/fuzz runs everywhere\n")
        return 0
    from tests.fuzz.targets import TARGETS

    told = {name: _told(name, options.seconds, options.runs, options.seed) for name in options.targets or TARGETS}
    whole = {
        "inputs": sum(one["inputs"] for one in told.values()),
        "findings": sum(one["finding"] is not None for one in told.values()),
        "targets": told,
    }
    sys.stdout.write(json.dumps(whole, indent=1) + "\n")
    return 1 if whole["findings"] else 0


def _told(name: str, seconds: int, runs: int, chance: int) -> dict:
    work = WORK / name
    work.mkdir(parents=True, exist_ok=True)
    for seed in (CORPUS / name).iterdir():
        shutil.copy(seed, work / seed.name)
    found = WORK / f"finding-{name}-"
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.run",
        "--one",
        name,
        f"-max_total_time={seconds}",
        f"-runs={runs}",
        f"-seed={chance}",
    ]
    command += [f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", "-max_len=20000", "-print_final_stats=1"]
    done = subprocess.run(
        [*command, f"-artifact_prefix={found}", str(work)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    units = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    edges = re.findall(r"cov: (\d+)", done.stderr)
    finding = None
    if done.returncode:
        kept = re.search(r"Test unit written to (\S+)", done.stderr)
        finding = {"input": kept[1] if kept else None, "says": done.stderr[-3000:] if not kept else _last(done.stderr)}
    return {"inputs": int(units[1]) if units else 0, "edges": int(edges[-1]) if edges else 0, "finding": finding}


def _last(printed: str) -> str:
    at = printed.rfind("Uncaught Python exception")
    return printed[at : at + 3000] if at >= 0 else printed[-1500:]


def _one(name: str, arguments: list[str]) -> int:
    import atheris

    with atheris.instrument_imports(include=["connectors", "agents", "schemas", "marqab", "subscribers", "feedparser"]):
        from tests.fuzz.targets import TARGETS

        target = TARGETS[name]
        target(b"")  # loads what it needs, instrumented

    def tried(given: bytes) -> None:
        target(given)

    atheris.Setup([sys.argv[0], *arguments], tried)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
