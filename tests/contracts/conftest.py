"""The fixture `broker`: every contract test runs on the embedded broker and on real Apache Kafka."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.kafka import cluster as kafka
from marqab import admin, embedded
from schemas.topics import TOPICS


@dataclass(frozen=True)
class Broker:
    """One running broker, and names on it that no other test uses."""

    kind: str
    """`embedded` or `kafka`."""
    bootstrap: str
    prefix: str
    """Of the topics: `Topic.named(broker.prefix)`."""
    app_id: str

    @property
    def connection(self) -> dict[str, str]:
        return {"bootstrap_servers": self.bootstrap}

    async def create_topics(self, partitions: int = 1, topics=TOPICS) -> None:
        wanted = admin.declared(prefix=self.prefix, partitions=partitions, topics=topics)
        await admin.create(self.connection, wanted)


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[str]:
    with asyncio.Runner() as runner:
        running = embedded.broker()
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory) -> Iterator[str]:
    if named := os.environ.get("MARQAB_TEST_KAFKA"):
        yield named
        return
    if reason := kafka.missing():
        pytest.skip(reason)
    with asyncio.Runner() as runner:
        running = kafka.cluster(tmp_path_factory.mktemp("kafka"))
        yield runner.run(running.__aenter__()).bootstrap
        runner.run(running.__aexit__(None, None, None))


_numbers = itertools.count(1)


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request) -> Broker:
    """A running broker with a topic prefix of its own; `await broker.create_topics()` makes the declared topics."""
    kind: str = request.param
    bootstrap = request.getfixturevalue(f"{kind}_broker")
    own = f"t{os.getpid()}-{next(_numbers)}"
    return Broker(kind, bootstrap, f"{own}.", own)
