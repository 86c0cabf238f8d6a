"""Faust's producer: idempotent, and what it holds leaves only while the worker's partitions are its own.

A worker that was frozen (stopped, swapped out, its machine suspended) or cut off has lost its partitions when it comes
back, but not what lies in its producer: rows of changelogs older than those that the new owner has written since.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.errors import KafkaTimeoutError
from faust.transport.drivers import aiokafka as driver

from agents.lease import Lease

log = logging.getLogger(__name__)

ASK_SECONDS: Final = 0.05


class Leased(driver.aiokafka.AIOKafkaProducer):  # type: ignore[misc]
    """An aiokafka producer that holds its batches while the lease is in doubt, and fails them when it was lost."""

    def __init__(self, *args: Any, lease: Lease, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lease = lease
        self._send_produce = self._sender._send_produce_req
        self._sender._send_produce_req = self._send_when_ours

    async def _send_when_ours(self, node_id: int, batches: Mapping[Any, Any]) -> None:
        oldest = min(batch._ctime for batch in batches.values())
        while not self._lease.lost_since(oldest):
            if self._lease.holds():
                await self._send_produce(node_id, batches)
                return
            await asyncio.sleep(ASK_SECONDS)
        # What fails here leaves a hole in the sequence that the broker would refuse: the worker ends and starts anew.
        log.error("%d batches are not sent: the partitions were lost while they waited", len(batches))
        self._lease.refused += len(batches)
        for place, batch in batches.items():
            batch.failure(exception=KafkaTimeoutError(f"{place}: the partitions were lost while messages waited"))
            self._sender._muted_partitions.discard(place)
        self._sender._in_flight.discard(node_id)


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust offers idempotence only with its transactions; retries without it may double messages."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"enable_idempotence": True, "lease": self.app.lease}

    @property
    def _producer_type(self) -> type[Leased]:
        return Leased
