"""Parsing in a process that can be killed.

A few hundred kilobytes of `<!DOCTYPE` keep the best parsers busy for minutes, and a thread cannot be stopped. So a
long document is read by a helper process with a time limit: it is started when it is first needed, stays for the next
one, is killed when it takes too long, and ends by itself when its input does (so it never outlives us). Short
documents, nearly all, are read in a thread, where even the worst of them take seconds at most.

On the pipe: the length of a pickle in eight bytes, then the pickle. Both ends are this module.
"""

import asyncio
import pickle
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from connectors.feeds.document import Document, NotAFeed
from connectors.feeds.parse import parse

LONG_BYTES: Final = 256 * 1024
LIMIT_SECONDS: Final = 20.0
THREADS: Final = 2
_LENGTH: Final = struct.Struct(">Q")


class Parsers:
    """Reads documents without holding up the event loop; an async context."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS, long_bytes: int = LONG_BYTES) -> None:
        """Nothing is started yet.

        Args:
            limit_seconds: longest time for one long document.
            long_bytes: from this size on a document goes to the helper.
        """
        self._limit, self._long = limit_seconds, long_bytes
        self._threads = ThreadPoolExecutor(THREADS, "parse")
        self._one_at_a_time = asyncio.Lock()
        self._helper: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Parsers":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._kill()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def parse(self, body: bytes, *, content_type: str | None, url: str) -> Document | NotAFeed:
        """See `connectors.feeds.parse.parse`; a document that takes too long is not a feed."""
        if len(body) < self._long:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _parse, (body, content_type, url))
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(self._limit):
                    return await self._ask((body, content_type, url))
            except TimeoutError:
                await self._kill()
                return NotAFeed(
                    reason=f"the document could not be read within {self._limit:g} seconds", kind="too_hard"
                )
            except (EOFError, OSError) as error:
                await self._kill()
                return NotAFeed(reason=f"the document made the parser give up ({error!r})", kind="too_hard")
            except BaseException:
                await self._kill()  # cancelled half-way: what it would answer next belongs to nobody
                raise

    async def _ask(self, question: tuple[bytes, str | None, str]) -> Document | NotAFeed:
        if self._helper is None or self._helper.returncode is not None:
            self._helper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "connectors.feeds.isolated"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us; the helper ends with its input
            )
        sending, reading = self._helper.stdin, self._helper.stdout
        if sending is None or reading is None:
            raise OSError("the helper has no pipes")
        sending.write(_packed(question))
        await sending.drain()
        (length,) = _LENGTH.unpack(await reading.readexactly(_LENGTH.size))
        answer: Document | NotAFeed = pickle.loads(await reading.readexactly(length))  # noqa: S301 - from our own helper
        return answer

    async def _kill(self) -> None:
        helper, self._helper = self._helper, None
        if helper is not None and helper.returncode is None:
            helper.kill()
            await helper.wait()


def _parse(question: tuple[bytes, str | None, str]) -> Document | NotAFeed:
    body, content_type, url = question
    return parse(body, content_type=content_type, url=url)


def _packed(value: Any) -> bytes:
    raw = pickle.dumps(value)
    return _LENGTH.pack(len(raw)) + raw


def main() -> None:
    """The helper: answer until the input ends."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        question = pickle.loads(source.read(length))  # noqa: S301 - from the process that started us
        target.write(_packed(_parse(question)))
        target.flush()


if __name__ == "__main__":
    main()
