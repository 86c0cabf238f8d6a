"""What all commands share: settings from options and environment, and errors as sentences."""

import asyncio
import contextlib
import os
import signal
import sys
import traceback
import types
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import click

from marqab.logs import without_farewells
from marqab.secrets import Veil
from marqab.settings import Settings, Told, load
from schemas.errors import MarqabError

EXIT_FAILED = MarqabError.exit_code


def settings_from(**options: Any) -> tuple[Settings, list[Told]]:
    """Settings of this run; options that were not given do not count."""
    return load(os.environ, **options)


def alerts_broker(settings: Settings) -> str:
    """Where alerts are read: the named brokers, else the embedded one of `marqab up` on the port that settings know."""
    return settings.kafka_bootstrap_servers or f"127.0.0.1:{settings.embedded_port}"


class Sentences(click.Group):
    """A group whose commands end with one sentence instead of a traceback where marqab knows what is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that marqab knows ends it with its sentence and its exit code."""
        without_farewells()
        veil = Veil.of(os.environ)
        sys.excepthook = partial(_veiled_traceback, veil)
        try:
            return super().invoke(ctx)
        except MarqabError as error:
            click.echo(veil.over(f"marqab: {error}"), err=True)
            ctx.exit(error.exit_code)


def _veiled_traceback(
    veil: Veil, kind: type[BaseException], error: BaseException, trace: types.TracebackType | None
) -> None:
    """What Python prints of an error that nobody expected, without secrets."""
    sys.stderr.write(veil.over("".join(traceback.format_exception(kind, error, trace))))


def run_until_stopped(main: Callable[[], Coroutine[Any, Any, int | None]]) -> None:
    """Run an async command; SIGINT and SIGTERM cancel it, everything is closed in order, and the exit code tells.

    Exits with what `main` returns, or 128 + the signal's number (130 for Ctrl-C) when it was stopped.
    """
    sys.exit(asyncio.run(_guarded(main)))


async def _guarded(main: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    task = asyncio.ensure_future(main())
    stopped_by: list[int] = []

    def stop(number: int) -> None:
        if not stopped_by:
            task.cancel()
        stopped_by.append(number)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    with contextlib.suppress(asyncio.CancelledError):
        return await task or 0
    if not stopped_by:
        raise asyncio.CancelledError
    # An orderly stop on request is a success for a supervisor; Ctrl-C keeps the shell's convention.
    return 0 if stopped_by[0] == signal.SIGTERM else 128 + stopped_by[0]
