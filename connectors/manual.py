"""Writes the table of a source's fields in docs/sources.md from `SourceSettings`: `python -m connectors.manual`.

`--check` writes nothing and exits with 1 where the committed page is not what would be written.
"""

import ast
import inspect
import sys
from pathlib import Path
from typing import Final

from connectors import sources

PAGE: Final = Path(__file__).parents[1] / "docs" / "sources.md"
START, END = "<!-- fields: made by `python -m connectors.manual` -->", "<!-- end of fields -->"


def fields() -> list[tuple[str, str, str, str]]:
    """Name, type, default and sentence of every field, in order."""
    (settings,) = (
        node
        for node in ast.parse(inspect.getsource(sources)).body
        if isinstance(node, ast.ClassDef) and node.name == "SourceSettings"
    )
    found = []
    for statement, following in zip(settings.body, settings.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            sentence = ast.literal_eval(following.value) if isinstance(following, ast.Expr) else ""
            default = ast.unparse(statement.value) if statement.value else "required"
            found.append((statement.target.id, ast.unparse(statement.annotation), _shown(default), sentence))
    return found


def _shown(default: str) -> str:
    plain = {"None": "–", "{}": "–", "[]": "–", "''": "–", "True": "true", "False": "false"}
    if default.startswith("SourceRole."):
        return default.removeprefix("SourceRole.").lower()
    return plain.get(default, default.removeprefix("Reliability.").strip("'"))


def render(page: str) -> str:
    """The page with a fresh table."""
    rows = [f"| `{name}` | {default} | {sentence} |" for name, _, default, sentence in fields()]
    table = "\n".join(["| field | default | meaning |", "|---|---|---|", *rows])
    head, _, rest = page.partition(START)
    return f"{head}{START}\n{table}\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Write or check; the exit code is 0 when all is fresh."""
    page = PAGE.read_text("utf-8")
    fresh = render(page)
    if "--check" in sys.argv[1:]:
        return int(fresh != page)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
