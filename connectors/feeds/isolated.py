"""Parsing that cannot hold anything up.

A few hundred kilobytes of `<!DOCTYPE` keep the best parsers busy for minutes. So a long document is read by a process
that can be killed (`connectors.feeds.cell`). Short documents, nearly all, are read in a thread, where even the worst of
them take seconds at most.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from connectors.feeds.cell import Cells, TooHard, serve
from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.parse import parse

LONG_BYTES: Final = 256 * 1024
LIMIT_SECONDS: Final = 20.0
THREADS: Final = 2


class Parsers:
    """Reads documents without holding up the event loop; an async context."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS, long_bytes: int = LONG_BYTES) -> None:
        """Nothing is started yet.

        Args:
            limit_seconds: longest time for one long document.
            long_bytes: from this size on a document is read in a process of its own.
        """
        self._long = long_bytes
        self._threads = ThreadPoolExecutor(THREADS, "parse")
        self.cells = Cells(__name__, 1, limit_seconds)

    async def __aenter__(self) -> "Parsers":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cells.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def parse(self, body: bytes, *, content_type: str | None, url: str) -> Document | NotAFeed:
        """See `connectors.feeds.parse.parse`; a document that takes too long is not a feed."""
        question = (body, content_type, url)
        if len(body) < self._long:
            return await asyncio.get_running_loop().run_in_executor(self._threads, _parse, question)
        try:
            answer: Document | NotAFeed = await self.cells.ask(question)
        except TooHard as error:
            return NotAFeed(reason=f"the document {error}", kind="too_hard")
        return answer


def _parse(question: tuple[bytes, str | None, str]) -> Document | NotAFeed:
    body, content_type, url = question
    return parse(body, content_type=content_type, url=url)


if __name__ == "__main__":
    serve(_parse)
