"""Structured logs: one JSON object a line for machines, a short line for people; no secrets, no post's text."""

import logging
import os
import ssl
import sys
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from marqab.secrets import Veil
from marqab.settings import Settings
from subscribers.safe import terminal

_QUIET = ("aiokafka", "faust", "mode", "telethon", "aiohttp.access", "asyncio", "hypothesis")


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
    handler.setFormatter(_Veiled(form, Veil.of(os.environ), for_people=not as_json))
    level = settings.log_level.upper()
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))
