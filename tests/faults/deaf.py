"""`marqab worker` whose consumer goes deaf after so many messages, as Faust's does after some outages of the broker.

`python -m tests.faults.deaf MESSAGES STALLED_SECONDS`, with marqab's settings in the environment.
"""

import asyncio
import os
import sys
from dataclasses import replace

from agents import progress
from agents.app.reader import Thread
from marqab import logs, worker
from marqab.settings import load
from schemas.errors import MarqabError

SLOW_SECONDS = 6.0


def main(messages: int, stalled_seconds: float) -> int:
    """Run until it ends itself; the exit code and what it says are those of `marqab worker`."""
    settings, _ = load(os.environ)
    logs.configure(settings, "worker")
    hear, made = Thread.getmany, worker.config_of

    async def getmany(thread, *arguments):
        if thread.app.worker.progress.finished >= messages:
            await asyncio.Event().wait()
        return await hear(thread, *arguments)

    Thread.getmany = getmany
    worker.config_of = lambda *told: replace(made(*told), stalled_seconds=stalled_seconds)
    progress.SLOW_SECONDS = SLOW_SECONDS
    try:
        worker.main(settings, settings.kafka_bootstrap_servers)
    except MarqabError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
