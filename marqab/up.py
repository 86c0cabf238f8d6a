"""`marqab up`: the broker where none was named, the topics, the connectors and the worker, until stopped."""

import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from marqab import admin, embedded
from marqab.kafka import client_options
from marqab.settings import Settings
from marqab.supervise import Child

log = logging.getLogger(__name__)

EMBEDDED_NOTICE = (
    "no Kafka was named (MARQAB_KAFKA_BOOTSTRAP_SERVERS), so marqab runs on its embedded broker: it keeps everything "
    "in memory, cursors included, and forgets it when marqab stops"
)


@asynccontextmanager
async def broker_of(settings: Settings) -> AsyncIterator[str]:
    """The address of the named Kafka, or of an embedded broker that lives as long as this context."""
    async with contextlib.AsyncExitStack() as stack:
        if settings.embedded:
            log.info(EMBEDDED_NOTICE)
            yield await stack.enter_async_context(embedded.broker(port=settings.embedded_port))
        else:
            yield settings.kafka_bootstrap_servers


def wanted_topics(settings: Settings) -> tuple[admin.Wanted, ...]:
    """The declared topics as these settings want them, and the changelogs of the worker's tables."""
    count, copies = settings.partitions, settings.replication_factor
    return (
        *admin.declared(prefix=settings.topic_prefix, partitions=count, replication=copies),
        *admin.tables(settings.app_id, partitions=count, replication=copies),
    )


async def create_topics(settings: Settings, bootstrap: str) -> admin.Outcome:
    """Create the declared topics that are missing; says where existing ones differ."""
    return await admin.create({"bootstrap_servers": bootstrap, **client_options(settings)}, wanted_topics(settings))


def halves(settings: Settings, bootstrap: str) -> list[Child]:
    """The two processes of marqab, told by environment which broker to use."""
    # What the command line said, the halves must hear too: they see its environment only.
    environ = {"MARQAB_KAFKA_BOOTSTRAP_SERVERS": bootstrap, "MARQAB_SOURCES": str(settings.sources.absolute())}
    if settings.embedded:
        environ["MARQAB_EMBEDDED_BROKER"] = "1"
    marqab = [sys.executable, "-m", "marqab"]
    return [
        Child("worker", [*marqab, "worker"], environ),
        Child("connectors", [*marqab, "connectors"], environ, (signal.SIGHUP,)),
    ]
