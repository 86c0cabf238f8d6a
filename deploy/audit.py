"""`make audit`: what marqab is made of, and whether any of it is known to be vulnerable.

The bill of materials (CycloneDX 1.6, JSON) is made from `requirements.lock` without a network, validated against
CycloneDX's schema, and compared with the lock: each package with its version and hashes, and nothing else. pip-audit
asks OSV about exactly these versions; where OSV cannot be reached this is said, and nothing is claimed.
"""

import argparse
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LOCK: Final = ROOT / "requirements.lock"
SBOM: Final = ROOT / ".cache" / "marqab.cdx.json"
OSV: Final = ("api.osv.dev", 443)
REACH_SECONDS: Final = 5.0
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main() -> int:
    """Exit code 1 where the bill is not that of the lock, or a known vulnerability was found."""
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--output", type=Path, default=SBOM, help="where the bill of materials is written")
    options = parser.parse_args()
    bill = make_bill(LOCK, options.output)
    wrong = differences(pinned(LOCK.read_text("utf-8")), bill)
    for sentence in wrong:
        say(sentence)
    if not wrong:
        say(f"bill of materials: {len(bill['components'])} packages, as locked, in {options.output}")
    return max(bool(wrong), vulnerable())


def say(sentence: str) -> None:
    """One line for whoever reads CI's log."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def make_bill(lock: Path, output: Path) -> dict[str, Any]:
    """Write the bill of materials of a lock file; gives it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", str(ROOT / "pyproject.toml")]
    command += ["--output-reproducible", "--short-PURLs", "--sv", "1.6", "--of", "JSON", "--validate"]
    subprocess.run([*command, "-o", str(output), str(lock)], check=True, capture_output=True)  # noqa: S603
    bill: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return bill


def pinned(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes of each package of a lock file, by its normal name."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    name = ""
    for line in lock.splitlines():
        if match := _PINNED.match(line):
            name = normal(match[1])
            found[name] = (match[2], frozenset())
        for hashed in _HASH.findall(line):
            version, hashes = found[name]
            found[name] = (version, hashes | {hashed})
    return found


def normal(name: str) -> str:
    """A package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def differences(locked: Mapping[str, tuple[str, frozenset[str]]], bill: Mapping[str, Any]) -> list[str]:
    """Sentences on how the bill differs from the lock; none when it does not."""
    told = {normal(one["name"]): one for one in bill.get("components", [])}
    wrong = [f"the bill lacks {name}" for name in sorted(locked.keys() - told.keys())]
    wrong += [f"the bill has {name}, which is not locked" for name in sorted(told.keys() - locked.keys())]
    for name in sorted(locked.keys() & told.keys()):
        version, hashes = locked[name]
        if told[name].get("version") != version:
            wrong.append(f"{name}: locked is {version}, the bill has {told[name].get('version')}")
        if set(_hashes(told[name])) != hashes:
            wrong.append(f"{name}: the bill has other hashes than the lock")
    return wrong


def _hashes(component: Mapping[str, Any]) -> Iterable[str]:
    for one in [component, *component.get("externalReferences", [])]:
        yield from (hashed["content"] for hashed in one.get("hashes", []) if hashed["alg"] == "SHA-256")


def vulnerable() -> int:
    """Ask OSV about the locked versions: 1 where something is known, 0 where nothing is or nobody could be asked."""
    try:
        socket.create_connection(OSV, timeout=REACH_SECONDS).close()
    except OSError as error:
        say(f"known vulnerabilities: SKIPPED, {OSV[0]} cannot be reached from here ({error}); nothing was checked")
        return 0
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
    command += ["--vulnerability-service", "osv", "--progress-spinner", "off"]
    return subprocess.run(command, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
