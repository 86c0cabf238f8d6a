"""Write `deploy/kubernetes/kafka/topics.yaml` from the topic table: `python -m deploy.strimzi`.

`--check` writes nothing and exits with 1 where the committed file is not what would be written.
"""

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from marqab.admin import Wanted, declared, tables

FOLDER: Final = Path(__file__).resolve().parent / "kubernetes" / "kafka"
CLUSTER: Final = "marqab"
PARTITIONS: Final = 4
REPLICATION: Final = 3
HEAD: Final = "# Written by `python -m deploy.strimzi` from schemas/topics.py; edit that.\n"


def topic(wanted: Wanted) -> dict[str, Any]:
    """One KafkaTopic; numbers among its settings stay numbers, as Strimzi compares them."""
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaTopic",
        "metadata": {"name": wanted.name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "partitions": wanted.partitions,
            "replicas": wanted.replication,
            "config": {name: _value(value) for name, value in sorted(wanted.settings.items())},
        },
    }


def _value(value: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def topics() -> str:
    """The whole file: declared topics, then the changelogs of the worker's tables."""
    size = {"partitions": PARTITIONS, "replication": REPLICATION}
    wanted = (*declared(**size), *tables("marqab", **size))
    return HEAD + yaml.safe_dump_all([topic(one) for one in wanted], sort_keys=False, explicit_start=True)


FILES: Final = {"topics.yaml": topics}


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` compare them."""
    stale = [name for name, write in FILES.items() if _read(FOLDER / name) != write()]
    if "--check" in arguments:
        for name in stale:
            sys.stderr.write(f"{FOLDER / name} is not fresh: run `python -m deploy.strimzi`\n")
        return 1 if stale else 0
    for name, write in FILES.items():
        (FOLDER / name).write_text(write(), "utf-8")
    return 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
