"""A right is withdrawn while the worker runs: it says which, ends, and loses nothing until the right is given back."""

import asyncio
import contextlib
from dataclasses import dataclass

import pytest
from aiokafka.protocol.admin import DeleteAclsRequest

from deploy.kafka import cluster as kafka
from deploy.kafka.secured import Secured, secured
from marqab.access import _ALLOW, _CODES, _PATTERNS, _RESOURCES, _door, grant
from marqab.rights import ROLES, Right, rights
from schemas.topics import POSTS, REPORTS
from tests.contracts.harness import publish, worked_off
from tests.contracts.test_secured import House
from tests.faults.story import PATIENCE_SECONDS, STORY, alerts, unsettled, until_committed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

WHO = "User:worker"


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """A Kafka that asks who you are."""
    if reason := kafka.missing():
        pytest.skip(reason)
    with asyncio.Runner() as runner:
        running = secured(tmp_path_factory.mktemp("secured") / "kafka", ROLES)
        yield runner.run(running.__aenter__())
        runner.run(running.__aexit__(None, None, None))


@dataclass(frozen=True)
class Inside:
    """The broker for those who may do everything."""

    secured: Secured
    prefix: str
    app_id: str

    @property
    def connection(self):
        return self.secured.connection()


async def withdraw(inside: Inside, right: Right) -> None:
    """Take these operations from the worker's login."""
    conn = await _door(inside.connection)
    try:
        for operation in right.operations:
            rule = (_RESOURCES[right.kind], right.name, _PATTERNS[False], WHO, "*", _CODES[operation], _ALLOW)
            answer = await conn.send(DeleteAclsRequest(*rule))
            ((code, _, taken),) = answer.filter_responses
            assert (code, len(taken)) == (0, 1)
    finally:
        conn.close()


class Runs:
    """`marqab worker` again and again, as its supervisor does; what each run said at its end."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.said: list[tuple[int, str]] = []
        self.ended = asyncio.Condition()

    async def keep(self) -> None:
        while True:
            process = await self._house.start("worker", "worker")
            try:
                _, err = await process.communicate()
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
            async with self.ended:
                self.said.append((process.returncode, err.decode()))
                self.ended.notify_all()
            await asyncio.sleep(0.2)


def withdrawn(inside: Inside) -> dict[str, Right]:
    return {
        "write": Right("topic", REPORTS.named(inside.prefix), ("Write",)),
        "read": Right("topic", POSTS.named(inside.prefix), ("Read",)),
        "group": Right("group", inside.app_id, ("Read",)),
    }


@pytest.mark.parametrize("which", ["write", "read", "group"])
async def test_a_right_withdrawn_while_it_runs_is_named_and_nothing_is_lost(doors, tmp_path, which):
    house = await House(doors, tmp_path).made()
    inside = Inside(doors, house.prefix, house.app_id)
    right = withdrawn(inside)[which]
    runs = Runs(house)
    keeping = asyncio.ensure_future(runs.keep())
    try:
        await publish(inside, STORY[:200])
        await until_committed(inside, 1)
        await withdraw(inside, right)
        await publish(inside, STORY[200:300])
        async with asyncio.timeout(PATIENCE_SECONDS), runs.ended:
            await runs.ended.wait_for(lambda: len(runs.said) >= 2)
        await grant(
            inside.connection, [(WHO, one) for one in rights("worker", prefix=house.prefix, app_id=house.app_id)]
        )
        await publish(inside, STORY[300:])
        await worked_off(inside, seconds=PATIENCE_SECONDS)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    first, second = runs.said[:2]
    assert first[0] != 0
    assert right.name in first[1].splitlines()[-1], "the worker that was running says what it may not do any more"
    assert second[0] == 2
    assert str(right) in second[1], "and the next one refuses to start, naming the right"
    assert await alerts(inside) == unsettled()
