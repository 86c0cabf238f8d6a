"""How much memory reading an export of Telegram Desktop takes: `python -m benchmarks.export [--megabytes 500]`.

Makes a `result.json` of this size and publishes it to a sink that forgets, as `marqab backfill --export` does. Prints
JSON: seconds, and by how much the process grew at its peak; the size of the file must not show in it.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from connectors.base import Batch, Position, Setup
from connectors.health import HealthBoard
from connectors.settings import ConnectorSettings
from connectors.sources import SourceSettings
from connectors.telegram.backfill import backfill_export
from schemas.kinds import SourceKind

TEXT = "ارتفعت حصيلة الهجوم المسلح على حاجز لقوى الأمن الداخلي في مدينة الرقة إلى {} قتلى من القوة. "
"""“The toll of the attack on a checkpoint in Raqqa rises to {} killed.”"""
BEGAN = 1_700_000_000


class Forgets:
    """A sink that keeps nothing."""

    async def positions(self) -> dict[str, Position]:
        """None."""
        return {}

    async def deliver(self, batch: Batch) -> None:
        """Take it."""


def rows(size: int) -> Iterator[str]:
    """Rows of messages until so many bytes are reached."""
    number = 0
    while size > 0:
        number += 1
        words = TEXT.format(number % 97) * 4
        row = {
            "id": number,
            "type": "message",
            "date": "2026-01-01T10:00:00",
            "date_unixtime": str(BEGAN + 60 * number),
            "from": "channel",
            "from_id": "channel1001",
            "text": [words, {"type": "bold", "text": "عاجل"}],
            "text_entities": [{"type": "plain", "text": words}, {"type": "bold", "text": "عاجل"}],
        }
        line = json.dumps(row, ensure_ascii=False)
        size -= len(line.encode())
        yield line


def write(path: Path, size: int) -> None:
    """The export, never whole in memory."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "channel", "type": "public_channel", "id": 1001, "messages": [')
        for number, row in enumerate(rows(size)):
            file.write(",\n" * bool(number) + row)
        file.write("]}")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def measure(path: Path) -> dict[str, float]:
    """Read it; gives the figures."""
    source = SourceSettings(id="s", kind=SourceKind.TELEGRAM, channel="channel", channel_id=1001)
    setup = Setup(sources=(source,), settings=ConnectorSettings(), sink=Forgets(), positions={}, health=HealthBoard())
    before, began = _peak(), time.perf_counter()
    posts = await backfill_export(source, path, setup, lambda *_: None)
    return {
        "posts": posts,
        "seconds": round(time.perf_counter() - began, 1),
        "grew_by_megabytes": round((_peak() - before) / 1024, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        write(path, options.megabytes * 1_000_000)
        print(json.dumps({"megabytes": options.megabytes, **asyncio.run(measure(path))}, indent=1))


if __name__ == "__main__":
    main()
