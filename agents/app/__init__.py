"""The worker: Faust reads four topics, lanes run the pure stages, tables remember. This package alone imports faust.

What Faust is used for: consumer group, assignment, tables with changelogs and their recovery, streams. What it is not
trusted with (decision pages 10 and 50): acknowledging, its send buffer, that what it fetched arrives, its web server.
"""

from agents.app.config import Config
from agents.app.service import create_app, declare, run, serve

__all__ = ["Config", "create_app", "declare", "run", "serve"]
