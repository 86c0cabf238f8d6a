"""Alert rules: about declared metrics, each with a page and with tests that see it fire and see it be silent."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from marqab.__main__ import COMMANDS, main
from marqab.settings import PREFIX, Settings
from schemas.metrics import BY_NAME
from tests.paths import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
PAGES = ROOT / "docs" / "runbooks"
FILES = sorted((FOLDER / "rules").glob("*.yml"))
RULES = {
    rule["alert"]: rule
    for file in FILES
    for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
    for rule in group["rules"]
}
TESTS = [
    look | {"test": test["name"]}
    for file in sorted((FOLDER / "tests").glob("*.yml"))
    for test in yaml.safe_load(file.read_text("utf-8"))["tests"]
    for look in test["alert_rule_test"]
]


def run(*words: str) -> str:
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no {words[0]} (Debian: apt-get install prometheus prometheus-alertmanager)")
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=FOLDER)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_whole_and_about_what_is_measured(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in {"critical", "warning", "none"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"].endswith(f"/{name}.md")
    for metric in re.findall(r"\bmarqab_\w+", re.sub(r'"[^"]*"', "", rule["expr"])):
        assert metric.removesuffix("_bucket") in BY_NAME, metric


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_seen_to_fire_and_to_be_silent(name: str) -> None:
    looks = [look for look in TESTS if look["alertname"] == name]
    assert any(look.get("exp_alerts") for look in looks), "nothing shows that it fires"
    if name != "Watchdog":
        assert any(not look.get("exp_alerts") for look in looks), "nothing shows that it can be silent"


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(RULES)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_a_page_says_what_to_do_with_commands_settings_and_pages_that_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"^#+ .*$", text, re.MULTILINE) == [
        f"# {page.stem}",
        "## What it means",
        "## How to see it",
        "## What to do",
    ]
    for words in re.findall(r"`marqab ([a-z -]+)", text):
        command, *rest = words.split()
        assert command in COMMANDS, words
        found = main.get_command(None, command)  # type: ignore[arg-type]
        if hasattr(found, "commands") and rest:
            assert rest[0] in found.commands, words
        for option in (word for word in rest if word.startswith("--")):
            assert any(option in parameter.opts for parameter in found.params), words
    for setting in re.findall(rf"\b{PREFIX}[A-Z_]+\b", text):
        assert setting.removeprefix(PREFIX).lower() in Settings.__struct_fields__, setting
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (PAGES / link).is_file(), link


def test_inhibitions_and_routes_name_rules_that_exist() -> None:
    told = yaml.safe_load((FOLDER / "alertmanager.yml").read_text("utf-8"))
    matchers = [
        matcher
        for rule in told["inhibit_rules"]
        for matcher in (*rule["source_matchers"], *rule["target_matchers"])
        if matcher.startswith("alertname")
    ]
    for matcher in matchers:
        pattern = matcher.partition('"')[2].rstrip('"')
        for one in pattern.split("|"):
            assert any(re.fullmatch(one, name) for name in RULES), one


def test_promtool_finds_no_fault() -> None:
    told = run("promtool", "check", "rules", "--lint-fatal", *(str(file) for file in FILES))
    assert sum(int(count) for count in re.findall(r"(\d+) rules found", told)) == len(RULES)
    for name in ("prometheus.yml", "local.yml"):
        assert f"{len(FILES)} rule files found" in run("promtool", "check", "config", name)


def test_rules_fire_and_are_silent_as_they_should() -> None:
    files = sorted(str(path) for path in (FOLDER / "tests").glob("*.yml"))
    assert run("promtool", "test", "rules", *files).count("SUCCESS") == len(files) >= len(FILES)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=none"], "dead-man"),
        (["alertname=MarqabBehind", "severity=critical"], "pager"),
        (["alertname=MarqabRejects", "severity=warning"], "desk-hours"),
    ],
)
def test_alerts_go_where_they_should(labels: list[str], receiver: str) -> None:
    run("amtool", "check-config", "alertmanager.yml")
    assert run("amtool", "config", "routes", "test", "--config.file", "alertmanager.yml", *labels).strip() == receiver
