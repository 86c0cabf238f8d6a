"""Child processes that live and die with us: `marqab up` and `marqab demo` run the halves of marqab this way.

Theory: a parent that is gone must leave nothing behind, even when it was killed with SIGKILL (`marqab.tether`), and a
child that ends by itself is started again, slower each time it fails soon. Only a child that is misconfigured is not:
it would say the same sentence for ever.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marqab import tether
from schemas.errors import Misconfigured

log = logging.getLogger(__name__)

STOP_SECONDS = 12.0
"""A worker drains and commits within 10 s of SIGTERM; what is still there after this is killed."""
STEADY_SECONDS = 60.0
"""A child that ran this long starts with a clean record when it ends."""


@dataclass(frozen=True)
class Child:
    """One process to keep running: a name for logs, its arguments and environment, and the signals passed on to it."""

    name: str
    arguments: Sequence[str]
    environ: Mapping[str, str]
    hears: tuple[int, ...] = ()


async def _start(child: Child) -> asyncio.subprocess.Process:
    # A session of its own keeps the terminal's Ctrl-C away from the child: we stop it ourselves, in order.
    return await asyncio.create_subprocess_exec(
        *tether.command(list(child.arguments)),
        env={**os.environ, **child.environ},
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def stop(process: asyncio.subprocess.Process, seconds: float) -> bool:
    """Ask the process to end, kill it after this long; returns when it is gone, False where it had to be killed."""
    if process.returncode is not None:
        return True
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return True


Running = dict[str, asyncio.subprocess.Process]
"""The children that live now, by name."""


async def keep_running(child: Child, running: Running | None = None) -> None:
    """Run the child until cancelled; start it again when it ends, after 1, 2, 4 … 60 s while it keeps failing soon.

    Args:
        child: what to run.
        running: told of the process while it lives.

    Raises:
        Misconfigured: the child ended as one that is; it has said what to mend.
    """
    running = {} if running is None else running
    loop = asyncio.get_running_loop()
    failures = 0
    while True:
        began = loop.time()
        process = running[child.name] = await _start(child)
        try:
            code = await process.wait()
        finally:
            if not await stop(process, STOP_SECONDS):
                log.warning("%s did not stop within %.0f s and was killed", child.name, STOP_SECONDS)
        if code == Misconfigured.exit_code:
            raise Misconfigured(
                f"the {child.name} cannot run as it is configured; mend what it says above, then start again"
            )
        failures = 0 if loop.time() - began > STEADY_SECONDS else failures + 1
        pause = min(60.0, 2.0 ** min(failures - 1, 6)) if failures else 0.0
        log.error("%s ended with code %s; starting it again in %.0f s", child.name, code, pause)
        await asyncio.sleep(pause)


async def run_all(children: Sequence[Child]) -> None:
    """Keep all of them running until cancelled, and pass on the signals that they want to hear.

    Raises:
        Misconfigured: one of them is; the others have been stopped.
    """
    running: Running = {}
    loop = asyncio.get_running_loop()
    wanted = {number for child in children for number in child.hears}
    for number in wanted:
        loop.add_signal_handler(number, _pass_on, number, children, running)
    try:
        async with asyncio.TaskGroup() as group:
            for child in children:
                group.create_task(keep_running(child, running), name=child.name)
    except BaseExceptionGroup as failed:  # the first that ended; the others were stopped because of it
        raise failed.exceptions[0] from None
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)


def _pass_on(number: int, children: Sequence[Child], running: Running) -> None:
    for child in children:
        process = running.get(child.name)
        if number in child.hears and process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
