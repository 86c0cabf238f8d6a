"""What a worker remembers stands in Kafka: a lost or damaged local store, or another machine, changes nothing."""

import shutil

import pytest

from agents.breaker import FEWEST
from agents.lane import BATCH_MESSAGES, BATCHES_ON_THE_WAY
from schemas.errors import Misconfigured
from schemas.topics import POSTS, REJECTS
from tests.contracts.harness import committed, count, publish, run_through, worker
from tests.faults.story import STORY, alerts, undisturbed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


def lose(folder):
    shutil.rmtree(folder)


def garble(folder):
    damaged = [path for path in folder.rglob("*") if path.name == "CURRENT"]
    assert damaged
    for path in damaged:
        path.write_bytes(b"not a manifest")


def truncate(folder):
    damaged = [path for path in folder.rglob("*") if path.name.startswith("MANIFEST")]
    assert damaged
    for path in damaged:
        path.write_bytes(path.read_bytes()[:17])


@pytest.mark.parametrize("damage", [lose, garble, truncate])
async def test_a_damaged_store_is_made_anew_from_its_changelog(broker, tmp_path, damage):
    await broker.create_topics(1)
    folder = tmp_path / "state"
    await publish(broker, STORY[:200])
    await run_through(broker, folder)
    damage(folder)

    await publish(broker, STORY[200:])
    await run_through(broker, folder)

    assert await alerts(broker) == undisturbed()


async def test_when_nothing_can_be_read_the_worker_stops(broker, tmp_path):
    await broker.create_topics(1)
    await publish(broker, [b"not a post"] * 20 * FEWEST)
    with pytest.raises(Misconfigured, match="the normalizer stops: 100 of the last 100 messages could not be read"):
        async with worker(broker, tmp_path / "state") as (_, task):
            await task
    # What a lane had sent before the first hundred were counted is out: a batch that was just handed over, the rest of
    # the one in which they were counted, and those on the way between. Nothing is sent after that.
    most = FEWEST + (BATCHES_ON_THE_WAY + 2) * BATCH_MESSAGES
    assert FEWEST <= await count(broker, REJECTS) <= most
    assert await committed(broker, POSTS) <= most
