"""Write the JSON Schema of every record that travels on a topic to `schemas/json/`: `python -m schemas.generate`.

`--check` writes nothing and exits with 1 where a committed file is not what would be written.
"""

import json
import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from schemas.topics import TOPICS

FOLDER = Path(__file__).with_name("json")


def render() -> dict[str, str]:
    """File name → content, one file per record type (draft 2020-12)."""
    files = {}
    for topic in TOPICS:
        if topic.value is not None:
            name = topic.value.__name__.lower()
            schema = msgspec.json.schema(topic.value)
            head = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": f"urn:marqab:schema:{name}:1",
                "title": topic.value.__name__,
            }
            files[f"{name}.json"] = json.dumps(head | _even(schema), ensure_ascii=False, indent=1) + "\n"
    return files


def _even(schema: Any) -> Any:
    """The same with descriptions as Python 3.13 keeps docstrings: without the indentation of the code around them."""
    if isinstance(schema, dict):
        return {
            key: cleandoc(value) if key == "description" and isinstance(value, str) else _even(value)
            for key, value in schema.items()
        }
    return [_even(one) for one in schema] if isinstance(schema, list) else schema


def main() -> int:
    """Write or check; the exit code is 0 when all is fresh."""
    stale = [n for n, text in render().items() if not (FOLDER / n).is_file() or (FOLDER / n).read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            sys.stderr.write(f"schemas/json/{name} is not fresh: run `python -m schemas.generate`\n")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in render().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
