"""The rights of each component follow what the code reads and writes."""

import json

import pytest
from click.testing import CliRunner

from agents.duties import READS
from marqab.__main__ import main
from marqab.rights import FLOW, ROLES, command, rights
from schemas.topics import ALERTS, CURSORS, INCIDENTS, POSTS, REJECTS, REPORTS, SIGHTINGS, TABLES, TOPICS


def granted(role: str, operation: str) -> set[str]:
    return {name for name, operations in FLOW[role].items() if operation in operations}


def test_the_worker_may_read_what_its_stages_read_and_write_what_they_send() -> None:
    assert granted("worker", "Read") >= {topic.name for topic in READS.values()}
    assert granted("worker", "Write") == {topic.name for topic in (REPORTS, SIGHTINGS, INCIDENTS, ALERTS, REJECTS)}
    named = {right.name for right in rights("worker", prefix="p.", app_id="a")}
    assert {f"a-{table}-changelog" for table in TABLES} <= named


def test_only_connectors_write_posts_and_cursors_and_only_the_worker_writes_alerts() -> None:
    writers = {topic.name: {role for role in ROLES if topic.name in granted(role, "Write")} for topic in TOPICS}
    assert writers[ALERTS.name] == {"worker"}
    assert writers[CURSORS.name] == {"connectors"}
    assert writers[POSTS.name] == {"connectors", "canary", "operator"}
    assert writers[SIGHTINGS.name] == {"worker", "operator"}


def test_an_operator_may_create_and_check_every_topic() -> None:
    assert granted("operator", "Create") == granted("operator", "DescribeConfigs") == {topic.name for topic in TOPICS}


@pytest.mark.parametrize("role", ROLES)
def test_every_right_is_a_command_and_a_rule(role: str) -> None:
    lines = CliRunner().invoke(main, ["topics", "acls", "--role", role, "--principal", f"{role}=User:x y"]).output
    told = rights(role)
    assert lines.splitlines() == [command(right, "User:x y", "HOST:PORT") for right in told]
    assert all("'User:x y'" in line for line in lines.splitlines())
    rules = json.loads(CliRunner().invoke(main, ["topics", "acls", "--role", role, "--json"]).output)
    assert [(rule["resourceName"], rule["operations"]) for rule in rules] == [
        (right.name, list(right.operations)) for right in told
    ]
    assert {rule["principal"] for rule in rules} == {f"User:marqab-{role}"}


def test_a_principal_for_nobody_is_a_mistake() -> None:
    said = CliRunner().invoke(main, ["topics", "acls", "--principal", "worker=alice"])
    assert said.exit_code == 2
    assert "ROLE=User:NAME" in said.output
