"""A slow broker: a door before Kafka that holds back the requests that a test chooses, and lets all others pass.

Clients that come through it are told by Kafka itself to come through it always: it is the address of a listener.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka import cluster as kafka

PRODUCE = 0
"""The number of Kafka's request that writes messages."""


def writes(request: bytes) -> bool:
    """Whether a request writes messages."""
    return struct.unpack_from(">h", request)[0] == PRODUCE


def lets_all_pass(_: bytes) -> bool:
    return False


class Door:
    """Passes bytes on between clients and the broker, request by request."""

    def __init__(self) -> None:
        self.holds: Callable[[bytes], bool] = lets_all_pass
        """Asked of every request; the first one held stops all that follow on its connection, as a slow broker does."""
        self.held = asyncio.Event()
        self.port = 0
        self.leads_to = 0
        self._standing: set[asyncio.Task] = set()
        self._visits: set[asyncio.Task] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Door"]:
        server = await asyncio.start_server(self._visited, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self._end(self._visits)

    async def forget(self) -> None:
        """Let all pass again; what was held never arrives."""
        self.holds = lets_all_pass
        await self._end(self._standing)
        self.held.clear()

    async def _end(self, tasks: set[asyncio.Task]) -> None:
        ending = list(tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _visited(self, client_reader, client) -> None:
        visit = asyncio.current_task()
        self._visits.add(visit)
        try:
            broker_reader, broker = await asyncio.open_connection("127.0.0.1", self.leads_to)
            answers = asyncio.create_task(_answers(broker_reader, client))
            try:
                await self._requests(client_reader, broker)
            finally:
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)
                broker.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # one of the two is gone, or the test is over
        finally:
            self._visits.discard(visit)
            self._standing.discard(visit)
            client.close()

    async def _requests(self, reader, broker) -> None:
        while True:
            size = await reader.readexactly(4)
            request = await reader.readexactly(int.from_bytes(size))
            if self.holds(request):
                self._standing.add(asyncio.current_task())
                self.held.set()
                await asyncio.Event().wait()
            broker.write(size + request)
            await broker.drain()


async def _answers(broker_reader, client) -> None:
    while part := await broker_reader.read(1 << 16):
        client.write(part)
        await client.drain()
    client.close()


@dataclass
class NodeBehindADoor(kafka.Node):
    """A broker with a second listener, to which the door leads."""

    behind_port: int = 0
    door_port: int = 0

    def properties(self, nodes) -> str:
        plain = dict(line.split("=", 1) for line in super().properties(nodes).splitlines())
        plain["listeners"] += f",DOOR://127.0.0.1:{self.behind_port}"
        plain["advertised.listeners"] += f",DOOR://127.0.0.1:{self.door_port}"
        plain["listener.security.protocol.map"] += ",DOOR:PLAINTEXT"
        return "".join(f"{name}={value}\n" for name, value in plain.items())


@contextlib.asynccontextmanager
async def slow_kafka(folder: Path) -> AsyncIterator[tuple[kafka.Cluster, Door]]:
    """A Kafka of one node with a door; its own address stays open beside it."""
    async with Door().open() as door:
        door.leads_to = kafka.free_port()
        places = kafka.free_port(), kafka.free_port(), folder / "node-1"
        node = NodeBehindADoor(1, *places, behind_port=door.leads_to, door_port=door.port)
        async with kafka.started([node]) as cluster:
            yield cluster, door
