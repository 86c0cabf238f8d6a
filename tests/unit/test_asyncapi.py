"""The AsyncAPI document is fresh, leads nowhere that is not there, and tells of every topic."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from deploy.asyncapi import STAGES, TARGET, document, render
from schemas.topics import ALERTS, TOPICS
from tests.paths import ROOT


def test_the_committed_document_is_fresh() -> None:
    assert TARGET.read_text("utf-8") == render(), "run `python -m deploy.asyncapi`"


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [ref for value in part.values() for ref in references(value)]
    return [ref for value in part for ref in references(value)] if isinstance(part, list) else []


@pytest.mark.parametrize("reference", sorted(set(references(document()))))
def test_every_reference_leads_somewhere(reference: str) -> None:
    if not reference.startswith("#/"):
        assert (TARGET.parent / reference).is_file()
        return
    at: Any = document()
    for step in reference.removeprefix("#/").split("/"):
        at = at[step]
    assert at


def test_every_topic_is_told_of_and_somebody_writes_it() -> None:
    told = document()
    assert [channel["address"] for channel in told["channels"].values()] == [topic.named() for topic in TOPICS]
    assert {topic.name for _, writes in STAGES.values() for topic in writes} == {topic.name for topic in TOPICS}
    assert told["operations"]["subscribe"]["channel"]["$ref"] == f"#/channels/{ALERTS.name}"


def test_the_official_parser_reads_it_without_complaint() -> None:
    node, parser = shutil.which("node"), ROOT / ".cache" / "asyncapi"
    if node is None or not (parser / "node_modules" / "@asyncapi" / "parser").is_dir():
        pytest.skip("no parser: npm install --prefix .cache/asyncapi @asyncapi/parser@3.4.0")
    command = [node, str(ROOT / "tests" / "unit" / "asyncapi.cjs"), str(parser), str(TARGET)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)
    errors, warnings = 0, 1
    assert [one for one in said["diagnostics"] if one["severity"] in (errors, warnings)] == []
    assert said["channels"] == [topic.named() for topic in TOPICS]
