"""A Kafka of its own for every fault test, because it will be hurt; and a supervisor that starts workers again."""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.kafka import cluster as kafka
from tests.contracts.conftest import Broker
from tests.contracts.harness import Process

_numbers = itertools.count(1)


@pytest.fixture
def kafka_here():
    if reason := kafka.missing():
        pytest.skip(reason)


@pytest.fixture
async def cluster(kafka_here, tmp_path) -> AsyncIterator[kafka.Cluster]:
    async with kafka.cluster(tmp_path / "kafka") as running:
        yield running


@pytest.fixture
async def three_nodes(kafka_here, tmp_path) -> AsyncIterator[kafka.Cluster]:
    async with kafka.cluster(tmp_path / "kafka", nodes=3) as running:
        yield running


def named(cluster: kafka.Cluster) -> Broker:
    """Names that no other test uses, on this cluster."""
    own = f"f{os.getpid()}-{next(_numbers)}"
    return Broker("kafka", cluster.bootstrap, f"{own}.", own)


@pytest.fixture
def broker(cluster) -> Broker:
    return named(cluster)


class Supervisor:
    """Keeps one worker process running, as `marqab up` or Kubernetes would."""

    def __init__(self, broker: Broker, folder: Path, partitions: int = 1, **more) -> None:
        self._made, self._more = (broker, folder, partitions), more
        self.now: Process | None = None
        self.ends: list[int] = []
        self._task: asyncio.Task | None = None

    async def _keep(self) -> None:
        while True:
            self.now = await Process(*self._made, **self._more).start()
            self.ends.append(await self.now.process.wait())
            await asyncio.sleep(0.2)

    async def __aenter__(self) -> "Supervisor":
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.now is not None and self.now.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.now.process.kill()
            await self.now.process.wait()
