"""Every promise names tests that exist, and is one of a list that cannot lose them unnoticed."""

import ast
import re
from functools import cache

import pytest

from tests.paths import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PAGES = ("docs/guarantees.md", "SECURITY.md")
NO_PROOF = (
    "## What a consumer must do",
    "## What is not promised",
    "## Setting up",
    "Not defended",
    "Use an account",
    "What must be reached",
)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, functions) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_that_a_page_names_exist(page: str) -> None:
    named = NAMED.findall((ROOT / page).read_text("utf-8"))
    assert len(named) > 25
    missing = [
        f"{path}::{name}" for path, name in named if not (ROOT / path).is_file() or name not in functions_of(path)
    ]
    assert not missing, f"{page} names tests that are not there (renamed?): {missing}"


def test_every_promise_has_its_proof() -> None:
    promises, _, _ = (ROOT / "docs/guarantees.md").read_text("utf-8").partition("## What a consumer must do")
    bare = [line for line in promises.splitlines() if line.startswith("- ") and not NAMED.search(line)]
    assert not bare


def test_every_defence_has_its_proof() -> None:
    text, _, _ = (ROOT / "SECURITY.md").read_text("utf-8").partition("## Setting up Kafka")
    _, _, threats = text.partition("### A hostile source")
    rows = [line for line in threats.splitlines() if line.startswith(("| to ", "- "))]
    bare = [row for row in rows if not NAMED.search(row) and not any(word in row for word in NO_PROOF)]
    assert len(rows) > 20
    assert not bare
