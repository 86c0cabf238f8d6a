"""Structured logs: one JSON object a line for machines, a short line for people; no secrets, no post's text."""

import logging
import math
import os
import ssl
import sys
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from marqab.secrets import Veil
from marqab.settings import Settings
from subscribers.safe import terminal

_QUIET = ("aiokafka", "faust", "mode", "telethon", "aiohttp.access", "asyncio", "hypothesis")


_MOST_SENTENCES = 1_000
_REPEAT_SECONDS = 10.0
"""A library's sentence is told once in so long: aiokafka tells thirty times a second that a broker is away."""


class Repeats(logging.Filter):
    """Lets what a library says over and over through once in a while, with the number of times it was left out.

    Ours and everything that carries a traceback always pass. Time is the record's own.
    """

    def __init__(self, libraries: tuple[str, ...] = _QUIET, seconds: float = _REPEAT_SECONDS) -> None:
        super().__init__()
        self._libraries, self._seconds = libraries, seconds
        self._told: dict[tuple[str, str], tuple[float, int]] = {}
        """When each sentence (before its values are filled in) was told last, and how often it was left out since."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what is left out; what passes after a pause says how often it was."""
        if record.exc_info or not record.name.startswith(self._libraries):
            return True
        key = record.name, str(record.msg)
        last, left_out = self._told.get(key, (-math.inf, 0))
        if 0 <= record.created - last < self._seconds:  # a clock that was set back must not silence anybody
            self._told[key] = (last, left_out + 1)
            return False
        if len(self._told) > _MOST_SENTENCES:  # libraries that fill in their sentences themselves
            self._told.clear()
        self._told[key] = (record.created, 0)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (and {left_out} times more since it was last told)", None
        return True


class _Veiled(logging.Formatter):
    """Stars over secrets in what another formatter made, tracebacks included."""

    def __init__(self, form: logging.Formatter, veil: Veil, *, for_people: bool) -> None:
        super().__init__()
        self._form, self._veil, self._for_people = form, veil, for_people

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several with a traceback."""
        line = self._veil.over(self._form.format(record))
        return terminal(line) if self._for_people else line  # JSON escapes what terminals obey


def _says_more_than_farewell(record: logging.LogRecord) -> bool:
    """False for what a server still sent while we closed a TLS connection: asyncio tells it as an error nobody took."""
    error = record.exc_info[1] if record.exc_info else None
    return not (isinstance(error, ssl.SSLError) and error.reason == "APPLICATION_DATA_AFTER_CLOSE_NOTIFY")


def without_farewells() -> None:
    """Leave out of this process's logs, configured or not, what means nothing: see `_says_more_than_farewell`."""
    logging.getLogger("asyncio").addFilter(_says_more_than_farewell)


def configure(settings: Settings, component: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process to standard error in the configured form, once."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not out.isatty())
    if as_json:
        form: logging.Formatter = JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            static_fields={"component": component},
            json_ensure_ascii=False,
        )
    else:
        form = logging.Formatter("%(asctime)s %(levelname).1s %(name)s: %(message)s", datefmt="%H:%M:%S")
    handler.addFilter(Repeats())
    handler.setFormatter(_Veiled(form, Veil.of(os.environ), for_people=not as_json))
    level = settings.log_level.upper()
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
