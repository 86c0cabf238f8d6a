"""Who may do what on Kafka: the least rights of each component, made from the topics as declared.

`marqab topics acls` prints them, `marqab.access` asks for them before a component starts, and the tests give each
component exactly these and see it work (`tests/contracts/test_secured.py`).
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from schemas.topics import (
    ALERTS,
    BACKFILL,
    CURSORS,
    FEEDBACK,
    INCIDENTS,
    POSTS,
    PREFIX,
    REJECTS,
    REPORTS,
    SIGHTINGS,
    TABLES,
    TOPICS,
)

Operation = Literal["Read", "Write", "Create", "Describe", "DescribeConfigs"]
Role = Literal["connectors", "worker", "notify", "reader", "editor", "canary", "operator"]

ROLES: Final[Mapping[Role, str]] = {
    "connectors": "`marqab connectors` and `marqab backfill`: posts and cursors",
    "worker": "`marqab worker`: all stages, their tables, the rejects",
    "notify": "`marqab notify`: alerts, and its positions in them",
    "reader": "`marqab tail`, `marqab desk`, and programs that read alerts without a group",
    "editor": "programs and pages through which people give feedback; `marqab desk` with a token, beside `reader`",
    "canary": "`marqab canary`: its posts, its alerts, and the incidents that it removes",
    "operator": "`marqab topics create`, `marqab check`, `marqab rejects`",
}
"""Each with what runs under it; `marqab up` runs the connectors' and the worker's half with its own environment."""

FLOW: Final[Mapping[Role, Mapping[str, tuple[Operation, ...]]]] = {
    "connectors": {
        POSTS.name: ("Write",),
        BACKFILL.name: ("Write",),
        REJECTS.name: ("Write",),
        CURSORS.name: ("Read", "Write"),
    },
    "worker": {
        POSTS.name: ("Read",),
        BACKFILL.name: ("Read",),
        FEEDBACK.name: ("Read",),
        **{topic.name: ("Read", "Write") for topic in (REPORTS, SIGHTINGS, INCIDENTS)},
        ALERTS.name: ("Write",),
        REJECTS.name: ("Write",),
    },
    "notify": {ALERTS.name: ("Read",)},
    "reader": {ALERTS.name: ("Read",)},
    "editor": {FEEDBACK.name: ("Write",)},
    "canary": {POSTS.name: ("Write",), INCIDENTS.name: ("Write",), ALERTS.name: ("Read",)},
    "operator": {
        **{topic.name: ("Create", "Describe", "DescribeConfigs") for topic in TOPICS},
        # What was set aside is read, and sent again to the topic where it stood.
        **{
            topic.name: ("Create", "Write", "DescribeConfigs")
            for topic in (POSTS, BACKFILL, REPORTS, SIGHTINGS, INCIDENTS, FEEDBACK)
        },
        REJECTS.name: ("Create", "Read", "DescribeConfigs"),
    },
}
"""By a topic's name without prefix. Read and Write bring Describe with them."""


@dataclass(frozen=True)
class Right:
    """What may be done with one topic, or with the groups of one name or beginning."""

    kind: Literal["topic", "group"]
    name: str
    operations: tuple[Operation, ...]
    prefixed: bool = False

    def __str__(self) -> str:
        doing = " and ".join(self.operations)
        return f"{doing} on {self.kind} {self.name}{'…' if self.prefixed else ''}"


def rights(role: Role, *, prefix: str = PREFIX, app_id: str = "marqab") -> tuple[Right, ...]:
    """The least that a component needs, for this installation's names."""
    told = [Right("topic", prefix + name, operations) for name, operations in FLOW[role].items()]
    tables = [f"{app_id}-{table}-changelog" for table in TABLES]
    match role:
        case "connectors":  # who holds a Telegram session; the rest of the name is a hash
            told.append(Right("group", f"{prefix}holder-", ("Read",), prefixed=True))
        case "worker":
            told += [Right("topic", table, ("Read", "Write")) for table in tables]
            told.append(Right("group", app_id, ("Read",)))
        case "notify":
            told.append(Right("group", f"{app_id}-notify-", ("Read",), prefixed=True))
        case "operator":
            told += [Right("topic", table, ("Create", "Describe", "DescribeConfigs")) for table in tables]
        case "reader" | "editor" | "canary":
            pass
    return tuple(told)


def command(right: Right, principal: str, bootstrap: str) -> str:
    """The right as a line for Kafka's own tool."""
    words = ["kafka-acls.sh", "--bootstrap-server", bootstrap, "--command-config", "admin.properties", "--add"]
    words += ["--allow-principal", principal]
    words += [word for operation in right.operations for word in ("--operation", operation)]
    words += [f"--{right.kind}", right.name]
    if right.prefixed:
        words += ["--resource-pattern-type", "prefixed"]
    return shlex.join(words)


def document(right: Right, principal: str) -> dict[str, object]:
    """The right as JSON, in Kafka's words."""
    return {
        "principal": principal,
        "host": "*",
        "permission": "ALLOW",
        "resourceType": right.kind.upper(),
        "resourceName": right.name,
        "patternType": "PREFIXED" if right.prefixed else "LITERAL",
        "operations": list(right.operations),
    }
