"""Write `docs/asyncapi.yaml` (AsyncAPI 3.0) from the topics as declared: `python -m deploy.asyncapi`.

`--check` writes nothing and exits with 1 where the committed file is not what would be written. Payloads refer to the
JSON Schemas in `schemas/json/`; this file says what they travel in.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from schemas.headers import rejection
from schemas.topics import (
    ALERTS,
    BACKFILL,
    CURSORS,
    FEEDBACK,
    INCIDENTS,
    POSTS,
    REJECTS,
    REPORTS,
    SIGHTINGS,
    TOPICS,
    Topic,
)

TARGET = Path(__file__).resolve().parents[1] / "docs" / "asyncapi.yaml"
STAGES = {
    "connectors": ((), (POSTS, BACKFILL, CURSORS)),
    "normalizer": ((POSTS, BACKFILL), (REPORTS, REJECTS)),
    "classifier": ((REPORTS,), (SIGHTINGS, REJECTS)),
    "correlator": ((SIGHTINGS, FEEDBACK), (INCIDENTS, REJECTS)),
    "announcer": ((INCIDENTS,), (ALERTS, REJECTS)),
    "people": ((), (FEEDBACK,)),
}
"""What each part of marqab reads and writes."""
CLOUD_EVENT = {
    "ce_specversion": "Version of CloudEvents.",
    "ce_id": "The same whenever the same message is sent again.",
    "ce_type": "Kind of record and its major version.",
    "ce_source": "Which part of marqab wrote it.",
    "ce_time": "RFC 3339.",
    "content-type": "Of the value.",
    "ce_test": "`true` on what a canary or a source under trial leads to; absent on everything else.",
    "traceparent": "W3C trace context; not on every message.",
}

DESCRIPTION = """Security incidents from news feeds and Telegram channels, as Kafka topics.
Subscribers need only `alerts`. Delivery is at least once: remember the `alert_id`s you have handled.
Fields are only ever added; ignore those that you do not know. Fields with their default value are left out.
Topic names carry a configurable prefix, `marqab.` as shipped.
"""


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "marqab",
            "version": "1.0.0",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "embedded": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "The broker of `marqab up`; in production your own Kafka.",
            }
        },
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {"messages": {_message_name(topic): _message(topic) for topic in TOPICS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    settings = topic.settings()
    known = {
        "cleanup.policy": settings["cleanup.policy"].split(","),
        **{name: int(settings[name]) for name in ("retention.ms", "max.message.bytes") if name in settings},
    }
    binding: dict[str, Any] = {"topic": topic.named(), "topicConfiguration": known, "bindingVersion": "0.5.0"}
    if topic.single_partition:
        binding["partitions"] = 1
    return {
        "address": topic.named(),
        "messages": {_message_name(topic): {"$ref": f"#/components/messages/{_message_name(topic)}"}},
        "bindings": {"kafka": binding},
    }


def _message_name(topic: Topic) -> str:
    return topic.value.__name__ if topic.value else "Rejected"


def _message(topic: Topic) -> dict[str, Any]:
    told: dict[str, Any] = {"name": _message_name(topic), "title": _message_name(topic)}
    if topic.value is None:
        told |= {
            "summary": "A message that could not be handled: key, value and headers as they were, and why in headers.",
            "headers": _headers(dict.fromkeys(_rejection_names(), "As Kafka Connect's dead-letter queue writes it.")),
            "payload": {},
        }
    else:
        summary = (topic.value.__doc__ or "").strip().splitlines()[0]
        told |= {
            "summary": summary,
            "contentType": "application/json",
            "headers": _headers(CLOUD_EVENT),
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-07",
                "schema": {"$ref": f"../schemas/json/{topic.value.__name__.lower()}.json"},
            },
        }
    return told | {
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}}
    }


def _headers(names: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in names.items()},
    }


def _rejection_names() -> list[str]:
    made = rejection(topic="", partition=0, offset=0, stage="", error=ValueError(), stacktrace="")
    return [name for name, _ in made]


def _operations() -> dict[str, Any]:
    told: dict[str, Any] = {}
    for part, (reads, writes) in STAGES.items():
        for action, verb, topics in (("receive", "reads", reads), ("send", "writes", writes)):
            for topic in topics:
                told[f"{part}_{verb}_{topic.name}"] = _operation(action, topic, f"The {part} {verb} {topic.name}.")
    told["subscribe"] = _operation("receive", ALERTS, "What a subscriber reads; see docs/subscribe.md.")
    return told


def _operation(action: str, topic: Topic, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}, "summary": summary}


def render() -> str:
    """The file's text; the same declarations give the same bytes."""
    head = "# Made by `python -m deploy.asyncapi`; do not edit by hand.\n"
    return head + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)


def main() -> int:
    """Write or check; the exit code is 0 when the file is fresh."""
    if "--check" in sys.argv[1:]:
        fresh = TARGET.is_file() and TARGET.read_text("utf-8") == render()
        if not fresh:
            sys.stderr.write("docs/asyncapi.yaml is not fresh: run `python -m deploy.asyncapi`\n")
        return 0 if fresh else 1
    TARGET.write_text(render(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
