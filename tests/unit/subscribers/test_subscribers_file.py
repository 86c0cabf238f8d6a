"""The subscribers file: the example is right, and every mistake is a sentence that says where."""

from pathlib import Path

import pytest

from schemas.errors import Misconfigured
from subscribers.settings import load_subscribers
from tests.paths import ROOT

ENVIRON = {"SECRET": "s"}
HOOK = 'to = { by = "webhook", url = "https://x.example/", secret_from = "SECRET" }'


def test_the_example_is_right_and_relative_paths_belong_to_the_file() -> None:
    path = ROOT / "deploy" / "subscribers.example.toml"
    names = ["NEWSROOM", "FIELD_TEAM", "RESEARCHERS"]
    file = load_subscribers(path, {f"MARQAB_SECRET_{name}": "x" for name in names})
    assert [one.id for one in file.subscriber] == ["newsroom", "field-team", "researchers"]
    assert file.dead_letters == str(path.parent / "dead-letters")
    assert file.cap.status == "System"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("subscriber = 1", "two brackets"),
        ("[[subscriber]]\nid = 'a'", "missing required field `to`"),
        (f"[[subscriber]]\nid = 'A b'\n{HOOK}", "id"),
        (f"[[subscriber]]\nid = 'a'\ncountry = 'SY'\n{HOOK}", 'subscriber 1 \\("a"\\).*unknown field `country`'),
        (f"[[subscriber]]\nid = 'a'\ncountries = ['Syria']\n{HOOK}", "countries"),
        (f"[[subscriber]]\nid = 'a'\ntypes = ['attack']\n{HOOK}", "types"),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}\n[[subscriber]]\nid = 'a'\n{HOOK}", "two subscribers have the id a"),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}".replace("SECRET", "NOWHERE"), r"NOWHERE \(or NOWHERE_FILE\) is not set"),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}".replace("https", "ftp"), "no http or https address"),
        (
            f"[[subscriber]]\nid = 'a'\n{HOOK}\nquiet = {{start = 22:00:00, end = 06:00:00, timezone = 'Mars/Base'}}",
            "Mars/Base is no time zone",
        ),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}\nquiet = {{start = 22:00:00, end = 22:00:00}}", "no hours"),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}\nmute = [{{}}]", "one of them"),
        (f"[[subscriber]]\nid = 'a'\n{HOOK}\nmute = [{{type = 'raid', until = 2026-01-01T00:00:00}}]", "zone of mute"),
        ("[cap]\nsender = 'two words'", "sender"),
        ("[cap]\nstatus = 'Real'", "status"),
        ("a = ", "not TOML"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "subscribers.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Misconfigured, match=says):
        load_subscribers(path, ENVIRON)


def test_no_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_subscribers(tmp_path / "none.toml", ENVIRON)
