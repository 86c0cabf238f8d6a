"""Write the dashboards, or say whether the committed ones are fresh: `python -m deploy.grafana [--check]`."""

import sys
from pathlib import Path

from deploy.grafana.boards import BOARDS
from deploy.grafana.render import text

FOLDER = Path(__file__).parent / "dashboards"


def stale() -> list[str]:
    """Names of files that are not as generated, are missing, or have no board any more."""
    wanted = {f"{board.uid}.json": text(board) for board in BOARDS}
    have = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    return sorted(name for name in wanted.keys() | have.keys() if wanted.get(name) != have.get(name))


def main() -> None:
    """Write, or with `--check` end with 1 where something is stale."""
    if "--check" in sys.argv[1:]:
        if names := stale():
            sys.exit(f"not as generated: {', '.join(names)}; run `python -m deploy.grafana`")
        return
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for board in BOARDS:
        (FOLDER / f"{board.uid}.json").write_text(text(board), "utf-8")


if __name__ == "__main__":
    main()
