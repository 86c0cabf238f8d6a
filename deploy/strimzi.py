"""Write Strimzi's topics and users from the topic table and the table of rights: `python -m deploy.strimzi`.

`--check` writes nothing and exits with 1 where the committed file is not what would be written.
"""

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from marqab.admin import Wanted, declared, tables
from marqab.rights import Right, Role, rights

FOLDER: Final = Path(__file__).resolve().parent / "kubernetes" / "kafka"
CLUSTER: Final = "marqab"
PARTITIONS: Final = 4
REPLICATION: Final = 3
HEAD: Final = "# Written by `python -m deploy.strimzi` from {}; edit that.\n"


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
    return HEAD.format("schemas/topics.py") + yaml.safe_dump_all(
        [topic(one) for one in wanted], sort_keys=False, explicit_start=True
    )


LOGINS: Final[dict[str, tuple[Role, ...]]] = {
    "marqab-connectors": ("connectors",),
    "marqab-worker": ("worker",),
    "marqab-desk": ("reader", "editor"),
    "marqab-notify": ("notify",),
    "marqab-canary": ("canary",),
    "marqab-operator": ("operator",),
}
"""Who logs in, and what for; the last is for a person at a terminal."""


def user(name: str, roles: tuple[Role, ...]) -> dict[str, Any]:
    """One KafkaUser with a password that Strimzi makes, and the least rights of its roles."""
    granted = dict.fromkeys(right for role in roles for right in rights(role))
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": [_rule(right) for right in granted]},
        },
    }


def _rule(right: Right) -> dict[str, Any]:
    pattern = "prefix" if right.prefixed else "literal"
    return {
        "resource": {"type": right.kind, "name": right.name, "patternType": pattern},
        "operations": list(right.operations),
    }


def users() -> str:
    """The whole file of users."""
    made = [user(name, roles) for name, roles in LOGINS.items()]
    return HEAD.format("marqab/rights.py") + yaml.safe_dump_all(made, sort_keys=False, explicit_start=True)


FILES: Final = {"topics.yaml": topics, "users.yaml": users}


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
