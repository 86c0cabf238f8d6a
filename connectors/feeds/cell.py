"""Work in a process that can be killed.

Some documents keep the best parsers busy for minutes or take gigabytes, and a thread cannot be stopped. So such work is
done by a process of its own with a limit of time and of memory: started when first needed, kept for the next question,
killed when it takes too long, replaced when it has died. It ends by itself when its input does, so it never outlives
us.

On the pipe: the length of a pickle in eight bytes, then the pickle. Both ends are this module. The process reads what
strangers wrote, so it is given no secrets, and of its answers only plain values and our own classes are believed.
"""

import asyncio
import io
import os
import pickle
import struct
import sys
from collections.abc import Callable
from typing import Any, Final

_LENGTH: Final = struct.Struct(">Q")
_OURS: Final = ("connectors.", "schemas.", "datetime")


class TooHard(Exception):
    """The question took too long, or the process died of it; its text is a sentence."""


class Cell:
    """One process that answers one question at a time; whoever asks takes care of that."""

    def __init__(self, module: str, limit_seconds: float) -> None:
        """Nothing is started yet.

        Args:
            module: run with `python -m`; its `main` calls `serve`.
            limit_seconds: longest time for one question.
        """
        self._module, self.limit_seconds = module, limit_seconds
        self.process: asyncio.subprocess.Process | None = None

    async def ask(self, question: Any) -> Any:
        """The process's answer.

        Raises:
            TooHard: it took too long, or died; the next question gets a new process.
        """
        try:
            async with asyncio.timeout(self.limit_seconds):
                return await self._talk(question)
        except TimeoutError as error:
            await self.close()
            raise TooHard(f"could not be read within {self.limit_seconds:g} seconds") from error
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            await self.close()
            raise TooHard(f"made its reader give up ({error!r})") from error
        except BaseException:
            await self.close()  # cancelled half-way: what it would answer next belongs to nobody
            raise

    async def _talk(self, question: Any) -> Any:
        if self.process is None or self.process.returncode is not None:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={name: value for name, value in os.environ.items() if not name.startswith("MARQAB_")},
                start_new_session=True,  # Ctrl-C is for us; the process ends with its input
            )
        sending, reading = self.process.stdin, self.process.stdout
        if sending is None or reading is None:
            raise OSError("the process has no pipes")
        sending.write(_packed(question))
        await sending.drain()
        (length,) = _LENGTH.unpack(await reading.readexactly(_LENGTH.size))
        return _Believed(io.BytesIO(await reading.readexactly(length))).load()

    async def close(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


class Cells:
    """So many processes at most; questions wait for a free one."""

    def __init__(self, module: str, size: int, limit_seconds: float) -> None:
        """Nothing is started yet; see `Cell`."""
        self.cells = [Cell(module, limit_seconds) for _ in range(size)]
        self._free = list(self.cells)
        self._turn = asyncio.Semaphore(size)

    async def ask(self, question: Any) -> Any:
        """See `Cell.ask`; the cell used last is asked first, so that a quiet time needs one process only."""
        async with self._turn:
            cell = self._free.pop()
            try:
                return await cell.ask(question)
            finally:
                self._free.append(cell)

    async def close(self) -> None:
        """End all processes."""
        for cell in self.cells:
            await cell.close()


class _Believed(pickle.Unpickler):
    """Reads values and our own classes; a process that a document has taken over gets nothing else done here."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of this name.

        Raises:
            pickle.UnpicklingError: it is none of ours, or no class.
        """
        found = super().find_class(module, name) if module.startswith(_OURS) else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into an answer")
        return found


def _packed(value: Any) -> bytes:
    raw = pickle.dumps(value)
    return _LENGTH.pack(len(raw)) + raw


def serve(answer: Callable[[Any], Any], memory_bytes: int | None = None) -> None:
    """The process's side: answer until the input ends.

    Args:
        answer: gives the answer to a question; what it raises ends the process, and the asker is told.
        memory_bytes: most address space that the process may take; None for no limit.
    """
    if memory_bytes is not None:
        _limit_memory(memory_bytes)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        question = pickle.loads(source.read(length))  # noqa: S301 - from the process that started us
        try:
            found = answer(question)
        except MemoryError:
            sys.exit("a document took too much memory and is given up")
        target.write(_packed(found))
        target.flush()


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource  # noqa: PLC0415 - not on every system

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, most))
    except (ImportError, ValueError, OSError):
        return  # a system that cannot limit it; the limit of time remains
