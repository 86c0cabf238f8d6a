"""`make kafka`: Apache Kafka in the foreground until Ctrl-C (`python -m deploy.kafka.run --help`)."""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
from pathlib import Path

from deploy.kafka.cluster import CACHE, cluster
from schemas.errors import MarqabError


def main() -> int:
    """Run until interrupted; the exit code is 0 unless Kafka could not start."""
    parser = argparse.ArgumentParser(prog="make kafka", description=__doc__)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="brokers (default 1)")
    parser.add_argument("--port", type=int, default=9092, help="of the first broker; 0: any free one (default 9092)")
    parser.add_argument("--folder", type=Path, help="where messages are kept (default: the cache folder)")
    parser.add_argument("--fresh", action="store_true", help="forget the messages of earlier runs")
    options = parser.parse_args()
    folder = options.folder or CACHE / f"messages-{options.nodes}"
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        asyncio.run(_run(folder, options.nodes, options.port))
    except MarqabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(folder: Path, nodes: int, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        starting = asyncio.ensure_future(stack.enter_async_context(cluster(folder, nodes=nodes, first_port=port)))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        stopped.cancel()
        running = starting.result()
        sys.stdout.write(f"Kafka is ready. export MARQAB_KAFKA_BOOTSTRAP_SERVERS={running.bootstrap}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
